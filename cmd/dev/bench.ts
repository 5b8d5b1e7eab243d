/**
 * `npm run bench`: the design's budgets as JSON lines, one per figure: {name, value, unit, aim, …}. Nothing fails by them.
 * Each scenario runs in a process of its own, so that memory is its own; `npm run bench -- NAME…` runs some of them.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { scenarios } from './bench/scenarios.ts';

const chosen = process.argv.slice(2);
const inner = chosen[0] === '--in-process';
const names = inner ? chosen.slice(1) : chosen.length > 0 ? chosen : Object.keys(scenarios);
for (const name of names) {
  const scenario = scenarios[name];
  if (scenario === undefined) {
    process.stderr.write(`no scenario ${name}; one of ${Object.keys(scenarios).join(', ')}\n`);
    process.exitCode = 64;
  } else if (inner) {
    await scenario();
  } else {
    const args = [
      '--expose-gc',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'bench.ts'),
      '--in-process',
      name,
    ];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}

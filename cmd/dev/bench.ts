/**
 * `npm run bench`: the design's budgets as JSON lines, one per figure: {name, value, unit, aim, …}. Nothing fails by them.
 * Each scenario runs in a process of its own, so that none warms up another; `npm run bench -- NAME…` runs some of them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Figure, figure } from './bench/figure.ts';
import { scenarios } from './bench/scenarios.ts';

/** Runs one scenario elsewhere, and passes on what it prints. */
async function runApart(name: string): Promise<readonly Figure[]> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'bench.ts'),
    '--in-process',
    name,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const figures: Figure[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`);
    if (line.startsWith('{')) figures.push(JSON.parse(line) as Figure);
  }
  const [code] = await exited;
  if (code !== 0) process.exitCode = 1;
  return figures;
}

/** How the cost of a commit grows where the repository doubles: 1 is flat. */
function flatness(figures: readonly Figure[]): void {
  const spans = figures.filter(({ name }) => name === 'one changed file: pushed to applied, p50');
  const [half, whole] = [10_010, 20_010].map((objects) => spans.find((span) => span.objects === objects));
  if (half === undefined || whole === undefined) return;
  figure('one changed file: 20,000 objects against 10,000', whole.value / half.value, 'times', { aim: 1 });
}

const chosen = process.argv.slice(2);
const inner = chosen[0] === '--in-process';
const names = inner ? chosen.slice(1) : chosen.length > 0 ? chosen : Object.keys(scenarios);
const unknown = names.filter((name) => !Object.hasOwn(scenarios, name));
if (unknown.length > 0) {
  process.stderr.write(`no scenario ${unknown.join(', ')}; there are ${Object.keys(scenarios).join(', ')}\n`);
  process.exitCode = 64;
} else if (inner) {
  for (const name of names) await scenarios[name]?.();
} else {
  const figures: Figure[] = [];
  for (const name of names) figures.push(...(await runApart(name)));
  flatness(figures);
}

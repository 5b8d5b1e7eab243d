/**
 * `npm run check`: types, lint and format, house rules and unit tests, with fewer tries than `npm test` has. `--static` leaves the tests out;
 * `--seeds N` plays so many random histories.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { runAva } from './run-ava.ts';
import { takeSeeds } from './seeds-option.ts';
import { unitRuns } from './test-runs.ts';

takeSeeds(process.argv);
const root = dirname(dirname(import.meta.dirname));

function passes(title: string, program: string, args: readonly string[]): boolean {
  const result = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  process.stdout.write(`${result.status === 0 ? '✔' : '✘'} ${title}\n`);
  return result.status === 0;
}

const sound = [
  passes('types', 'typescript/bin/tsc', ['-p', '.']),
  passes('lint and format', '@biomejs/biome/bin/biome', [
    'ci',
    '--error-on-warnings',
    process.stdout.isTTY ? '--colors=force' : '--colors=off',
    '.',
  ]),
];
if (!process.argv.includes('--static')) {
  for (const run of unitRuns) sound.push((await runAva(run, { quick: true })).failed === 0);
}
process.exitCode = sound.every(Boolean) ? 0 : 1;

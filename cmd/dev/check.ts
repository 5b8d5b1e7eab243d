/** `npm run check`: types, lint and format, house rules and unit tests. `--static` leaves the tests out. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { runAva } from './run-ava.ts';

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
if (!process.argv.includes('--static')) sound.push((await runAva('ava.config.js')).failed === 0);
process.exitCode = sound.every(Boolean) ? 0 : 1;

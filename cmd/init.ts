import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../lib/base/errors.ts';
import type { CommandIo } from './command-io.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { runGit } from './run-git.ts';

/** `pintle init [DIR]`: a new repository with the example in it, one commit on main. */
export async function initCommand(directory: string, io: CommandIo): Promise<ExitCode> {
  const target = resolve(io.cwd, directory);
  await makeExampleRepository(target);
  io.stdout(
    `Made ${target}, a repository with an example shop in it. To run it:\n\n  pintle up --repo ${directory}\n`,
  );
  return exitCodes.ok;
}

/**
 * A repository with manifests-example in its first commit, `edited` before it is made. UserError DIRECTORY_NOT_EMPTY when
 * something is there.
 */
export async function makeExampleRepository(
  target: string,
  edited: (directory: string) => void = () => {},
): Promise<void> {
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new UserError('DIRECTORY_NOT_EMPTY', `${target} is not empty`);
  mkdirSync(target, { recursive: true });
  cpSync(exampleDirectory(), target, { recursive: true });
  edited(target);
  await runGit(['init', '--quiet', '--initial-branch=main'], target);
  await runGit(['add', '--all'], target);
  await runGit(['commit', '--quiet', '--message', 'An example shop'], target);
}

/** manifests-example is beside the sources, and beside the bundle. */
export function exampleDirectory(): string {
  const found = ['manifests-example', '../manifests-example']
    .map((path) => resolve(import.meta.dirname, path))
    .find(existsSync);
  if (found === undefined)
    throw new UserError('EXAMPLE_MISSING', 'manifests-example is not beside this program; install it whole');
  return found;
}

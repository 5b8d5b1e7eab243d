import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { WorldError } from '../../base/errors.ts';
import { afterScript } from './after-script.ts';
import { type ChangeUserTool, findChangeUserTool } from './change-user.ts';
import { containerFiles, streams } from './container-directory.ts';
import { entering } from './entering.ts';
import { runScript } from './keeper-script.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { MARKER, markerValue } from './marker.ts';
import { findProgram } from './program-path.ts';

/** What the machine offers for launching, found once. */
export type LaunchTools = {
  readonly keeperScript: string;
  readonly shell: string;
  readonly envProgram: string;
  readonly searchPath: string;
  readonly changeUser: ChangeUserTool;
};

/** The spec with its program found, or why it cannot be run. */
export function resolveLaunch(
  spec: LaunchSpec,
): { readonly ok: true; readonly spec: LaunchSpec } | { readonly ok: false; readonly message: string } {
  const [program = '', ...args] = spec.argv;
  if (program === '')
    return { ok: false, message: 'no command: without images the manifest has to name the command' };
  const texts = [...spec.argv, spec.cwd, ...spec.env.flat()];
  if (texts.some((text) => text.includes('\0'))) {
    return { ok: false, message: 'a command or an environment variable holds a zero byte' };
  }
  if (spec.env.some(([name]) => name === '' || name.includes('='))) {
    return { ok: false, message: 'an environment variable has no valid name' };
  }
  const searchPath = spec.env.findLast(([name]) => name === 'PATH')?.[1] ?? '/usr/bin:/bin';
  const cwd = resolve('/', spec.cwd);
  const found = findProgram({ program, cwd, searchPath, user: spec.user });
  return found.ok ? { ok: true, spec: { ...spec, cwd, argv: [found.path, ...args] } } : found;
}

/** Fills a new container's directory; the spec comes last, by rename: a directory with a spec is whole. */
export function prepareDirectory(spec: LaunchSpec, directory: string, tools: LaunchTools): void {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const inputPath = join(directory, containerFiles.enter);
  const how = spec.isolated === undefined ? entering(spec, tools) : { argv: spec.argv, env: spec.env };
  if ('input' in how) {
    rmSync(inputPath, { force: true });
    writeFileSync(inputPath, how.input, { mode: 0o400 });
    if (spec.user !== null) chownSync(inputPath, spec.user, spec.user);
  }
  writeFileSync(
    join(directory, containerFiles.run),
    runScript({
      stdin: !spec.stdin ? 'none' : spec.stdinOnce ? 'once' : 'open',
      bounded: spec.user !== null,
      entering: how,
      inputPath,
      nodePath: process.execPath,
    }),
    { mode: 0o700 },
  );
  for (const stream of streams) {
    const path = join(directory, `${stream}.log`);
    closeSync(openSync(path, 'a', 0o600));
    // So that a program can open /dev/stdout again by its name, as many images do.
    if (spec.user !== null) chownSync(path, spec.user, spec.user);
  }
  if (spec.stdin) makePipe(join(directory, containerFiles.stdin));
  if (spec.stdin && spec.stdinOnce) makePipe(join(directory, containerFiles.hold));
  if (spec.isolated !== undefined) {
    writeFileSync(join(directory, containerFiles.awaits), '', { mode: 0o600 });
    writeFileSync(join(directory, containerFiles.after), afterScript(spec.isolated), { mode: 0o600 });
  }
  const next = join(directory, `${containerFiles.spec}.next`);
  writeFileSync(next, JSON.stringify(spec), { mode: 0o600 });
  renameSync(next, join(directory, containerFiles.spec));
}

function makePipe(path: string): void {
  if (existsSync(path)) return;
  const made = spawnSync('mkfifo', ['-m', '600', path], { stdio: 'ignore', timeout: 5_000 });
  if (made.status !== 0) throw new WorldError('DRIVER_FAILED', `mkfifo ${path} failed`, { path });
}

/** The keeper lives in a session of its own: what ends this process does not end it. */
export function spawnKeeper(
  spec: LaunchSpec,
  { directory, root }: { readonly directory: string; readonly root: string },
  tools: LaunchTools,
): ChildProcess {
  const keeper = spawn(tools.shell, [tools.keeperScript, directory], {
    cwd: '/',
    detached: true,
    env: { PATH: tools.searchPath, [MARKER]: markerValue(root, spec.id) },
    stdio: 'ignore',
  });
  keeper.unref();
  return keeper;
}

/** Records that the program could not be started. */
export function recordFailure(directory: string, message: string): void {
  const next = join(directory, `${containerFiles.failed}.next`);
  writeFileSync(next, message, { mode: 0o600 });
  renameSync(next, join(directory, containerFiles.failed));
}

/** Records the end of a container that nobody saw end. */
export function recordLost(directory: string): void {
  const next = join(directory, 'exit.lost');
  writeFileSync(next, '?\n', { mode: 0o600 });
  renameSync(next, join(directory, containerFiles.exit));
}

/** Finds what launching needs and writes the keeper's script. Throws WorldError DRIVER_FAILED when the machine lacks something. */
export function findLaunchTools(agentDirectory: string, script: string): LaunchTools {
  const searchPath = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const find = (program: string): string => {
    const found = findProgram({ program, cwd: '/', searchPath, user: null });
    if (found.ok) return found.path;
    throw new WorldError('DRIVER_FAILED', `this machine has no ${program}, which running containers needs`);
  };
  for (const program of ['setsid', 'mv', 'mkfifo']) find(program);
  const keeperScript = join(agentDirectory, 'keeper.sh');
  const next = `${keeperScript}.${process.pid}`;
  // A keeper that runs reads the old file on.
  writeFileSync(next, script, { mode: 0o600 });
  renameSync(next, keeperScript);
  return {
    keeperScript,
    shell: find('sh'),
    envProgram: find('env'),
    searchPath,
    changeUser: findChangeUserTool(searchPath),
  };
}

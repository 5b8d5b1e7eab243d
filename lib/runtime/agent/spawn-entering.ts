import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { entering } from './entering.ts';
import type { LaunchTools } from './launch.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { MARKER } from './marker.ts';

let spawned = 0;

/**
 * Spawns a resolved spec as its user, in a session of its own, with pipes for output. Before the change of user nothing of the spec
 * takes effect. `directory`: the container's, which only we can look into.
 */
export function spawnEntering(
  spec: LaunchSpec,
  options: {
    readonly directory: string;
    readonly marker: string;
    readonly tools: LaunchTools;
    readonly stdin: boolean;
  },
): ChildProcess {
  const { directory, marker, tools } = options;
  const stdin = options.stdin ? 'pipe' : 'ignore';
  const [first = '', ...rest] = spec.argv;
  if (spec.user === null) {
    const { cwd } = spec;
    const env = { ...Object.fromEntries(spec.env), [MARKER]: marker };
    return spawn(first, rest, { cwd, detached: true, env, stdio: [stdin, 'pipe', 'pipe'] });
  }
  const how = entering(spec, tools);
  const [program = '', ...args] = how.argv;
  const fds = [inputFile(join(directory, `enter.${spawned}`), how.input, spec.user)];
  spawned += 1;
  try {
    if (how.needsNode) fds.push(openSync(process.execPath, 'r'));
    return spawn(program, args, {
      cwd: '/',
      detached: true,
      env: { PATH: tools.searchPath, [MARKER]: marker },
      stdio: [stdin, 'pipe', 'pipe', ...fds],
    });
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

/** A file without a name: the child opens it again through its descriptor, which is why it has to be the user's. */
function inputFile(path: string, text: string, user: number): number {
  const fd = openSync(path, 'wx+', 0o400);
  // CRASH: what stays of it goes with the container.
  rmSync(path);
  fchownSync(fd, user, user);
  const bytes = Buffer.from(text);
  // With a position: what reads from the descriptor itself begins at the beginning.
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
  return fd;
}

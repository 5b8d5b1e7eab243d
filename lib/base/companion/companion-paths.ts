import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, WorldError } from '../errors.ts';

/** A companion: a process of ours that outlives the daemon. Everything about one lies in its own directory, mode 0700. */
export type CompanionPaths = {
  readonly directory: string;
  readonly socketPath: string;
  readonly logPath: string;
};

/** sun_path holds 108 bytes with the closing zero (unix(7)). */
const SOCKET_PATH_BYTES_MAX = 107;

/**
 * Makes and checks the directory of companion `name`. A data directory whose path is too long for a unix socket gets a short
 * directory of ours for it, under /run or the temporary directory. Throws WorldError DIRECTORY_UNSAFE when it is not ours alone.
 */
export function companionPaths(options: {
  readonly dataDirectory: string;
  readonly name: string;
}): CompanionPaths {
  const directory = join(options.dataDirectory, options.name);
  mkdirSync(options.dataDirectory, { recursive: true, mode: 0o700 });
  privateDirectory(directory);
  const logPath = join(directory, `${options.name}.log`);
  const socketPath = join(directory, 'socket');
  if (Buffer.byteLength(socketPath) <= SOCKET_PATH_BYTES_MAX) return { directory, socketPath, logPath };
  const digest = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 20);
  const short = join(shortRoot(), `pintle-${process.getuid?.() ?? 0}-${digest}`);
  privateDirectory(short);
  return { directory, socketPath: join(short, 'socket'), logPath };
}

function shortRoot(): string {
  for (const root of ['/run', process.env.XDG_RUNTIME_DIR ?? '', tmpdir()]) {
    if (root === '' || root.length > 60) continue;
    try {
      accessSync(root, constants.W_OK | constants.X_OK);
      return root;
    } catch {
      // The next one may do.
    }
  }
  return '/tmp';
}

/** The directory exists, is no link, is ours, and nobody else may look in. */
export function privateDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
  }
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== (process.getuid?.() ?? stat.uid)) {
    throw new WorldError('DIRECTORY_UNSAFE', `${path} is not a directory of ours`, { path });
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

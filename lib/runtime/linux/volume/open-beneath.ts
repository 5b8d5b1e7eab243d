import { closeSync, constants, fstatSync, mkdirSync, openSync, readlinkSync } from 'node:fs';
import { codeOf, WorldError } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';

/** Linux: names a file without opening it; the same number on all architectures that Node runs on. */
const O_PATH = 0o10000000;

export type OpenedPath = {
  readonly fd: number;
  readonly isDirectory: boolean;
};

/**
 * Finds `path` below the directory `base`, one name at a time, following no link out of it: programs may change what is there while
 * we look. Directories that are missing are made where `make` says so. The caller closes the descriptor, which names what was found
 * and does not open it. WorldError DRIVER_FAILED.
 */
export function openBeneath(base: string, path: string, make: { readonly mode: number } | null): OpenedPath {
  const opened = [openSync(base, O_PATH | constants.O_DIRECTORY)];
  const left = path.split('/').filter((name) => name !== '' && name !== '.');
  let links = 0;
  try {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      if (name === '..') {
        const inner = opened.length > 1 ? opened.pop() : undefined;
        if (inner === undefined) throw leaves(path);
        closeSync(inner);
        continue;
      }
      const at = `/proc/self/fd/${opened.at(-1)}/${name}`;
      const fd = openOrMake(at, make, path);
      const stat = fstatSync(fd);
      if (!stat.isSymbolicLink()) {
        opened.push(fd);
        if (!stat.isDirectory() && left.length > 0) throw failed(path, 'is not a directory');
        continue;
      }
      closeSync(fd);
      links += 1;
      const target = readlinkSync(at);
      if (target.startsWith('/')) throw leaves(path);
      if (links > limits.symlinksMax) throw failed(path, 'has too many links');
      left.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
    }
    const fd = opened.pop() ?? -1;
    return { fd, isDirectory: fstatSync(fd).isDirectory() };
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

function openOrMake(at: string, make: { readonly mode: number } | null, path: string): number {
  try {
    return openSync(at, O_PATH | constants.O_NOFOLLOW);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
    if (make === null) throw failed(path, 'does not exist in its volume');
  }
  try {
    mkdirSync(at, { mode: make.mode });
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
  }
  return openSync(at, O_PATH | constants.O_NOFOLLOW);
}

const leaves = (path: string): WorldError => failed(path, 'leads out of its volume');

function failed(path: string, what: string): WorldError {
  return new WorldError('DRIVER_FAILED', `the subPath ${JSON.stringify(path)} ${what}`);
}

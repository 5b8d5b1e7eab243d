import { chmodSync, copyFileSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { othersCanReach } from './pods-directory.ts';

/**
 * A directory with our `node` in it that pods can reach: where it lies, or, when a directory above it keeps other users out (a clone
 * in /root), one among the pods with a link to the file, or a copy of it where a link cannot be.
 */
export function nodeDirectoryForPods(root: string, ownUsers: boolean): string {
  const own = dirname(process.execPath);
  if (!ownUsers || othersCanReach(own)) return own;
  const directory = join(root, '.bin');
  const path = join(directory, 'node');
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  chmodSync(directory, 0o755);
  if (sizeOf(path) === sizeOf(process.execPath)) return directory;
  const next = `${path}.${process.pid}`;
  rmSync(next, { force: true });
  try {
    linkSync(process.execPath, next);
  } catch {
    // Another file system.
    copyFileSync(process.execPath, next);
    chmodSync(next, 0o755);
  }
  renameSync(next, path);
  return directory;
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

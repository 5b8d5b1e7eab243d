import { lstatSync, readlinkSync } from 'node:fs';
import { codeOf } from '../../base/errors.ts';

/** Where a symbolic link leads; null when there is none. */
export function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

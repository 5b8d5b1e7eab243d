import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { codeOf } from '../../../base/errors.ts';

/** What lies at a path in the layers below, seen through all of them. Texts are latin1, as tar entries have them. */
export type Below =
  | { readonly kind: 'directory'; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'other' };

export type LookBelow = (path: string) => Below | null;

/**
 * Looks into unpacked layers, lowest first. Goes part by part and follows no link, for a link of a layer leads anywhere. Directories that
 * hide those below (opaque) are not told from others: what comes of it is the mode of a directory that nobody described.
 */
export function belowLayers(layers: readonly string[]): LookBelow {
  return (path) => {
    for (const layer of [...layers].reverse()) {
      const found = lookIn(layer, path);
      if (found === 'hidden') return null;
      if (found !== 'absent') return found;
    }
    return null;
  };
}

function lookIn(layer: string, path: string): Below | 'absent' | 'hidden' {
  const parts = path.split('/');
  let at = Buffer.from(layer, 'utf8');
  for (const [index, part] of parts.entries()) {
    at = Buffer.concat([at, Buffer.from(`/${part}`, 'latin1')]);
    const stats = lstatOf(at);
    if (stats === null) return 'absent';
    const isLast = index === parts.length - 1;
    if (stats.isDirectory() && !isLast) continue;
    if (stats.isDirectory())
      return { kind: 'directory', mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
    // A whiteout, or what is no directory: nothing of the layers below shows through it.
    if (stats.isCharacterDevice() || !isLast) return 'hidden';
    if (stats.isSymbolicLink()) return { kind: 'symlink', target: readlinkSync(at, 'latin1') };
    return { kind: 'other' };
  }
  return 'absent';
}

function lstatOf(path: Buffer): Stats | null {
  try {
    return lstatSync(path);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

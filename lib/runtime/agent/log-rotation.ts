import {
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { codeOf } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Stream } from './container-directory.ts';
import { logPaths, rotatedSegments } from './log-segments.ts';

/** Stops the writers and lets them go on; `freeze` returns once no write is under way. */
export type Freezer = { freeze(): void; thaw(): void };

/**
 * Moves the current log's content to the next segment without losing a byte: most of it is copied while the container writes, then
 * it is frozen, the rest copied, the file truncated. `seen` is told the final length before the index moves too. Keeps `logFilesMax` files with the current one.
 * CRASH at any step: `finishRotation` puts it right; the container may be left frozen until then.
 */
export function rotateLog(
  directory: string,
  stream: Stream,
  options: { readonly freezer: Freezer; readonly seen: (endBytes: number) => void },
): void {
  const { freezer } = options;
  const paths = logPaths(directory, stream);
  const segments = rotatedSegments(directory, stream);
  const n = (segments.at(-1) ?? 0) + 1;
  const from = firstKept(paths.current);
  // What was cut off shifts the rest: times of it would be of other lines.
  if (from > 0) rmSync(paths.currentIndex, { force: true });
  writeFileSync(paths.next, '', { mode: 0o600 });
  copyBeyond(paths, paths.next, from);
  writeFileSync(paths.rotating, String(n), { mode: 0o600 });
  freezer.freeze();
  try {
    copyBeyond(paths, paths.next, from);
    options.seen(statSync(paths.next).size);
    renameSync(paths.next, paths.segment(n));
    renameIfThere(paths.currentIndex, paths.segmentIndex(n));
    truncateSync(paths.current, 0);
    // From here on nothing is in two places; the mark stays until the container goes on, for it must not be forgotten frozen.
    writeFileSync(paths.rotating, MOVED, { mode: 0o600 });
  } finally {
    freezer.thaw();
  }
  rmSync(paths.rotating, { force: true });
  for (const old of segments.filter((one) => one <= n - limits.logFilesMax + 1)) {
    rmSync(paths.segment(old), { force: true });
    rmSync(paths.segmentIndex(old), { force: true });
  }
}

/** What the mark says when nothing is left to do but to thaw; until then the number of the segment. */
const MOVED = '0';

/** Completes or undoes what a rotation left that was cut off; the writers are frozen or gone. True when there was one. */
export function finishRotation(directory: string, stream: Stream): boolean {
  const paths = logPaths(directory, stream);
  const n = rotating(paths.rotating);
  if (n === null) return false;
  const segmentBytes = sizeOrNull(paths.segment(n));
  if (segmentBytes !== null) {
    const currentBytes = sizeOrNull(paths.current) ?? 0;
    // Smaller: it was truncated already.
    if (currentBytes >= segmentBytes) {
      copyBeyond(paths, paths.segment(n), 0);
      truncateSync(paths.current, 0);
    }
    if (sizeOrNull(paths.segmentIndex(n)) === null) renameIfThere(paths.currentIndex, paths.segmentIndex(n));
  }
  rmSync(paths.next, { force: true });
  rmSync(paths.rotating, { force: true });
  return true;
}

function rotating(path: string): number | null {
  const bytes = sizeOrNull(path);
  if (bytes === null) return null;
  const fd = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(16);
    const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, 16, 0));
    // Empty: it was just being written; either nothing was renamed yet, or all of it is done.
    return /^[1-9]\d*$/.test(text) ? Number(text) : 0;
  } finally {
    closeSync(fd);
  }
}

/** Where copying begins: at the beginning, unless the program made its log (it can open it again) larger than any log is. */
function firstKept(path: string): number {
  const { size } = statSync(path);
  return size > limits.logRotatedBytesMax ? size - limits.logFileBytesMax : 0;
}

/**
 * Appends to `to`, which holds the current log from `from` on, what comes behind. No more than the bound, and no more than there is
 * now: a process that is not frozen could write as fast as we read.
 */
function copyBeyond({ current }: { readonly current: string }, to: string, from: number): void {
  const fd = openSync(current, 'r');
  try {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    let at = from + statSync(to).size;
    const end = Math.min(fstatSync(fd).size, at + limits.logRotatedBytesMax);
    while (at < end) {
      const bytes = readSync(fd, buffer, 0, Math.min(buffer.length, end - at), at);
      if (bytes === 0) return;
      appendFileSync(to, buffer.subarray(0, bytes));
      at += bytes;
    }
  } finally {
    closeSync(fd);
  }
}

function sizeOrNull(path: string): number | null {
  try {
    return statSync(path).size;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
  }
}

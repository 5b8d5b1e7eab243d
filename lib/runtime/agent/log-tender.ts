import { statSync, truncateSync } from 'node:fs';
import type { EpochMs } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { type Stream, streams } from './container-directory.ts';
import { appendIndexEntry, readIndex } from './log-index.ts';
import { type Freezer, finishRotation, rotateLog } from './log-rotation.ts';
import { logPaths } from './log-segments.ts';

/** Keeps the indexes of one container's logs, and their size. */
export interface LogTender {
  /** Looks at a stream: what is new gets `now` as its time; a log that is full is rotated. */
  note(stream: Stream, now: EpochMs, freezer: Freezer | null): void;
}

/**
 * @param freezer  of whoever writes, null when it does not run. Thawed when a rotation was cut off.
 */
export function tendLogs(directory: string, freezer: Freezer | null): LogTender {
  const indexed: Record<Stream, number> = { stdout: 0, stderr: 0 };
  const rotateAtBytes: Record<Stream, number> = {
    stdout: limits.logFileBytesMax,
    stderr: limits.logFileBytesMax,
  };
  const rotate = (stream: Stream, writers: Freezer, now: EpochMs): void => {
    const { currentIndex } = logPaths(directory, stream);
    const seen = (endBytes: number): void => {
      if (endBytes > indexed[stream]) appendIndexEntry(currentIndex, { endBytes, atMs: now });
    };
    try {
      rotateLog(directory, stream, { freezer: writers, seen });
      indexed[stream] = 0;
      rotateAtBytes[stream] = limits.logFileBytesMax;
    } catch (thrown) {
      // A full disk: what was begun is undone, and tried again when the log has grown some more.
      finishRotation(directory, stream);
      indexed[stream] = Math.min(indexed[stream], sizeOrNull(logPaths(directory, stream).current) ?? 0);
      rotateAtBytes[stream] += limits.logFileBytesMax / 8;
      throw thrown;
    }
  };
  for (const stream of streams) {
    const paths = logPaths(directory, stream);
    if (finishRotation(directory, stream)) freezer?.thaw();
    const entries = readIndex(paths.currentIndex);
    const indexBytes = entries.length * 16;
    if ((sizeOrNull(paths.currentIndex) ?? 0) > indexBytes) truncateSync(paths.currentIndex, indexBytes);
    indexed[stream] = entries.at(-1)?.endBytes ?? 0;
  }
  return {
    note: (stream, now, writers) => {
      const paths = logPaths(directory, stream);
      const bytes = sizeOrNull(paths.current);
      if (bytes === null || bytes === indexed[stream]) return;
      if (bytes < indexed[stream]) {
        // The program truncated its own log through /dev/stdout.
        truncateSync(paths.currentIndex, 0);
      }
      if (bytes > 0) appendIndexEntry(paths.currentIndex, { endBytes: bytes, atMs: now });
      indexed[stream] = bytes;
      if (bytes < rotateAtBytes[stream] || writers === null) return;
      rotate(stream, writers, now);
    },
  };
}

function sizeOrNull(path: string): number | null {
  try {
    return statSync(path).size;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

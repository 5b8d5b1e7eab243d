import { appendFileSync, renameSync, statSync } from 'node:fs';
import { systemClock } from '../lib/base/clock.ts';
import { jsonLog, type Log, type LogLevel } from '../lib/base/log.ts';

/** A log in a file that only we read. One that is full is put aside as `<path>.1`, the one before it goes: it holds no more than twice `bytesMax`. */
export function fileLog(options: {
  readonly path: string;
  readonly level: LogLevel;
  readonly bytesMax: number;
}): Log {
  const { path, level, bytesMax } = options;
  let bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return jsonLog({
    clock: systemClock(),
    level,
    write(line) {
      try {
        if (bytes > bytesMax) {
          renameSync(path, `${path}.1`);
          bytes = 0;
        }
        appendFileSync(path, `${line}\n`, { mode: 0o600 });
        bytes += Buffer.byteLength(line) + 1;
      } catch {
        // A full disk must not end the daemon over a log line; the store says it where it matters.
      }
    },
  });
}

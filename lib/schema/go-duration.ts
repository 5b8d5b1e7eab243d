import type { DurationMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Go keeps durations in 64 bits of nanoseconds. */
const DURATION_MS_MAX = 2 ** 63 / 1e6;

/** `1h30m`, `1.5h`, `-10ms`, `0`; null when it is not a duration or too long for Go. */
export function parseGoDuration(text: string): DurationMs | null {
  if (text.length > limits.goDurationCharsMax) return null;
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  // Every part begins with a digit or a dot: `ms` could be `m` and `s` otherwise, and many of them any mixture.
  if (!/^(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(unsigned)) return null;
  let totalMs = 0;
  for (const [, amount = '', unit = ''] of unsigned.matchAll(/([0-9.]*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    totalMs += Number(amount) * (UNIT_MS.get(unit) ?? 0);
  }
  if (totalMs >= DURATION_MS_MAX) return null;
  return text.startsWith('-') ? -totalMs : totalMs;
}

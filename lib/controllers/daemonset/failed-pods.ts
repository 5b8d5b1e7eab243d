import type { DurationMs, EpochMs } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';

/**
 * How often pods failed on which node, so that one that cannot work is not made anew without end. In memory only: after a
 * restart the back-off starts over. Source: upstream's failedPodsBackoff.
 */
export type FailedPods = {
  /** Until when the failed pod of `key` is left where it is; null: it may be replaced. */
  retryAt(key: string): EpochMs | null;
  /** It was replaced: the next one waits longer. */
  replaced(key: string, now: EpochMs): void;
};

export function failedPods(): FailedPods {
  /** Oldest first. */
  const entries = new Map<string, { readonly delayMs: DurationMs; readonly sinceMs: EpochMs }>();
  const { daemonSetBackOffBaseMs: baseMs, daemonSetBackOffMaxMs: maxMs } = timings;
  return {
    retryAt(key) {
      const entry = entries.get(key);
      return entry === undefined ? null : entry.sinceMs + entry.delayMs;
    },
    replaced(key, now) {
      const before = entries.get(key);
      const isOver = before === undefined || now - before.sinceMs > 2 * maxMs;
      entries.delete(key);
      entries.set(key, { sinceMs: now, delayMs: isOver ? baseMs : Math.min(maxMs, before.delayMs * 2) });
      for (const oldest of entries.keys()) {
        if (entries.size <= limits.daemonSetBackOffsMax) break;
        entries.delete(oldest);
      }
    },
  };
}

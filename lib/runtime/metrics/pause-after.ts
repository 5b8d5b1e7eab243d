import type { DurationMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';

/** Of the whole time, so much at most goes to reading what one pod says: everything else waits meanwhile. */
const SHARE = 0.01;

/**
 * How long a pod is left alone after something it said took so long to read. What takes long is asked the less often; at most a window is
 * skipped, for the clock may have been set while it was read.
 */
export function pauseAfter(readingMs: DurationMs): DurationMs {
  const fairMs = Math.min(readingMs / SHARE, timings.metricRateWindowMs);
  return Math.max(timings.metricScrapeMs, fairMs);
}

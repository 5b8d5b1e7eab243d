import type { DurationMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';

/** How long a pod is left alone after so many tries (from 1): a second, doubling to ten. Source: upstream. */
export function backOffMs(attempts: number): DurationMs {
  const { schedulerBackOffMinMs: least, schedulerBackOffMaxMs: most } = timings;
  return Math.min(most, least * 2 ** Math.min(attempts - 1, 30));
}

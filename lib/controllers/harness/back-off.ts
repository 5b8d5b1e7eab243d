import type { DurationMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';

/** How long to wait before try number `failures` + 1: doubles from 5 ms to 1000 s. Source: client-go's default rate limiter. */
export function backOffMs(failures: number): DurationMs {
  const { controllerBackOffMinMs, controllerBackOffMaxMs } = timings;
  if (failures <= 1) return controllerBackOffMinMs;
  return Math.min(controllerBackOffMaxMs, controllerBackOffMinMs * 2 ** (failures - 1));
}

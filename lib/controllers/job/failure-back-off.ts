import type { DurationMs, EpochMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';

/** The failures of a Job (or of one of its indexes) since its last success. */
export type FailureRecord = { readonly failures: number; readonly lastFailureAtMs: EpochMs | null };

/** A success at the very time of a failure, or after it, makes up for it. Source: upstream backoff_utils.go newBackoffRecord. */
export function failureRecord(finished: {
  readonly succeededAtMs: readonly EpochMs[];
  readonly failedAtMs: readonly EpochMs[];
}): FailureRecord {
  const lastSuccess = finished.succeededAtMs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const since = finished.failedAtMs.filter((at) => at > lastSuccess);
  return {
    failures: since.length,
    lastFailureAtMs: since.length === 0 ? null : since.reduce((a, b) => Math.max(a, b)),
  };
}

export type BackOffBounds = { readonly baseMs: DurationMs; readonly maxMs: DurationMs };
const production: BackOffBounds = { baseMs: timings.jobBackOffBaseMs, maxMs: timings.jobBackOffMaxMs };

/** When the next pod may be made: base · 2^(failures-1) after the last failure, at most max. null: at once. */
export function backOffEndsAt(record: FailureRecord, bounds: BackOffBounds = production): EpochMs | null {
  const { failures, lastFailureAtMs } = record;
  if (failures === 0 || lastFailureAtMs === null) return null;
  return lastFailureAtMs + Math.min(bounds.maxMs, bounds.baseMs * 2 ** (failures - 1));
}

import type { EpochMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { Pod } from '../../schema/types.gen.ts';
import type { FilterName } from '../filters/filter.ts';
import { backOffMs } from './back-off.ts';

/** A pod without a node; changed in place by the queue it belongs to. */
export type PendingEntry = {
  pod: Pod;
  attempts: number;
  /** `out`: given out, and what became of it is not told yet. */
  at: 'queued' | 'out' | 'parked';
  /** Of what is parked. */
  dueAt: EpochMs;
  backOffUntil: EpochMs;
  /** Where the log of events was when it was given out. */
  outSince: number;
  blockers: ReadonlySet<FilterName>;
};

const NONE: ReadonlySet<FilterName> = new Set();

export function newEntry(pod: Pod): PendingEntry {
  return { pod, attempts: 0, at: 'parked', dueAt: 0, backOffUntil: 0, outSince: 0, blockers: NONE };
}

/**
 * One more attempt has come to nothing. Without blockers it is tried again when its back-off is over; with them after a long time, should
 * what helps have been missed; while it has gates, never.
 */
export function failEntry(
  entry: PendingEntry,
  { now, blockers = NONE }: { readonly now: EpochMs; readonly blockers?: ReadonlySet<FilterName> },
): void {
  entry.at = 'parked';
  entry.attempts += 1;
  entry.backOffUntil = now + backOffMs(entry.attempts);
  entry.blockers = blockers;
  if (blockers.has('SchedulingGates')) entry.dueAt = Number.POSITIVE_INFINITY;
  else entry.dueAt = blockers.size === 0 ? entry.backOffUntil : now + timings.schedulerFlushMs;
}

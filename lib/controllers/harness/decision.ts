import type { Note } from '../../api/event-recorder.ts';
import type { EpochMs } from '../../base/clock.ts';

/** What a pure decide function answers: all that is to be done about one object, and why it is not more. */
export type Decision<Action, Status, Wait extends string> = {
  /** What to do; empty is a valid answer. */
  readonly actions: readonly Action[];
  /** What to report. */
  readonly status: Status;
  /** Why not more. */
  readonly waitingOn: readonly Wait[];
  /** When to look again though nothing happened; null: when something happens. */
  readonly requeueAtMs: EpochMs | null;
  /** Events to record about the object that was decided on, once it is done. */
  readonly notes: readonly Note[];
};

/** The earlier of two times to look again. */
export function earlier(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

import type { EpochMs } from '../../base/clock.ts';
import type { PendingEntry } from './pending-entry.ts';
import { HELPS, type SchedulingEvent } from './scheduling-event.ts';

/** Pods that wait for something to happen, or for their time. */
export type ParkedPods = {
  add(entry: PendingEntry): void;
  delete(entry: PendingEntry): void;
  due(now: EpochMs): readonly PendingEntry[];
  /** Those with a blocker that may decide otherwise after the event. */
  helpedBy(event: SchedulingEvent): readonly PendingEntry[];
  /** When the first is due; null: none ever is, unless something happens. */
  nextAt(): EpochMs | null;
};

export function parkedPods(): ParkedPods {
  const entries = new Set<PendingEntry>();
  return {
    add: (entry) => void entries.add(entry),
    delete: (entry) => void entries.delete(entry),
    due: (now) => [...entries].filter(({ dueAt }) => dueAt <= now),
    helpedBy(event) {
      const helped = HELPS[event];
      return [...entries].filter(({ blockers }) => [...blockers].some((name) => helped.has(name)));
    },
    nextAt() {
      let next = Number.POSITIVE_INFINITY;
      for (const { dueAt } of entries) next = Math.min(next, dueAt);
      return Number.isFinite(next) ? next : null;
    },
  };
}

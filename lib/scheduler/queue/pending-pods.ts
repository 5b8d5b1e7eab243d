import type { EpochMs } from '../../base/clock.ts';
import { deepEqual } from '../../base/json.ts';
import type { Pod } from '../../schema/types.gen.ts';
import type { FilterName } from '../filters/filter.ts';
import { eventLog } from './event-log.ts';
import { parkedPods } from './parked-pods.ts';
import { failEntry, newEntry, type PendingEntry } from './pending-entry.ts';
import type { SchedulingEvent } from './scheduling-event.ts';
import { waitingLine } from './waiting-line.ts';

/** The pods without a node, and when each is to be tried. */
export type PendingPods = {
  /** As the API has it now. A change of what is scheduled by gives another try. */
  set(pod: Pod, now: EpochMs): void;
  delete(uid: string): void;
  get(uid: string): Pod | undefined;
  /** So many of those to be tried now, highest priority first, then oldest. They are given out once: what became of them is to be told. */
  take(countMax: number, now: EpochMs): readonly Pod[];
  /** It found no node: nothing but what helps one of its blockers, a change of its own or much time gives it another try. */
  park(pod: Pod, blockers: ReadonlySet<FilterName>, now: EpochMs): void;
  /** What was decided could not be done: after a back-off it is tried again. */
  retry(uid: string, now: EpochMs): void;
  /** `isHelped` says for which pods; unset: for all. */
  wake(event: SchedulingEvent, now: EpochMs, isHelped?: (pod: Pod) => boolean): void;
  /** When the next one is to be tried; null: none, until something happens. */
  nextAt(): EpochMs | null;
};

export function pendingPods(): PendingPods {
  const entries = new Map<string, PendingEntry>();
  const parked = parkedPods();
  const line = waitingLine();
  const log = eventLog();
  const enqueue = (entry: PendingEntry): void => {
    parked.delete(entry);
    if (entry.at === 'queued') return;
    entry.at = 'queued';
    line.add(entry);
  };
  /** Now, or when its back-off is over. */
  const hasten = (entry: PendingEntry, now: EpochMs): void => {
    if (entry.backOffUntil <= now) enqueue(entry);
    else entry.dueAt = Math.min(entry.dueAt, entry.backOffUntil);
  };
  return {
    set(pod, now) {
      const uid = pod.metadata.uid ?? '';
      const before = entries.get(uid);
      if (before === undefined) {
        const entry = newEntry(pod);
        entries.set(uid, entry);
        enqueue(entry);
        return;
      }
      const isChanged = !isScheduledAlike(before.pod, pod);
      before.pod = pod;
      if (!isChanged || before.at !== 'parked') return;
      // Gates that are lifted were no attempt.
      if (before.blockers.has('SchedulingGates')) before.backOffUntil = now;
      hasten(before, now);
    },
    delete(uid) {
      const entry = entries.get(uid);
      if (entry !== undefined) parked.delete(entry);
      entries.delete(uid);
    },
    get: (uid) => entries.get(uid)?.pod,
    take(countMax, now) {
      for (const entry of parked.due(now)) enqueue(entry);
      return line.take(countMax, (entry) => {
        if (entries.get(entry.pod.metadata.uid ?? '') !== entry || entry.at !== 'queued') return null;
        entry.at = 'out';
        entry.outSince = log.position();
        return entry.pod;
      });
    },
    park(pod, blockers, now) {
      const entry = entries.get(pod.metadata.uid ?? '');
      if (entry === undefined) return;
      failEntry(entry, { now, blockers });
      parked.add(entry);
      // What happened while it was decided on was told to nobody.
      if (!isScheduledAlike(entry.pod, pod) || log.hasHelped(blockers, entry.outSince)) hasten(entry, now);
    },
    retry(uid, now) {
      const entry = entries.get(uid);
      if (entry === undefined) return;
      failEntry(entry, { now });
      parked.add(entry);
    },
    wake(event, now, isHelped = () => true) {
      log.add(event);
      for (const entry of parked.helpedBy(event)) if (isHelped(entry.pod)) hasten(entry, now);
    },
    nextAt: () => (line.isEmpty() ? parked.nextAt() : 0),
  };
}

function isScheduledAlike(a: Pod, b: Pod): boolean {
  return deepEqual(a.spec, b.spec) && deepEqual(a.metadata.labels, b.metadata.labels);
}

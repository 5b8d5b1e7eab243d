import type { Pod } from '../../schema/types.gen.ts';
import { byPriority } from '../decide.ts';
import type { PendingEntry } from './pending-entry.ts';

/** Entries in the order of the queue. Sorted when one is taken: what came since the last time is little beside what is in order. */
export function waitingLine() {
  let entries: PendingEntry[] = [];
  let isSorted = true;
  return {
    isEmpty: () => entries.length === 0,
    add(entry: PendingEntry) {
      entries.push(entry);
      isSorted = false;
    },
    take(countMax: number, claim: (entry: PendingEntry) => Pod | null): readonly Pod[] {
      // The last is the first to go.
      if (!isSorted) entries.sort((a, b) => byPriority(b.pod, a.pod));
      isSorted = true;
      const taken: Pod[] = [];
      while (taken.length < countMax) {
        const entry = entries.pop();
        if (entry === undefined) break;
        const pod = claim(entry);
        if (pod !== null) taken.push(pod);
      }
      if (entries.length === 0) entries = [];
      return taken;
    },
  };
}

import { pastEntries } from './past-entries.ts';
import type { Batch, Snapshot } from './persistence.ts';
import { type PinnedRest, pinnedLists } from './pinned-lists.ts';
import { firstIndex, sortedKeys } from './sorted-keys.ts';
import {
  type Entry,
  type ListPage,
  type Revision,
  type Store,
  type StoreEvent,
  StoreExpired,
} from './store.ts';

/** What is durable, in memory: the newest value of every key, and lists of it. */
export type DurableEntries = Pick<Store, 'revision' | 'read' | 'list'> & {
  /** Takes a committed batch in; gives what it changed. */
  apply(batch: Batch): readonly StoreEvent[];
};

/** Keeps the snapshot's entries; they are sorted by key. `since`: the events after a revision; StoreExpired when some are gone. */
export function durableEntries(
  snapshot: Snapshot,
  since: (revision: Revision, prefix: string) => readonly StoreEvent[],
): DurableEntries {
  const entries = new Map(snapshot.entries.map((entry) => [entry.key, entry]));
  const keys = sortedKeys(snapshot.entries.map((entry) => entry.key));
  const pinned = pinnedLists();
  let durable = snapshot.revision;

  const entriesOf = (found: Iterable<string>): readonly Entry[] =>
    [...found].flatMap((key) => entries.get(key) ?? []);
  return {
    revision: () => durable,
    read: (key) => entries.get(key),
    list(prefix, { limit, after, at } = {}) {
      const held = at === undefined ? undefined : pinned.rest(prefix, at, after ?? '');
      if (at !== undefined && held !== undefined) return pageOf(held, { limit, revision: at });
      if (at !== undefined && at !== durable) {
        if (at > durable) throw new StoreExpired(`revision ${at} has not been reached; this is ${durable}`);
        // Its pin went to make room, or nobody asked for it yet: it is made again while its events are held.
        const past = pastEntries(entriesOf(keys.startingWith(prefix)), since(at, prefix), at);
        const page = pageOf({ entries: past, from: indexAfter(past, after) }, { limit, revision: at });
        if (page.next !== undefined) pinned.pin(prefix, at, past);
        return page;
      }
      const now = entriesOf(keys.startingWith(prefix, after));
      const page = pageOf({ entries: now, from: 0 }, { limit, revision: durable });
      if (page.next !== undefined) pinned.pin(prefix, durable, now, after);
      return page;
    },
    apply({ revision, writes }) {
      const events: StoreEvent[] = [];
      for (const { key, value } of writes) {
        const previous = entries.get(key)?.value ?? null;
        if (value === null && previous === null) continue;
        if (value === null) {
          entries.delete(key);
          keys.remove(key);
        } else {
          entries.set(key, { key, value, revision });
          if (previous === null) keys.add(key);
        }
        events.push({ key, revision, value, previous });
      }
      durable = revision;
      return events;
    },
  };
}

function indexAfter(entries: readonly Entry[], after: string | undefined): number {
  if (after === undefined) return 0;
  return firstIndex(entries.length, (index) => (entries[index]?.key ?? '') > after);
}

function pageOf(
  rest: PinnedRest,
  options: { readonly limit: number | undefined; readonly revision: Revision },
): ListPage {
  const { limit, revision } = options;
  const end = limit === undefined || limit <= 0 ? rest.entries.length : rest.from + limit;
  const page = rest.entries.slice(rest.from, end);
  const remaining = Math.max(0, rest.entries.length - end);
  return { entries: page, revision, next: remaining > 0 ? page.at(-1)?.key : undefined, remaining };
}

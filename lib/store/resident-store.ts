import { assert, WorldError } from '../base/errors.ts';
import { appendQueue } from './append-queue.ts';
import { eventRing } from './event-ring.ts';
import type { Batch, Persistence, Snapshot } from './persistence.ts';
import { type PinnedRest, pinnedLists } from './pinned-lists.ts';
import { sortedKeys } from './sorted-keys.ts';
import {
  type Entry,
  type ListPage,
  type Revision,
  type Store,
  StoreConflict,
  type StoreEvent,
  StoreExpired,
  type Write,
} from './store.ts';
import { watchers } from './watchers.ts';

/** A queued write: what the key will hold once it is durable (undefined: deleted). */
type Queued = { readonly revision: Revision; readonly entry: Entry | undefined };

/**
 * The store in memory, in front of a persistence. Reads see what is durable; compare-and-swap sees what is queued; memory
 * and watchers change only after the persistence has committed.
 */
export function residentStore(options: {
  readonly snapshot: Snapshot;
  readonly persistence: Persistence;
}): Store {
  const entries = new Map(options.snapshot.entries.map((entry) => [entry.key, entry]));
  const keys = sortedKeys(options.snapshot.entries.map((entry) => entry.key));
  const ring = eventRing(options.snapshot.revision);
  const watching = watchers();
  const pinned = pinnedLists();
  const queued = new Map<string, Queued>();
  let durable = options.snapshot.revision;
  let given = options.snapshot.revision;
  let closed: Promise<void> | null = null;

  const queue = appendQueue({
    persistence: options.persistence,
    onCommitted(batches) {
      const events = batches.flatMap(applyBatch);
      ring.push(events);
      watching.publish(events);
    },
    // Revisions given to failed batches stay given: a number is never used twice.
    onFailed: () => queued.clear(),
  });

  const applyBatch = ({ revision, writes }: Batch): readonly StoreEvent[] => {
    const events: StoreEvent[] = [];
    for (const { key, value } of writes) {
      const previous = entries.get(key)?.value ?? null;
      if (queued.get(key)?.revision === revision) queued.delete(key);
      if (value === null) {
        if (previous === null) continue;
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
  };
  const readQueued = (key: string): Entry | undefined => {
    const pending = queued.get(key);
    return pending === undefined ? entries.get(key) : pending.entry;
  };
  const enqueue = (
    build: readonly Write[] | ((revision: Revision) => readonly Write[]),
  ): Promise<Revision> => {
    if (closed !== null) throw new WorldError('STORE_CLOSED', 'the store is closed');
    if (queue.full) throw new WorldError('STORE_UNWRITABLE', 'too many writes wait for the disk');
    const revision = given + 1;
    const writes = typeof build === 'function' ? build(revision) : build;
    if (writes.length === 0) return queue.add({ revision: given, writes });
    checkWrites(writes, readQueued);
    given = revision;
    for (const { key, value } of writes) {
      queued.set(key, { revision, entry: value === null ? undefined : { key, value, revision } });
    }
    return queue.add({ revision, writes });
  };
  return {
    revision: () => durable,
    // A failing build or compare-and-swap rejects; it never throws at the caller.
    append: async (build) => enqueue(build),
    read: (key) => entries.get(key),
    readQueued,
    list(prefix, page = {}) {
      const { limit, after, at } = page;
      if (at !== undefined && at > durable) throw new StoreExpired(`revision ${at} has not been reached`);
      const held = at === undefined ? undefined : pinned.rest(prefix, at, after ?? '');
      if (at !== undefined && held !== undefined) return pageOf(held, { limit, revision: at });
      if (at !== undefined && at !== durable) {
        throw new StoreExpired(`the list at revision ${at} is no longer held`);
      }
      const entriesNow = entriesOf(entries, keys.startingWith(prefix, after));
      const result = pageOf({ entries: entriesNow, from: 0 }, { limit, revision: durable });
      if (result.next !== undefined) pinned.pin(prefix, durable, entriesNow);
      return result;
    },
    watch(prefix, from, onEvents) {
      if (from > durable) throw new StoreExpired(`revision ${from} has not been reached; this is ${durable}`);
      return watching.add(prefix, ring.after(from, prefix), onEvents);
    },
    close() {
      closed ??= (async () => {
        await queue.drained();
        watching.closeAll();
        await options.persistence.close();
      })();
      return closed;
    },
  };
}

/** One write a key, each with the value it expects. */
function checkWrites(writes: readonly Write[], readQueued: (key: string) => Entry | undefined): void {
  const seen = new Set<string>();
  for (const { key, expect } of writes) {
    assert(!seen.has(key), `${key} is written twice in one batch`);
    seen.add(key);
    if (expect === undefined) continue;
    const actual = readQueued(key)?.revision;
    if (actual !== (expect === 'absent' ? undefined : expect)) throw new StoreConflict(key, actual);
  }
}

function entriesOf(entries: ReadonlyMap<string, Entry>, keys: Iterable<string>): readonly Entry[] {
  const found: Entry[] = [];
  for (const key of keys) {
    const entry = entries.get(key);
    if (entry !== undefined) found.push(entry);
  }
  return found;
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

import { assert, WorldError } from '../base/errors.ts';
import { appendQueue } from './append-queue.ts';
import { durableEntries } from './durable-entries.ts';
import { eventRing } from './event-ring.ts';
import type { Persistence, Snapshot } from './persistence.ts';
import { type Entry, type Revision, type Store, StoreConflict, StoreExpired, type Write } from './store.ts';
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
  const ring = eventRing(options.snapshot.revision);
  const durable = durableEntries(options.snapshot, ring.after);
  const watching = watchers();
  const queued = new Map<string, Queued>();
  let given = options.snapshot.revision;
  let closed: Promise<void> | null = null;

  const queue = appendQueue({
    persistence: options.persistence,
    onCommitted(batches) {
      const events = batches.flatMap((batch) => durable.apply(batch));
      for (const { revision, writes } of batches) {
        for (const { key } of writes) if (queued.get(key)?.revision === revision) queued.delete(key);
      }
      ring.push(events);
      watching.publish(events);
    },
    // Revisions given to failed batches stay given: a number is never used twice.
    onFailed: () => queued.clear(),
  });
  const readQueued = (key: string): Entry | undefined => {
    const pending = queued.get(key);
    return pending === undefined ? durable.read(key) : pending.entry;
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
    revision: durable.revision,
    // A failing build or compare-and-swap rejects; it never throws at the caller.
    append: async (build) => enqueue(build),
    read: durable.read,
    readQueued,
    list: durable.list,
    watch(prefix, from, onEvents) {
      const reached = durable.revision();
      if (from > reached) throw new StoreExpired(`revision ${from} has not been reached; this is ${reached}`);
      return watching.add(prefix, ring.after(from, prefix), onEvents);
    },
    close() {
      closed ??= queue.drained().then(() => {
        watching.closeAll();
        return options.persistence.close();
      });
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

import type { Entry, Revision, Write } from './store.ts';

/** One appended batch, with the revision it was given. Its compare-and-swaps have been decided. */
export type Batch = { readonly revision: Revision; readonly writes: readonly Write[] };

/** What the disk holds when a store opens. */
export type Snapshot = {
  readonly revision: Revision;
  /** Sorted by key. */
  readonly entries: readonly Entry[];
};

/** Port: where batches are made durable. One call is in flight at a time. */
export interface Persistence {
  /** All batches or none, in one transaction. WorldError STORE_UNWRITABLE when the disk refuses; a later call may succeed. */
  commit(batches: readonly Batch[]): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing: for simulation, dry plans and tests. */
export function noPersistence(): Persistence {
  return { commit: () => Promise.resolve(), close: () => Promise.resolve() };
}

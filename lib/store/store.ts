/** A position in the global commit order. 0 is the empty store; survives restart; never reused. */
export type Revision = number;

export type Entry = {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision that wrote this value. */
  readonly revision: Revision;
};

/** One write. `value: null` deletes. */
export type Write = {
  readonly key: string;
  readonly value: Uint8Array | null;
  /** Compare-and-swap: the revision the key must have now (queued writes count); 'absent' = must not exist. Unset: any. */
  readonly expect?: Revision | 'absent';
};

export type StoreEvent = {
  readonly key: string;
  readonly revision: Revision;
  /** null: deleted. */
  readonly value: Uint8Array | null;
  readonly previous: Uint8Array | null;
};

export type StoreWatch = { close(): void };

export type ListPage = {
  /** Sorted by key. */
  readonly entries: readonly Entry[];
  readonly revision: Revision;
  /** The last key of this page when more follow; undefined at the end. */
  readonly next: string | undefined;
  /** How many entries follow this page. */
  readonly remaining: number;
};

/**
 * Revisions of bytes by key. Knows no Kubernetes.
 * Reads, lists and watches see only what is durable. Every write of a batch gets the same revision.
 */
export interface Store {
  /** The latest durable revision. */
  revision(): Revision;
  /**
   * Commits all writes or none; resolves once durable, with the batch's revision. A batch whose CAS fails rejects with
   * StoreConflict at once, and writes nothing. WorldError STORE_UNWRITABLE when the disk refuses (nothing is written).
   * `build`: computes the batch for the revision it will have (objects carry their resourceVersion in their bytes).
   */
  append(build: readonly Write[] | ((revision: Revision) => readonly Write[])): Promise<Revision>;
  /** The value at `key` that is durable. */
  read(key: string): Entry | undefined;
  /** The value at `key` counting writes that are queued: what a compare-and-swap is checked against. */
  readQueued(key: string): Entry | undefined;
  /**
   * All keys that start with `prefix`. `at`: as they were at that revision, while the store can still tell (StoreExpired when it
   * cannot); values overwritten since then carry it as theirs.
   */
  list(
    prefix: string,
    page?: { readonly limit?: number; readonly after?: string; readonly at?: Revision },
  ): ListPage;
  /**
   * Calls `onEvents` with every event after revision `from`, in order, a batch a call, never synchronously.
   * Throws StoreExpired when the ring no longer reaches back to `from`.
   */
  watch(prefix: string, from: Revision, onEvents: (events: readonly StoreEvent[]) => void): StoreWatch;
  /** Waits for queued writes, then closes. */
  close(): Promise<void>;
}

/** A compare-and-swap failed: `key` has `actual` (undefined: absent). */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
  readonly code = 'STORE_CONFLICT';
  readonly key: string;
  readonly actual: Revision | undefined;
  constructor(key: string, actual: Revision | undefined) {
    super(`conflict on ${key}: it is at ${actual ?? 'no revision'}`);
    this.key = key;
    this.actual = actual;
  }
}

/** The revision asked for is no longer held. */
export class StoreExpired extends Error {
  override readonly name = 'StoreExpired';
  readonly code = 'STORE_EXPIRED';
}

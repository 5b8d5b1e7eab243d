import type { Batch } from './persistence.ts';
import type { Entry, Revision } from './store.ts';

/** `value` null: the key is deleted. */
export type RevisedWrite = {
  readonly key: string;
  readonly revision: Revision;
  readonly value: Uint8Array | null;
};

/**
 * Writes or entries on their way to another thread: all values in one buffer, which is handed over instead of copied, so that
 * a transaction of twenty thousand objects leaves no garbage of its own.
 */
export type Packed = {
  readonly keys: readonly string[];
  readonly revisions: readonly number[];
  /** Where each value ends in `bytes`; -1: there is none, the key is deleted. */
  readonly ends: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
};

export function packEntries(entries: readonly Entry[]): Packed {
  return pack(entries);
}

export function packBatches(batches: readonly Batch[]): Packed {
  return pack(
    batches.flatMap(({ revision, writes }) => writes.map(({ key, value }) => ({ key, revision, value }))),
  );
}

function pack(items: readonly RevisedWrite[]): Packed {
  const bytes = new Uint8Array(items.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0));
  let end = 0;
  const ends = items.map(({ value }) => {
    if (value === null) return -1;
    bytes.set(value, end);
    end += value.byteLength;
    return end;
  });
  return {
    keys: items.map(({ key }) => key),
    revisions: items.map(({ revision }) => revision),
    ends,
    bytes,
  };
}

/** In the order they were packed. Values are views of the one buffer. */
export function* unpack({ keys, revisions, ends, bytes }: Packed): Generator<RevisedWrite> {
  let start = 0;
  for (const [at, key] of keys.entries()) {
    const end = ends[at] ?? -1;
    yield { key, revision: revisions[at] ?? 0, value: end < 0 ? null : bytes.subarray(start, end) };
    if (end >= 0) start = end;
  }
}

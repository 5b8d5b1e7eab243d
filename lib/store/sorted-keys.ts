/** A chunk is split in two when it grows past this; keeps inserts cheap whatever the number of keys. */
const CHUNK_KEYS_MAX = 512;

/** A set of keys in code-unit order: add and remove in O(√n), ranges by binary search. */
export type SortedKeys = {
  add(key: string): void;
  remove(key: string): void;
  /** Keys in order that start with `prefix` and come after `after` (exclusive, when given). */
  startingWith(prefix: string, after?: string): Generator<string>;
  readonly size: number;
};

/** `initial` must be sorted and free of duplicates. */
export function sortedKeys(initial: readonly string[] = []): SortedKeys {
  const chunks: string[][] = [];
  for (let at = 0; at < initial.length; at += CHUNK_KEYS_MAX / 2) {
    chunks.push(initial.slice(at, at + CHUNK_KEYS_MAX / 2));
  }
  let size = initial.length;

  /** The chunk that holds `key` or would: the last one whose first key is not after it. */
  const chunkFor = (key: string): number => {
    const at = firstIndex(chunks.length, (index) => (chunks[index]?.[0] ?? '') > key);
    return Math.max(0, at - 1);
  };
  return {
    get size() {
      return size;
    },
    add(key) {
      const at = chunkFor(key);
      const chunk = chunks[at];
      if (chunk === undefined) {
        chunks.push([key]);
        size += 1;
        return;
      }
      const index = firstIndex(chunk.length, (item) => (chunk[item] ?? '') >= key);
      if (chunk[index] === key) return;
      chunk.splice(index, 0, key);
      size += 1;
      if (chunk.length > CHUNK_KEYS_MAX) chunks.splice(at + 1, 0, chunk.splice(chunk.length >> 1));
    },
    remove(key) {
      const at = chunkFor(key);
      const chunk = chunks[at];
      if (chunk === undefined) return;
      const index = firstIndex(chunk.length, (item) => (chunk[item] ?? '') >= key);
      if (chunk[index] !== key) return;
      chunk.splice(index, 1);
      size -= 1;
      if (chunk.length === 0) chunks.splice(at, 1);
    },
    *startingWith(prefix, after) {
      const start = after !== undefined && after > prefix ? after : prefix;
      for (let at = chunkFor(start); at < chunks.length; at += 1) {
        const chunk = chunks[at] ?? [];
        const first = firstIndex(chunk.length, (item) => (chunk[item] ?? '') >= start);
        for (let index = first; index < chunk.length; index += 1) {
          const key = chunk[index] ?? '';
          if (key === after) continue;
          if (!key.startsWith(prefix)) return;
          yield key;
        }
      }
    },
  };
}

/** The first index in [0, length) where `holds` is true; `length` when none. `holds` must be monotone. */
export function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

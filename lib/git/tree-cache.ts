import { limits } from '../base/limits.ts';
import type { Oid } from './repository.ts';
import type { TreeEntry } from './tree-object.ts';

/** Parsed trees by name, least recently used first out; bounded by the entries they hold. Trees never change. */
export class TreeCache {
  readonly #trees = new Map<Oid, readonly TreeEntry[]>();
  readonly #entriesMax: number;
  #entries = 0;

  constructor(entriesMax: number = limits.treeCacheEntriesMax) {
    this.#entriesMax = entriesMax;
  }

  get(oid: Oid): readonly TreeEntry[] | undefined {
    const entries = this.#trees.get(oid);
    if (entries === undefined) return undefined;
    this.#trees.delete(oid);
    this.#trees.set(oid, entries);
    return entries;
  }

  /** A tree that alone is over the bound is not kept. */
  set(oid: Oid, entries: readonly TreeEntry[]): void {
    const weight = entries.length + 1;
    if (weight > this.#entriesMax || this.#trees.has(oid)) return;
    this.#trees.set(oid, entries);
    this.#entries += weight;
    for (const [oldest, dropped] of this.#trees) {
      if (this.#entries <= this.#entriesMax) break;
      this.#trees.delete(oldest);
      this.#entries -= dropped.length + 1;
    }
  }

  get entryCount(): number {
    return this.#entries;
  }
}

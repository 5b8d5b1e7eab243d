import { assert, UserError, WorldError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { GitEngine } from './engine.ts';
import type { Oid } from './repository.ts';
import { TreeCache } from './tree-cache.ts';
import { parseTree, type TreeEntry } from './tree-object.ts';

/** Reads trees through a bounded cache, so that a new commit costs its changed directories only. */
export class TreeReader {
  readonly #engine: GitEngine;
  readonly #cache = new TreeCache();

  constructor(engine: GitEngine) {
    this.#engine = engine;
  }

  async read(oid: Oid): Promise<readonly TreeEntry[]> {
    const entries = (await this.readAll([oid])).get(oid);
    assert(entries !== undefined, 'a tree that was read is in the answer');
    return entries;
  }

  /**
   * @throws {WorldError} GIT_FAILED with data.reason 'missing-object'
   * @throws {UserError} TREE_TOO_LARGE when one directory has more entries than a listing may have
   */
  async readAll(oids: readonly Oid[]): Promise<ReadonlyMap<Oid, readonly TreeEntry[]>> {
    const found = new Map<Oid, readonly TreeEntry[]>();
    const unread: Oid[] = [];
    for (const oid of new Set(oids)) {
      const cached = this.#cache.get(oid);
      if (cached === undefined) unread.push(oid);
      else found.set(oid, cached);
    }
    if (unread.length === 0) return found;
    const answers = await this.#engine.read(unread, limits.treeObjectBytesMax);
    for (const [at, oid] of unread.entries()) {
      const answer = answers[at];
      if (answer?.kind === 'too-large') {
        throw new UserError('TREE_TOO_LARGE', 'a directory of the repository has too many entries', { oid });
      }
      if (answer?.kind !== 'object' || answer.type !== 'tree') {
        throw new WorldError('GIT_FAILED', `the repository lacks the tree ${oid}`, {
          oid,
          reason: 'missing-object',
        });
      }
      const entries = parseTree(answer.bytes, this.#engine.format);
      this.#cache.set(oid, entries);
      found.set(oid, entries);
    }
    return found;
  }
}

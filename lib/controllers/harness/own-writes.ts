import type { Client, Operation } from '../../api/client.ts';
import type { Informers } from '../../api/informers.ts';
import { type KindRef, type KubeObject, type ObjectRef, refOf } from '../../schema/object.ts';
import { kindKey } from './object-key.ts';
import type { Key } from './work-queue.ts';

/**
 * Remembers what was written for a key until the informers show it, so that a decision never counts without what it did itself
 * (a create would be doubled). It is the first of two guards; the second is that a batch of writes carries its owner's
 * resourceVersion, so that a decision on an owner that has changed since writes nothing.
 *
 * Nothing of it is kept: after a restart the informers' first list has everything that is durable.
 */
export type OwnWrites = {
  /** A client that remembers what it writes for `key`. Kinds without an informer are not waited for. */
  clientFor(key: Key): Client;
  /** Whether the informers have yet to show something written for `key`. Forgets what they have shown. */
  isBehind(key: Key): boolean;
  forgetAll(): void;
};

type Unseen =
  | { readonly kind: KindRef; readonly revision: number }
  | { readonly kind: KindRef; readonly goneUid: string; readonly ref: ObjectRef };

export function ownWrites(options: {
  readonly client: Client;
  readonly informers: Informers;
  readonly kinds: readonly KindRef[];
}): OwnWrites {
  const { client, informers } = options;
  const kinds = new Set(options.kinds.map(kindKey));
  const unseenOf = new Map<Key, readonly Unseen[]>();

  const remember = (key: Key, writes: readonly (Unseen | null)[]): void => {
    const unseen = writes.filter(
      (write) => write !== null && kinds.has(kindKey(write.kind)) && !isShown(write),
    );
    if (unseen.length === 0) return;
    unseenOf.set(key, [...(unseenOf.get(key) ?? []), ...unseen.filter((write) => write !== null)]);
  };
  const isShown = (write: Unseen): boolean => {
    const informer = informers.of(write.kind);
    if ('revision' in write) return Number(informer.resourceVersion) >= write.revision;
    return informer.get(write.ref)?.metadata.uid !== write.goneUid;
  };
  const written = (object: KubeObject): Unseen => ({
    kind: refOf(object),
    revision: Number(object.metadata.resourceVersion),
  });
  /** What is deleted at once leaves no revision behind: it is seen when the informer no longer has it. */
  const gone = (ref: ObjectRef): Unseen | null => {
    if (!kinds.has(kindKey(ref))) return null;
    const goneUid = informers.of(ref).get(ref)?.metadata.uid;
    return goneUid === undefined ? null : { kind: ref, ref, goneUid };
  };
  const unseenIn = (operation: Operation, result: KubeObject | null): Unseen | null => {
    if (result !== null) return written(result);
    return operation.op === 'delete' ? gone(operation.ref) : null;
  };

  return {
    clientFor: (key) => ({
      ...client,
      async create(object, caller) {
        const result = await client.create(object, caller);
        remember(key, [written(result)]);
        return result;
      },
      async update(object, caller, how) {
        const result = await client.update(object, caller, how);
        remember(key, [written(result)]);
        return result;
      },
      async patch<T extends KubeObject>(...args: Parameters<Client['patch']>): Promise<T> {
        const result = await client.patch<T>(...args);
        remember(key, [written(result)]);
        return result;
      },
      async delete(ref, how, caller) {
        const result = await client.delete(ref, how, caller);
        remember(key, [result === null ? gone(ref) : written(result)]);
        return result;
      },
      async transact(operations, caller) {
        const results = await client.transact(operations, caller);
        remember(
          key,
          operations.map((operation, at) => unseenIn(operation, results[at] ?? null)),
        );
        return results;
      },
    }),
    isBehind(key) {
      const left = (unseenOf.get(key) ?? []).filter((write) => !isShown(write));
      if (left.length === 0) unseenOf.delete(key);
      else unseenOf.set(key, left);
      return left.length > 0;
    },
    forgetAll: () => unseenOf.clear(),
  };
}

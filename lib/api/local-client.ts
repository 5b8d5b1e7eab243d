import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { KindRef, KubeObject, ObjectRef } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import type { Revision, Store } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import { noSuchKind } from './api-failures.ts';
import { applyOperations } from './apply-operation.ts';
import type {
  Caller,
  Client,
  ListOptions,
  ObjectList,
  Operation,
  Watch,
  WatchListener,
  WatchOptions,
} from './client.ts';
import { listObjects } from './list-objects.ts';
import { objectCodec } from './object-codec.ts';
import { keyPrefix, objectKey } from './object-key.ts';
import { type Staging, staging } from './staging.ts';
import { watchObjects } from './watch-objects.ts';
import type { ApiSettings } from './write-context.ts';

type Results = readonly (KubeObject | null)[];

/**
 * The Kubernetes API over a store, in process. A write is decided in one turn of the loop, while the store gives it its
 * revision: it sees everything queued before it, so writes never race and never retry. It is answered once durable.
 */
export function localClient(options: {
  readonly store: Store;
  readonly schema: Schema;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: ApiSettings;
}): Client {
  const { store, schema, clock, random, log, settings } = options;
  const codec = objectCodec();
  const podKind = kindNamed(schema, { group: '', kind: 'Pod' });
  let pods = store.list(keyPrefix(podKind)).entries.length;

  const kindOf = (ref: KindRef): Kind => kindNamed(schema, ref);
  const decide = (
    operations: readonly Operation[],
    caller: Caller,
    revision: Revision,
  ): { readonly results: Results; readonly stage: Staging } => {
    const stage = staging(store, codec, revision);
    const context = { schema, settings, random, now: clock.now(), caller, staging: stage, pods };
    return { results: applyOperations(context, operations), stage };
  };
  const write = async (operations: readonly Operation[], caller: Caller): Promise<Results> => {
    if (caller.dryRun) return decide(operations, caller, store.revision()).results;
    let results: Results = [];
    let added = 0;
    const appended = store.append((next) => {
      const decided = decide(operations, caller, next);
      results = decided.results;
      const writes = decided.stage.writes();
      added = decided.stage.added(podKind);
      pods += added;
      return writes;
    });
    appended.catch(() => {
      pods -= added;
    });
    const revision = await appended;
    log.debug('api-write', { user: caller.user, operations: operations.length, revision });
    return results;
  };
  const writeOne = async <T extends KubeObject>(operation: Operation, caller: Caller): Promise<T> => {
    const [result] = await write([operation], caller);
    if (!result) throw new ApiError('InternalError', 'a write left no object');
    return result as T;
  };
  return {
    schema,
    transactional: true,
    async get<T extends KubeObject>(ref: ObjectRef): Promise<T | null> {
      const entry = store.read(objectKey(kindOf(ref), ref));
      return entry === undefined ? null : (codec.decode(entry.value) as T);
    },
    async list<T extends KubeObject>(ref: KindRef, list: ListOptions): Promise<ObjectList<T>> {
      return (await listObjects(store, codec, kindOf(ref), list)) as ObjectList<T>;
    },
    watch<T extends KubeObject>(ref: KindRef, watch: WatchOptions, listener: WatchListener<T>): Watch {
      return watchObjects(store, codec, kindOf(ref), watch, listener);
    },
    create: (object, caller) => writeOne({ op: 'create', object }, caller),
    update: (object, caller, { subresource } = {}) =>
      writeOne({ op: 'update', object, ...(subresource && { subresource }) }, caller),
    patch: (ref, patch, caller, more = {}) => writeOne({ op: 'patch', ref, patch, ...more }, caller),
    async delete(ref, how, caller) {
      const [left] = await write([{ op: 'delete', ref, options: how }], caller);
      return left ?? null;
    },
    transact: write,
  };
}

function kindNamed(schema: Schema, ref: KindRef): Kind {
  const kind = schema.kind(ref);
  if (kind === undefined) throw noSuchKind(ref.group, ref.kind);
  return kind;
}

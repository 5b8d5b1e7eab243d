import { type KindRef, type KubeObject, refKey, refOf } from '../schema/object.ts';
import { isApiError } from './api-error.ts';
import type { Caller, Client, ObjectList, Watch, WatchEvent, WatchListener } from './client.ts';
import { listAll } from './list-all.ts';
import { type Change, objectCache } from './object-cache.ts';

export type { Change } from './object-cache.ts';

/** The objects of a kind, kept as the API has them. Reading is a map lookup; the maps are live, not copies. */
export type Informer<T extends KubeObject = KubeObject> = {
  readonly kind: KindRef;
  /** Resolves when the first list is in. Rejects when the API refuses it. */
  readonly synced: Promise<void>;
  readonly isSynced: boolean;
  /** The revision of the last event or list that was taken in. */
  readonly resourceVersion: string;
  /** By refKey. */
  readonly objects: ReadonlyMap<string, T>;
  get(at: { readonly namespace: string; readonly name: string }): T | undefined;
  inNamespace(namespace: string): readonly T[];
  /** Objects whose controller is the owner with this uid. */
  ownedBy(controllerUid: string): readonly T[];
  /** Calls `onChange` for every change from now on, in order, a listener at a time. */
  onChange(listener: (change: Change<T>) => void): { stop(): void };
  stop(): void;
};

/** Lists and watches; lists again when the watch expires. Changes between two lists are told as changes. */
export function informer<T extends KubeObject = KubeObject>(
  client: Client,
  kind: KindRef,
  caller: Caller,
  options: {
    readonly onChange?: (change: Change<T>) => void;
    /** What of an object is kept (metadata's names, uid, resourceVersion and owners must be). Unset: all of it. */
    readonly keep?: (object: T) => T;
  } = {},
): Informer<T> {
  const cache = objectCache<T>();
  if (options.onChange !== undefined) cache.listen(options.onChange);
  const keep = options.keep ?? ((object) => object);
  const at = { resourceVersion: '0', synced: false, stopped: false };
  let watch: Watch | null = null;

  const take = (event: WatchEvent<T>): void => {
    const { resourceVersion } = event.type === 'BOOKMARK' ? event : event.object.metadata;
    at.resourceVersion = resourceVersion ?? at.resourceVersion;
    if (event.type === 'BOOKMARK') return;
    cache.set(refKey(refOf(event.object)), event.type === 'DELETED' ? undefined : keep(event.object));
  };
  const replaceAll = (listed: ObjectList<T>): void => {
    const gone = new Set(cache.objects.keys());
    for (const object of listed.items) {
      const key = refKey(refOf(object));
      gone.delete(key);
      cache.set(key, keep(object));
    }
    for (const key of gone) cache.set(key, undefined);
    at.resourceVersion = listed.resourceVersion;
    at.synced = true;
  };
  const listener: WatchListener<T> = {
    onEvents(events) {
      if (!at.stopped) for (const event of events) take(event);
    },
    onExpired: () => void relist(),
  };
  /** A kind that was there and is no more has no objects; whoever asks for one that never was has a fault. */
  const listOrGone = async (): Promise<ObjectList<T> | null> => {
    try {
      return await listAll<T>(client, kind, caller);
    } catch (failure) {
      if (at.synced && isApiError(failure, 'NotFound')) return null;
      throw failure;
    }
  };
  const relist = async (): Promise<void> => {
    for (;;) {
      const listed = await listOrGone();
      if (at.stopped) return;
      if (listed === null) {
        for (const key of [...cache.objects.keys()]) cache.set(key, undefined);
        return;
      }
      replaceAll(listed);
      watch = watchFrom(client, kind, { resourceVersion: at.resourceVersion, listener, caller });
      if (watch !== null) return;
    }
  };
  return {
    kind,
    synced: relist(),
    get isSynced() {
      return at.synced;
    },
    get resourceVersion() {
      return at.resourceVersion;
    },
    objects: cache.objects,
    get: cache.get,
    inNamespace: cache.inNamespace,
    ownedBy: cache.ownedBy,
    onChange: cache.listen,
    stop() {
      at.stopped = true;
      watch?.close();
      cache.silence();
    },
  };
}

/** null when the list is too old already to be followed. */
function watchFrom<T extends KubeObject>(
  client: Client,
  kind: KindRef,
  from: { readonly resourceVersion: string; readonly listener: WatchListener<T>; readonly caller: Caller },
): Watch | null {
  try {
    return client.watch<T>(kind, { resourceVersion: from.resourceVersion }, from.listener, from.caller);
  } catch (failure) {
    if (isApiError(failure, 'Expired', 'Gone')) return null;
    throw failure;
  }
}

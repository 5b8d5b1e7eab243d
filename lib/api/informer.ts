import { limits } from '../base/limits.ts';
import { type KindRef, type KubeObject, refKey, refOf } from '../schema/object.ts';
import { isApiError } from './api-error.ts';
import type { Caller, Client, Watch, WatchEvent } from './client.ts';

/** One object that came, changed or went, as the informer saw it. */
export type Change<T extends KubeObject = KubeObject> = {
  /** refKey of the object. */
  readonly key: string;
  /** undefined: it is new. */
  readonly before: T | undefined;
  /** undefined: it is gone. */
  readonly after: T | undefined;
};

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
  /** Calls `onChange` for every change from now on, in order, never while `onChanges` itself runs. */
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
  const objects = new Map<string, T>();
  const byNamespace = index<T>((object) => object.metadata.namespace ?? '');
  const byOwner = index<T>(controllerUid);
  const listeners = new Set(options.onChange === undefined ? [] : [options.onChange]);
  let resourceVersion = '0';
  let isSynced = false;
  let stopped = false;
  let watch: Watch | null = null;

  const keep = options.keep ?? ((object) => object);
  const set = (key: string, whole: T | undefined): void => {
    const after = whole && keep(whole);
    const before = objects.get(key);
    if (before === undefined && after === undefined) return;
    if (before?.metadata.resourceVersion === after?.metadata.resourceVersion) return;
    if (after === undefined) objects.delete(key);
    else objects.set(key, after);
    for (const each of [byNamespace, byOwner]) each.move(key, before, after);
    for (const listener of listeners) listener({ key, before, after });
  };
  const take = (event: WatchEvent<T>): void => {
    if (event.type === 'BOOKMARK') {
      resourceVersion = event.resourceVersion;
      return;
    }
    resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
    set(refKey(refOf(event.object)), event.type === 'DELETED' ? undefined : event.object);
  };
  const relist = async (): Promise<void> => {
    for (;;) {
      const listed = await listAll<T>(client, kind, caller);
      if (stopped) return;
      const seen = new Set<string>();
      for (const object of listed.items) {
        const key = refKey(refOf(object));
        seen.add(key);
        set(key, object);
      }
      for (const key of [...objects.keys()]) if (!seen.has(key)) set(key, undefined);
      resourceVersion = listed.resourceVersion;
      isSynced = true;
      if (follow()) return;
    }
  };
  /** False when the list is too old already to be followed. */
  const follow = (): boolean => {
    try {
      watch = client.watch<T>(
        kind,
        { resourceVersion },
        {
          onEvents: (events) => {
            if (!stopped) for (const event of events) take(event);
          },
          onExpired: () => void relist(),
        },
        caller,
      );
      return true;
    } catch (failure) {
      if (isApiError(failure, 'Expired', 'Gone')) return false;
      throw failure;
    }
  };
  return {
    kind,
    synced: relist(),
    get isSynced() {
      return isSynced;
    },
    get resourceVersion() {
      return resourceVersion;
    },
    objects,
    get: (at) => objects.get(refKey({ ...kind, ...at })),
    inNamespace: (namespace) => byNamespace.of(namespace),
    ownedBy: (uid) => byOwner.of(uid),
    onChange(listener) {
      listeners.add(listener);
      return { stop: () => void listeners.delete(listener) };
    },
    stop() {
      stopped = true;
      watch?.close();
      listeners.clear();
    },
  };
}

type Listed<T> = { readonly items: readonly T[]; readonly resourceVersion: string };

/** Page by page over one snapshot; from the beginning when the snapshot is lost on the way. */
async function listAll<T extends KubeObject>(
  client: Client,
  kind: KindRef,
  caller: Caller,
): Promise<Listed<T>> {
  const items: T[] = [];
  let continueToken: string | undefined;
  for (;;) {
    try {
      const page = await client.list<T>(
        kind,
        { limit: limits.informerPageObjects, ...(continueToken && { continueToken }) },
        caller,
      );
      items.push(...page.items);
      continueToken = page.continueToken;
      if (continueToken === undefined) return { items, resourceVersion: page.resourceVersion };
    } catch (failure) {
      if (continueToken === undefined || !isApiError(failure, 'Expired', 'Gone')) throw failure;
      items.length = 0;
      continueToken = undefined;
    }
  }
}

function controllerUid(object: KubeObject): string {
  return object.metadata.ownerReferences?.find((owner) => owner.controller)?.uid ?? '';
}

type Index<T> = {
  move(key: string, before: T | undefined, after: T | undefined): void;
  of(value: string): readonly T[];
};

function index<T>(groupOf: (object: T) => string): Index<T> {
  const groups = new Map<string, Map<string, T>>();
  return {
    move(key, before, after) {
      const old = before === undefined ? undefined : groupOf(before);
      const value = after === undefined ? undefined : groupOf(after);
      if (old !== undefined && old !== value) {
        const group = groups.get(old);
        group?.delete(key);
        if (group?.size === 0) groups.delete(old);
      }
      if (after === undefined || value === undefined || value === '') return;
      const group = groups.get(value) ?? new Map<string, T>();
      groups.set(value, group.set(key, after));
    },
    of: (value) => [...(groups.get(value)?.values() ?? [])],
  };
}

import type { KubeObject } from '../schema/object.ts';

/** One object that came, changed or went. */
export type Change<T extends KubeObject = KubeObject> = {
  /** refKey of the object. */
  readonly key: string;
  /** undefined: it is new. */
  readonly before: T | undefined;
  /** undefined: it is gone. */
  readonly after: T | undefined;
};

/** Objects by refKey, by namespace and name, and by controller; tells its listeners what changes. */
export type ObjectCache<T extends KubeObject> = {
  readonly objects: ReadonlyMap<string, T>;
  listen(listener: (change: Change<T>) => void): { stop(): void };
  /** Nobody is told any more. */
  silence(): void;
  /** `after` undefined: it is gone. Nothing happens when it is at the same resourceVersion already. */
  set(key: string, after: T | undefined): void;
  get(at: { readonly namespace: string; readonly name: string }): T | undefined;
  /** '': those that are in none. */
  inNamespace(namespace: string): readonly T[];
  ownedBy(controllerUid: string): readonly T[];
};

export function objectCache<T extends KubeObject>(): ObjectCache<T> {
  const objects = new Map<string, T>();
  // By name within its namespace: a look-up by both makes no text.
  const byNamespace = index<T>({ groupOf: (object) => object.metadata.namespace ?? '', keyOf: nameOf });
  const byOwner = index<T>({ groupOf: controllerUid, keyOf: (_, key) => key });
  const listeners = new Set<(change: Change<T>) => void>();
  return {
    objects,
    listen(listener) {
      listeners.add(listener);
      return { stop: () => void listeners.delete(listener) };
    },
    silence: () => listeners.clear(),
    set(key, after) {
      const before = objects.get(key);
      if (before === undefined && after === undefined) return;
      if (before?.metadata.resourceVersion === after?.metadata.resourceVersion) return;
      if (after === undefined) objects.delete(key);
      else objects.set(key, after);
      for (const each of [byNamespace, byOwner]) each.move(key, before, after);
      for (const listener of listeners) listener({ key, before, after });
    },
    get: ({ namespace, name }) => byNamespace.group(namespace)?.get(name),
    inNamespace: (namespace) => [...(byNamespace.group(namespace)?.values() ?? [])],
    ownedBy: (uid) => [...(byOwner.group(uid)?.values() ?? [])],
  };
}

function nameOf(object: KubeObject): string {
  return object.metadata.name;
}

function controllerUid(object: KubeObject): string | null {
  return object.metadata.ownerReferences?.find((owner) => owner.controller)?.uid ?? null;
}

type Index<T> = {
  move(key: string, before: T | undefined, after: T | undefined): void;
  group(value: string): ReadonlyMap<string, T> | undefined;
};

/** Objects of group null are not kept. An object's key within its group never changes. */
function index<T>({
  groupOf,
  keyOf,
}: {
  readonly groupOf: (object: T) => string | null;
  readonly keyOf: (object: T, key: string) => string;
}): Index<T> {
  const groups = new Map<string, Map<string, T>>();
  return {
    move(key, before, after) {
      const old = before === undefined ? null : groupOf(before);
      const value = after === undefined ? null : groupOf(after);
      if (before !== undefined && old !== null && old !== value) {
        const group = groups.get(old);
        group?.delete(keyOf(before, key));
        if (group?.size === 0) groups.delete(old);
      }
      if (after === undefined || value === null) return;
      const group = groups.get(value) ?? new Map<string, T>();
      groups.set(value, group.set(keyOf(after, key), after));
    },
    group: (value) => groups.get(value),
  };
}

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

/** Objects by refKey, by namespace and by controller; tells its listeners what changes. */
export type ObjectCache<T extends KubeObject> = {
  readonly objects: ReadonlyMap<string, T>;
  listen(listener: (change: Change<T>) => void): { stop(): void };
  /** Nobody is told any more. */
  silence(): void;
  /** `after` undefined: it is gone. Nothing happens when it is at the same resourceVersion already. */
  set(key: string, after: T | undefined): void;
  inNamespace(namespace: string): readonly T[];
  ownedBy(controllerUid: string): readonly T[];
};

export function objectCache<T extends KubeObject>(): ObjectCache<T> {
  const objects = new Map<string, T>();
  const byNamespace = index<T>((object) => object.metadata.namespace ?? '');
  const byOwner = index<T>(controllerUid);
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
    inNamespace: (namespace) => byNamespace.of(namespace),
    ownedBy: (uid) => byOwner.of(uid),
  };
}

function controllerUid(object: KubeObject): string {
  return object.metadata.ownerReferences?.find((owner) => owner.controller)?.uid ?? '';
}

type Index<T> = {
  move(key: string, before: T | undefined, after: T | undefined): void;
  of(value: string): readonly T[];
};

/** Objects of group '' are not kept. */
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

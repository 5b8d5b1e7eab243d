import type { KindRef, KubeObject, ObjectRef } from '../../schema/object.ts';
import type { Key } from './work-queue.ts';

export function keyOf(object: KubeObject): Key {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** The object of `kind` that a key names. */
export function refOfKey(kind: KindRef, key: Key): ObjectRef {
  const slash = key.indexOf('/');
  return { group: kind.group, kind: kind.kind, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function kindKey({ group, kind }: KindRef): string {
  return `${group}/${kind}`;
}

import type { ObjectRef } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';

/** `/<group>/<plural>/<namespace>/<name>`: group '' and namespace '' leave their place empty (`//pods/shop/web-1`). */
export function objectKey(kind: Kind, at: { readonly namespace: string; readonly name: string }): string {
  // Joined: a key is kept for as long as its object, and a template would be kept with all its parts.
  return ['', kind.group, kind.plural, kind.namespaced ? at.namespace : '', at.name].join('/');
}

/** What all keys of a kind start with; of one namespace when given. */
export function keyPrefix(kind: Kind, namespace?: string): string {
  const all = `/${kind.group}/${kind.plural}/`;
  return namespace === undefined || !kind.namespaced ? all : `${all}${namespace}/`;
}

/** `deployments.apps "web"`, as Kubernetes names an object in its messages. */
export function resourceText(kind: Kind, name: string): string {
  return `${kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`} "${name}"`;
}

export function refIn(kind: Kind, at: { readonly namespace: string; readonly name: string }): ObjectRef {
  return {
    group: kind.group,
    kind: kind.kind,
    namespace: kind.namespaced ? at.namespace : '',
    name: at.name,
  };
}

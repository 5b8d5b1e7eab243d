import type { JsonValue } from '../base/json.ts';
import type { ObjectMeta } from './types.gen.ts';

/** Any Kubernetes object. The types of types.gen.ts are assignable to it. */
export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: JsonValue | undefined;
};

/** A kind without its version: what an object is, whichever version it was written in. Core has group ''. */
export type KindRef = { readonly group: string; readonly kind: string };

/** Names one object. `namespace` is '' for cluster-scoped kinds. */
export type ObjectRef = KindRef & { readonly namespace: string; readonly name: string };

/** `apps/v1` → group `apps`; `v1` → group ''. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** `apps/v1` → `v1`. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

/** group + version → apiVersion, as manifests write it. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { group: groupOf(object.apiVersion), kind: object.kind, namespace: namespace ?? '', name };
}

/** A total, sortable text of a ref: `apps/Deployment/shop/web`, `/Pod/default/web-1`. */
export function refKey(ref: ObjectRef): string {
  // Joined, not a template: these are keys of many maps, and a template would keep its parts beside the text (100 bytes each).
  return [ref.group, ref.kind, ref.namespace, ref.name].join('/');
}

/** For people: `Deployment shop/web`, `Namespace shop`. */
export function refText(ref: ObjectRef): string {
  return ref.namespace === '' ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}

export function sameRef(a: ObjectRef, b: ObjectRef): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.kind === b.kind && a.group === b.group;
}

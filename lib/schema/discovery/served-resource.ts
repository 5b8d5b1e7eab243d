/** What a client may do with a resource, in the order Kubernetes lists it. */
export const verbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;
export type Verb = (typeof verbs)[number];

/** A kind with its version, as discovery names the answers of a resource. */
export type ServedKind = { readonly group: string; readonly version: string; readonly kind: string };

export type ServedSubresource = {
  readonly name: string;
  readonly kind: ServedKind;
  readonly verbs: readonly Verb[];
};

/** One resource in one version of one group, as URLs name it. */
export type ServedResource = ServedKind & {
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly ServedSubresource[];
  /** The full name of its type in this version; schema.type knows it. */
  readonly typeName: string;
};

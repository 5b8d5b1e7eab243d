import { groupOf, type KubeObject, type ObjectRef, versionOf } from '../schema/object.ts';
import { fieldPattern, matchesOf, textAt } from './field-pattern.ts';

/** A kind that a CRD of the tree declares. */
export type CustomKind = { readonly namespaced: boolean; readonly versions: ReadonlySet<string> };

const versionsPattern = fieldPattern('spec.versions[]');

/** By `group/Kind`: what the CustomResourceDefinitions among `objects` declare. */
export function customKinds(objects: Iterable<KubeObject>): ReadonlyMap<string, CustomKind> {
  const kinds = new Map<string, CustomKind>();
  for (const object of objects) {
    if (object.kind !== 'CustomResourceDefinition' || groupOf(object.apiVersion) !== 'apiextensions.k8s.io')
      continue;
    const group = textAt(object, 'spec', 'group');
    const kind = textAt(object, 'spec', 'names', 'kind');
    if (group === undefined || kind === undefined) continue;
    const versions = matchesOf(object, versionsPattern).map(({ value }) => textAt(value, 'name') ?? '');
    const namespaced = textAt(object, 'spec', 'scope') !== 'Cluster';
    kinds.set(`${group}/${kind}`, { namespaced, versions: new Set(versions) });
  }
  return kinds;
}

export type CustomResource = { readonly ref: ObjectRef; readonly object: KubeObject };

/** Takes a written object for a custom resource, unvalidated; null when no CRD declares its kind in this version. */
export function asCustomResource(
  written: { readonly [field: string]: KubeObject[string] },
  kinds: ReadonlyMap<string, CustomKind>,
  defaultNamespace: string,
): CustomResource | null {
  const apiVersion = textAt(written, 'apiVersion') ?? '';
  const kind = textAt(written, 'kind') ?? '';
  const name = textAt(written, 'metadata', 'name');
  const group = groupOf(apiVersion);
  const declared = kinds.get(`${group}/${kind}`);
  if (declared === undefined || name === undefined || !declared.versions.has(versionOf(apiVersion)))
    return null;
  const namespace = declared.namespaced ? (textAt(written, 'metadata', 'namespace') ?? defaultNamespace) : '';
  const { namespace: _, ...metadata } = (written as KubeObject).metadata;
  const place = namespace === '' ? {} : { namespace };
  return {
    ref: { group, kind, namespace, name },
    object: { ...written, apiVersion, kind, metadata: { ...metadata, ...place } },
  };
}

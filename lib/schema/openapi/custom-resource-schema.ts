import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { ServedKind } from '../discovery/served-resource.ts';
import type { KubeObject } from '../object.ts';
import { refTo } from './property-schema.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** The component of a custom resource, as Kubernetes names it: `com.example.v1.Shirt`. */
export function customComponentName(of: ServedKind): string {
  return `${of.group.split('.').reverse().join('.')}.${of.version}.${of.kind}`;
}

/** The version's row of the CustomResourceDefinition that defines a kind; undefined when none of these does. */
export function definedVersion(definitions: readonly KubeObject[], of: ServedKind): JsonObject | undefined {
  for (const { spec } of definitions) {
    if (!isObject(spec) || spec.group !== of.group || !isObject(spec.names) || spec.names.kind !== of.kind)
      continue;
    const versions = isArray(spec.versions) ? spec.versions.filter(isObject) : [];
    const found = versions.find(({ name }) => name === of.version);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The schema that a CustomResourceDefinition gives, with what every object has. Any object when it gives none. */
export function customResourceSchema(definitions: readonly KubeObject[], of: ServedKind): JsonObject {
  const { group, version, kind } = of;
  const row = definedVersion(definitions, of);
  const given = isObject(row?.schema) ? row.schema.openAPIV3Schema : undefined;
  const tag = { 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
  if (!isObject(given)) return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, ...tag };
  const properties = isObject(given.properties) ? given.properties : {};
  return {
    ...given,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { allOf: [refTo(OBJECT_META)] },
    },
    ...tag,
  };
}

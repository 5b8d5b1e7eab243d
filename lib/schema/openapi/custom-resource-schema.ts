import { isObject, type JsonObject } from '../../base/json.ts';
import type { CustomVersion } from '../custom/custom-kind.ts';
import { OBJECT_META } from '../custom/structural-types.ts';
import type { ServedKind } from '../discovery/served-resource.ts';
import type { Descriptions } from './descriptions.ts';
import { refTo } from './property-schema.ts';

const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

/** The component of a custom resource, as Kubernetes names it: `com.example.v1.Shirt`. */
export function customComponentName(of: ServedKind): string {
  return `${of.group.split('.').reverse().join('.')}.${of.version}.${of.kind}`;
}

/** The schema that a version of a CustomResourceDefinition gives, with what every object has. */
export function customResourceSchema(
  version: CustomVersion,
  of: ServedKind,
  descriptions: Descriptions,
): JsonObject {
  const { group, version: name, kind } = of;
  const { schema } = version;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const head = (field: 'apiVersion' | 'kind'): JsonObject => ({
    type: 'string',
    ...described(descriptions, field),
  });
  return {
    ...schema,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: head('apiVersion'),
      kind: head('kind'),
      metadata: { allOf: [refTo(OBJECT_META)], ...described(descriptions, 'metadata') },
    },
    'x-kubernetes-group-version-kind': [{ group, version: name, kind }],
  };
}

/** A list of them. */
export function customListSchema(item: ServedKind, listKind: string, descriptions: Descriptions): JsonObject {
  const { group, version } = item;
  return {
    type: 'object',
    description: `${listKind} is a list of ${item.kind}`,
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', ...described(descriptions, 'apiVersion') },
      kind: { type: 'string', ...described(descriptions, 'kind') },
      items: { type: 'array', items: refTo(customComponentName(item)) },
      metadata: { allOf: [refTo(LIST_META)] },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
  };
}

/** What is said of these fields of every kind is said of a ConfigMap's. */
function described(descriptions: Descriptions, field: string): { readonly description?: string } {
  const description = descriptions.fields[`io.k8s.api.core.v1.ConfigMap#${field}`];
  return description === undefined ? {} : { description };
}

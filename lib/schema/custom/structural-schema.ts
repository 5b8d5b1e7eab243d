import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';

/**
 * A node of a CustomResourceDefinition's openAPIV3Schema: JSON as it was written, read through these. What has not the shape of a
 * schema counts as absent; checkStructural tells of it.
 */
export type SchemaNode = JsonObject;

export function nodeAt(node: SchemaNode, name: string): SchemaNode | undefined {
  const found = Object.hasOwn(node, name) ? node[name] : undefined;
  return isObject(found) ? found : undefined;
}

export function nodesAt(node: SchemaNode, name: string): readonly SchemaNode[] {
  const found = Object.hasOwn(node, name) ? node[name] : undefined;
  return isArray(found) ? found.filter(isObject) : [];
}

export function propertyOf(node: SchemaNode, name: string): SchemaNode | undefined {
  const properties = nodeAt(node, 'properties');
  return properties === undefined ? undefined : nodeAt(properties, name);
}

export function propertiesOf(node: SchemaNode): readonly (readonly [string, SchemaNode])[] {
  const properties = nodeAt(node, 'properties') ?? {};
  return Object.entries(properties).flatMap(([name, member]) => (isObject(member) ? [[name, member]] : []));
}

/** The schema of every other member; `true`: any value; undefined: there are no others. */
export function othersOf(node: SchemaNode): SchemaNode | true | undefined {
  const others = node.additionalProperties;
  if (isObject(others)) return others;
  return others === true ? true : undefined;
}

export function textsOf(value: JsonValue | undefined): readonly string[] {
  return isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function keepsUnknown(node: SchemaNode): boolean {
  return node['x-kubernetes-preserve-unknown-fields'] === true;
}

export function isEmbedded(node: SchemaNode): boolean {
  return node['x-kubernetes-embedded-resource'] === true;
}

export function isIntOrString(node: SchemaNode): boolean {
  return node['x-kubernetes-int-or-string'] === true;
}

/** The default, when there is one; null is one where the value may be null. */
export function defaultOf(node: SchemaNode): JsonValue | undefined {
  return Object.hasOwn(node, 'default') ? node.default : undefined;
}

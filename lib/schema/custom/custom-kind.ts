import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { parseFieldPath } from './field-path.ts';
import { nodeAt, type SchemaNode, textsOf } from './structural-schema.ts';

/** What a CustomResourceDefinition says of its kind beyond what every kind has. */
export type CustomKind = {
  /** By name, those that are not served too. */
  readonly versions: ReadonlyMap<string, CustomVersion>;
  /** Served ones, the most stable and newest first: what discovery lists. */
  readonly served: readonly string[];
  readonly listKind: string;
  /** The type of what all objects have, whatever their schema: apiVersion, kind, metadata. */
  readonly headType: string;
  /** The definition is on its way out: nothing new is made. */
  readonly terminating: boolean;
};

export type CustomVersion = {
  readonly name: string;
  readonly served: boolean;
  /** The structural schema; any object where the definition gives none. */
  readonly schema: SchemaNode;
  /** The row of the definition, for its columns. */
  readonly row: JsonObject;
  readonly status: boolean;
  readonly scale: CustomScale | null;
  /** Dotted paths that objects can be selected by: `spec.colour`. */
  readonly selectable: readonly string[];
  /** What whoever uses it hears; null: it is not deprecated. */
  readonly deprecation: string | null;
};

/** Where the numbers of a Scale stand in an object: paths of names. */
export type CustomScale = {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly labelSelector: readonly string[] | null;
};

const ANY_OBJECT: SchemaNode = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** One row of `spec.versions`. `apiVersion` and `kind` are for the words of its deprecation. */
export function customVersion(
  row: JsonObject,
  of: { readonly group: string; readonly kind: string },
): CustomVersion {
  const subresources = nodeAt(row, 'subresources') ?? {};
  const name = String(row.name);
  const warning = typeof row.deprecationWarning === 'string' ? row.deprecationWarning : '';
  return {
    name,
    served: row.served === true,
    schema: nodeAt(nodeAt(row, 'schema') ?? {}, 'openAPIV3Schema') ?? ANY_OBJECT,
    row,
    status: isObject(subresources.status),
    scale: scaleOf(subresources.scale),
    selectable: (isArray(row.selectableFields) ? row.selectableFields : [])
      .slice(0, limits.selectableFieldsMax)
      .flatMap((field) => (isObject(field) ? (parseFieldPath(field.jsonPath)?.join('.') ?? []) : [])),
    deprecation: row.deprecated === true ? warning || `${of.group}/${name} ${of.kind} is deprecated` : null,
  };
}

function scaleOf(scale: JsonValue | undefined): CustomScale | null {
  if (!isObject(scale)) return null;
  const specReplicas = parseFieldPath(scale.specReplicasPath);
  const statusReplicas = parseFieldPath(scale.statusReplicasPath);
  if (specReplicas === null || statusReplicas === null) return null;
  return { specReplicas, statusReplicas, labelSelector: parseFieldPath(scale.labelSelectorPath) };
}

/** Names that one definition takes in its group. */
export function takenNames(names: JsonObject): readonly string[] {
  const { plural, singular, kind, listKind } = names;
  return [plural, singular, ...textsOf(names.shortNames), kind, listKind].filter(
    (name) => typeof name === 'string' && name !== '',
  ) as readonly string[];
}

/**
 * Versions by how stable they are, and newer before older: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name.
 * Source: apimachinery CompareKubeAwareVersionStrings.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)];
  if (left === null || right === null) {
    if (left !== null) return -1;
    if (right !== null) return 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  for (const [at, rank] of left.entries()) {
    const difference = (right[at] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return 0;
}

function rankOf(version: string): readonly number[] | null {
  const found = /^v([1-9]\d{0,8})(?:(alpha|beta)([1-9]\d{0,8}))?$/.exec(version);
  if (found === null) return null;
  const [, major = '', stage, minor = '0'] = found;
  return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor)];
}

import { FORBIDDEN_KEYS, isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import type { FieldPath } from '../finding.ts';
import {
  isEmbedded,
  keepsUnknown,
  nodeAt,
  othersOf,
  propertyOf,
  type SchemaNode,
} from './structural-schema.ts';

/** What every object has, whether its schema says so or not. */
const HEAD: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

export type Pruned = { readonly value: JsonObject; readonly unknown: readonly FieldPath[] };

/**
 * The object without the fields that its structural schema does not have, and where they stood. Metadata is left to its own type.
 * Source: apiextensions-apiserver pruning.
 */
export function pruned(root: SchemaNode, object: JsonObject): Pruned {
  const unknown: FieldPath[] = [];
  const value = pruneObject({ node: root, path: [], unknown, head: true }, object);
  return { value, unknown };
}

type Place = {
  readonly node: SchemaNode;
  readonly path: FieldPath;
  readonly unknown: FieldPath[];
  readonly head: boolean;
};

function prune(place: Place, value: JsonValue): JsonValue {
  if (place.path.length > limits.objectDepthMax) return value;
  if (isArray(value)) return pruneItems(place, value);
  return isObject(value) ? pruneObject(place, value) : value;
}

function pruneItems({ node, path, unknown }: Place, items: readonly JsonValue[]): JsonValue {
  const of = nodeAt(node, 'items');
  if (of === undefined) return items;
  let copy: JsonValue[] | null = null;
  for (const [at, item] of items.entries()) {
    const kept = prune({ node: of, path: [...path, at], unknown, head: isEmbedded(of) }, item);
    if (kept === item) continue;
    copy ??= [...items];
    copy[at] = kept;
  }
  return copy ?? items;
}

function pruneObject({ node, path, unknown, head }: Place, object: JsonObject): JsonObject {
  const others = othersOf(node);
  const any = others === true || keepsUnknown(node);
  let copy: Record<string, JsonValue | undefined> | null = null;
  for (const [name, member] of Object.entries(object)) {
    if (member === undefined || (head && HEAD.has(name))) continue;
    const below = propertyOf(node, name) ?? (others === true ? undefined : others);
    const forbidden = FORBIDDEN_KEYS.has(name);
    if (forbidden || (below === undefined && !any)) {
      unknown.push([...path, name]);
      copy ??= { ...object };
      delete copy[name];
    } else if (below !== undefined) {
      const kept = prune({ node: below, path: [...path, name], unknown, head: isEmbedded(below) }, member);
      if (kept === member) continue;
      copy ??= { ...object };
      copy[name] = kept;
    }
  }
  return copy ?? object;
}

import {
  cloneJson,
  FORBIDDEN_KEYS,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import {
  defaultOf,
  nodeAt,
  othersOf,
  propertiesOf,
  propertyOf,
  type SchemaNode,
} from './structural-schema.ts';

/**
 * The object with the defaults of its structural schema where a field is absent, or null and may not be. A default inside an object
 * that is absent does nothing. Idempotent. Source: apiextensions-apiserver defaulting.
 */
export function withStructuralDefaults(root: SchemaNode, object: JsonObject): JsonObject {
  return fillObject(root, object, 0);
}

function fill(node: SchemaNode, value: JsonValue, depth: number): JsonValue {
  if (depth > limits.objectDepthMax) return value;
  if (isObject(value)) return fillObject(node, value, depth);
  const items = nodeAt(node, 'items');
  if (!isArray(value) || items === undefined) return value;
  let copy: JsonValue[] | null = null;
  for (const [at, item] of value.entries()) {
    const given = item === null ? (replacement(items) ?? item) : item;
    const filled = fill(items, given, depth + 1);
    if (filled === item) continue;
    copy ??= [...value];
    copy[at] = filled;
  }
  return copy ?? value;
}

function fillObject(node: SchemaNode, object: JsonObject, depth: number): JsonObject {
  let copy: Record<string, JsonValue | undefined> | null = null;
  const put = (name: string, value: JsonValue): void => {
    if (object[name] === value || FORBIDDEN_KEYS.has(name)) return;
    copy ??= { ...object };
    copy[name] = value;
  };
  for (const [name, property] of propertiesOf(node)) {
    const member = Object.hasOwn(object, name) ? object[name] : undefined;
    const given = member === null ? (replacement(property) ?? null) : (member ?? defaultOf(property));
    if (given !== undefined && given !== null) {
      put(name, fill(property, given === member ? given : cloneJson(given), depth + 1));
    } else if (given === null && member === undefined) put(name, null);
  }
  const others = othersOf(node);
  if (others === undefined || others === true) return copy ?? object;
  for (const [name, member] of Object.entries(object)) {
    if (member === undefined || propertyOf(node, name) !== undefined) continue;
    const given = member === null ? (replacement(others) ?? null) : member;
    if (given !== null) put(name, fill(others, given, depth + 1));
  }
  return copy ?? object;
}

/** What takes the place of a null that may not be one. */
function replacement(node: SchemaNode): JsonValue | undefined {
  return node.nullable === true ? undefined : defaultOf(node);
}

import { UserError } from '../../base/errors.ts';
import {
  canonicalJson,
  FORBIDDEN_KEYS,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';

/** Members of a patch that say how to merge instead of what. */
export const PATCH = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const ELEMENT_ORDER = '$setElementOrder/';
export const DELETE_SCALARS = '$deleteFromPrimitiveList/';

export type Value = JsonValue | undefined;
export type Items = readonly JsonValue[];

export const own = (object: JsonObject, key: string): Value =>
  Object.hasOwn(object, key) ? object[key] : undefined;

export function isDirective(key: string): boolean {
  return (
    key === PATCH || key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER) || key.startsWith(DELETE_SCALARS)
  );
}

/** The members a patch speaks of, by themselves or through a directive. */
export function namesIn(patch: JsonObject): readonly string[] {
  const names = Object.keys(patch)
    .filter((key) => key !== PATCH && key !== RETAIN_KEYS)
    .map((key) => (isDirective(key) ? key.slice(key.indexOf('/') + 1) : key));
  return [...new Set(names)].filter((name) => !FORBIDDEN_KEYS.has(name));
}

export function invalidPatch(why: string): UserError {
  return new UserError('INVALID_PATCH', `The patch is not one that can be applied: ${why}.`);
}

/** @throws UserError INVALID_PATCH when the directive is there and is no list. */
export function listDirective(patch: JsonObject, key: string): Items | undefined {
  const value = own(patch, key);
  if (value === undefined || isArray(value)) return value;
  throw invalidPatch(`\`${key}\` must be a list`);
}

/** What an item of a list is told apart by. */
export function itemName(item: JsonValue, mergeKey: string | undefined): string {
  if (mergeKey === undefined) return canonicalJson(item);
  const value = isObject(item) ? own(item, mergeKey) : undefined;
  if (value === undefined || value === null)
    throw invalidPatch(`every item of the list needs \`${mergeKey}\``);
  return canonicalJson(value);
}

/** A part of a patch as a value: without its directives, its nulls, and the items it deletes. */
export function plainValue(patch: JsonValue): JsonValue {
  if (isArray(patch)) return patch.filter((item) => !deletes(item)).map(plainValue);
  if (!isObject(patch)) return patch;
  const plain: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || value === null || isDirective(key) || FORBIDDEN_KEYS.has(key)) continue;
    plain[key] = plainValue(value);
  }
  return plain;
}

export function deletes(item: JsonValue): boolean {
  return isObject(item) && own(item, PATCH) === 'delete';
}

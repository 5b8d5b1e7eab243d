import { deepEqual, FORBIDDEN_KEYS, isObject, type JsonObject, type JsonValue } from '../base/json.ts';

type Value = JsonValue | undefined;
const own = (object: JsonObject, key: string): Value =>
  Object.hasOwn(object, key) ? object[key] : undefined;

function keysOf(...objects: readonly JsonObject[]): readonly string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))].filter(
    (key) => !FORBIDDEN_KEYS.has(key),
  );
}

/** RFC 7386: a null in the patch removes, objects merge, anything else replaces. */
export function applyJsonMergePatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const before = isObject(document) ? document : {};
  const after: Record<string, JsonValue> = {};
  for (const key of keysOf(before, patch)) {
    const value = own(before, key);
    const change = own(patch, key);
    if (change === null) continue;
    if (change !== undefined) after[key] = applyJsonMergePatch(value ?? null, change);
    else if (value !== undefined) after[key] = value;
  }
  return after;
}

/** The patch that turns one object into the other. A null in `to` cannot be said, and is a removal. */
export function createJsonMergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const patch: Record<string, JsonValue> = {};
  for (const key of keysOf(from, to)) {
    const before = own(from, key);
    const after = own(to, key);
    if (after === undefined) patch[key] = null;
    else if (isObject(before) && isObject(after)) {
      const inner = createJsonMergePatch(before, after);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!deepEqual(before, after)) patch[key] = after;
  }
  return patch;
}

/**
 * The patch for `current` that says what `modified` sets and removes what it no longer has of `original`.
 * Source: kubectl apply on custom resources. Lists are replaced.
 */
export function createThreeWayJsonMergePatch(of: {
  readonly original: JsonObject;
  readonly modified: JsonObject;
  readonly current: JsonObject;
}): JsonObject {
  const changes = withoutNulls(createJsonMergePatch(of.current, of.modified));
  const removals = onlyNulls(createJsonMergePatch(of.original, of.modified));
  return combine(removals, changes);
}

/** The members that remove something. */
export function onlyNulls(patch: JsonObject): JsonObject {
  const kept: Record<string, JsonValue> = {};
  for (const key of keysOf(patch)) {
    const value = own(patch, key);
    if (value === null) kept[key] = null;
    if (!isObject(value)) continue;
    const inner = onlyNulls(value);
    if (Object.keys(inner).length > 0) kept[key] = inner;
  }
  return kept;
}

/** The members that set something. An object of nothing but removals goes; one that is written empty stays. */
export function withoutNulls(patch: JsonObject): JsonObject {
  const kept: Record<string, JsonValue> = {};
  for (const key of keysOf(patch)) {
    const value = own(patch, key);
    if (value === null || value === undefined) continue;
    if (!isObject(value)) kept[key] = value;
    else {
      const inner = withoutNulls(value);
      if (Object.keys(inner).length > 0 || Object.keys(value).length === 0) kept[key] = inner;
    }
  }
  return kept;
}

/** One patch of two; where both speak of a member that is no object, the second does. */
function combine(first: JsonObject, second: JsonObject): JsonObject {
  const both: Record<string, JsonValue> = {};
  for (const key of keysOf(first, second)) {
    const [a, b] = [own(first, key), own(second, key)];
    const value = isObject(a) && isObject(b) ? combine(a, b) : (b ?? a);
    if (value !== undefined) both[key] = value;
  }
  return both;
}

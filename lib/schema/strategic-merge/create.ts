import {
  deepEqual,
  FORBIDDEN_KEYS,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import { isReplaced, itemPlace, listMergeOf, memberPlace, type Place, retainsKeys } from '../place.ts';
import type { Schema } from '../schema.ts';
import {
  DELETE_SCALARS,
  ELEMENT_ORDER,
  type Items,
  itemName,
  own,
  PATCH,
  RETAIN_KEYS,
} from './directives.ts';

/** Which half of a difference a patch tells. */
export type Halves = { readonly changes: boolean; readonly deletions: boolean };

type Patch = Record<string, JsonValue>;

/** The patch that turns `from` into `to`, as far as `halves` go. */
export function patchBetween(
  schema: Schema,
  place: Place,
  of: { readonly from: JsonObject; readonly to: JsonObject; readonly halves: Halves },
): JsonObject {
  const { from, to, halves } = of;
  const patch: Patch = {};
  for (const key of Object.keys(to)) {
    const [before, after] = [own(from, key), own(to, key)];
    if (after === undefined || FORBIDDEN_KEYS.has(key)) continue;
    const member = memberPlace(schema, place, key);
    if (isObject(before) && isObject(after) && !isReplaced(member)) {
      const inner = patchBetween(schema, member, { from: before, to: after, halves });
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (isArray(before) && isArray(after) && listMergeOf(member).kind !== 'replace')
      Object.assign(patch, listPatch(schema, member, { key, from: before, to: after, halves }));
    else if (halves.changes && !deepEqual(before, after)) patch[key] = after;
  }
  const missing = Object.keys(from).filter((key) => own(to, key) === undefined && !FORBIDDEN_KEYS.has(key));
  if (halves.deletions) for (const key of missing) patch[key] = null;
  const kept = Object.keys(to).sort();
  if (retainsKeys(place) && kept.length > 0 && (Object.keys(patch).length > 0 || missing.length > 0))
    patch[RETAIN_KEYS] = kept;
  return patch;
}

type ListSides = { readonly key: string; readonly from: Items; readonly to: Items; readonly halves: Halves };

/** The members of a patch that tell how a merging list changes. */
function listPatch(schema: Schema, place: Place, of: ListSides): Patch {
  const { key, from, to, halves } = of;
  if (from.length === 0) return to.length === 0 || !halves.changes ? {} : { [key]: to };
  const merge = listMergeOf(place);
  const mergeKey = merge.kind === 'items' ? merge.mergeKey : undefined;
  const before = new Map(from.map((item) => [itemName(item, mergeKey), item]));
  const names = to.map((item) => itemName(item, mergeKey));
  const after = new Set(names);
  const gone = halves.deletions
    ? [...before].filter(([name]) => !after.has(name)).map(([, item]) => item)
    : [];
  const changed: JsonValue[] = [];
  for (const [at, item] of to.entries()) {
    const old = before.get(names[at] ?? '');
    if (old === undefined) {
      if (halves.changes) changed.push(item);
    } else if (mergeKey !== undefined && isObject(item) && isObject(old)) {
      const inner = patchBetween(schema, itemPlace(place), { from: old, to: item, halves });
      if (Object.keys(inner).length > 0) changed.push({ ...inner, [mergeKey]: own(item, mergeKey) });
    }
  }
  const sameOrder = deepEqual([...before.keys()], names);
  const patch: Patch = {};
  if (to.length > 0 && (changed.length > 0 || !sameOrder))
    patch[`${ELEMENT_ORDER}${key}`] = to.map((item) => named(item, mergeKey));
  const removed =
    mergeKey === undefined ? [] : gone.map((item) => ({ ...named(item, mergeKey), [PATCH]: 'delete' }));
  if (mergeKey === undefined && gone.length > 0) patch[`${DELETE_SCALARS}${key}`] = gone;
  if (changed.length + removed.length > 0) patch[key] = [...changed, ...removed];
  return patch;
}

function named(item: JsonValue, mergeKey: string): JsonObject;
function named(item: JsonValue, mergeKey: string | undefined): JsonValue;
function named(item: JsonValue, mergeKey: string | undefined): JsonValue {
  return mergeKey === undefined || !isObject(item) ? item : { [mergeKey]: own(item, mergeKey) };
}

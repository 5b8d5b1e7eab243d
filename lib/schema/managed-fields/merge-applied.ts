import { UserError } from '../../base/errors.ts';
import { FORBIDDEN_KEYS, isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { itemPlace, memberPlace, type Place, rootPlace } from '../place.ts';
import type { Schema } from '../schema.ts';
import { granularityOf, itemElement } from './granularity.ts';
import { memberElement, pathText } from './path-element.ts';

/**
 * The live object with an applied one in it: what is applied wins, what only live has stays, lists merge as the schema says.
 * @throws UserError INVALID_APPLY where items of an applied list cannot be told apart
 */
export function mergeApplied(
  schema: Schema,
  of: { readonly typeName: string; readonly live: JsonObject; readonly applied: JsonObject },
): JsonObject {
  const merged = mergeValue(schema, rootPlace(of.typeName), { live: of.live, applied: of.applied, path: [] });
  return isObject(merged) ? merged : {};
}

type Both = { readonly live: JsonValue; readonly applied: JsonValue; readonly path: readonly string[] };

function mergeValue(schema: Schema, place: Place, both: Both): JsonValue {
  const { live, applied, path } = both;
  const granularity = granularityOf(schema, place, applied);
  if (granularity === 'leaf') return applied;
  const alike = granularity === granularityOf(schema, place, live);
  if (isArray(applied))
    return mergeLists(schema, place, { live: alike && isArray(live) ? live : [], applied, path });
  if (!isObject(applied)) return applied;
  const former = alike && isObject(live) ? live : {};
  const merged: Record<string, JsonValue | undefined> = { ...former };
  for (const [name, member] of Object.entries(applied)) {
    if (member === undefined || FORBIDDEN_KEYS.has(name)) continue;
    // Whoever applies null wants the field not to be there, and owns that.
    if (member === null) {
      delete merged[name];
      continue;
    }
    merged[name] = mergeValue(schema, memberPlace(schema, place, name), {
      live: (Object.hasOwn(former, name) ? former[name] : null) ?? null,
      applied: member,
      path: [...path, memberElement(name)],
    });
  }
  return merged;
}

type Lists = {
  readonly live: readonly JsonValue[];
  readonly applied: readonly JsonValue[];
  readonly path: readonly string[];
};

/** Applied items in their order; items that only live has keep their place before the item that followed them. */
function mergeLists(schema: Schema, place: Place, of: Lists): JsonValue {
  const applied = appliedItems(schema, place, of);
  const live = new Map<string, JsonValue>();
  for (const item of of.live) {
    const element = itemElement(schema, place, item);
    if (element !== undefined && !live.has(element)) live.set(element, item);
  }
  const order = [...applied.keys()];
  const merged: JsonValue[] = [];
  let next = 0;
  const mergeUpTo = (end: number): void => {
    for (; next < end; next += 1) {
      const element = order[next] ?? '';
      const item = applied.get(element) ?? null;
      const path = [...of.path, element];
      merged.push(
        mergeValue(schema, itemPlace(place), { live: live.get(element) ?? null, applied: item, path }),
      );
    }
  };
  const met = new Set<string>();
  for (const item of of.live) {
    const element = itemElement(schema, place, item);
    const both = element !== undefined && applied.has(element) && !met.has(element);
    if (!both) merged.push(item);
    else mergeUpTo(order.indexOf(element) + 1);
    if (element !== undefined) met.add(element);
  }
  mergeUpTo(order.length);
  return merged;
}

function appliedItems(schema: Schema, place: Place, of: Lists): ReadonlyMap<string, JsonValue> {
  const items = new Map<string, JsonValue>();
  for (const [at, item] of of.applied.entries()) {
    const element = itemElement(schema, place, item);
    if (element === undefined)
      throw new UserError(
        'INVALID_APPLY',
        `${pathText(of.path)}: element ${at}: it has none of the fields that tell items apart`,
      );
    if (items.has(element))
      throw new UserError(
        'INVALID_APPLY',
        `${pathText(of.path)}: duplicate entries for key ${pathText([element])}`,
      );
    items.set(element, item);
  }
  return items;
}

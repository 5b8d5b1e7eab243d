import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { type Place, rootPlace } from '../place.ts';
import type { Schema } from '../schema.ts';
import { emptySet, type FieldSet } from './field-set.ts';
import { granularityOf, itemElement, partsOf } from './granularity.ts';
import { memberElement } from './path-element.ts';

/**
 * The object without what its applier owned before and owns no longer, unless somebody else does. A field that only held such
 * fields goes with them. `owned`: what anybody owns now, the applier included. Source: structured-merge-diff prune.
 */
export function releaseFields(
  schema: Schema,
  of: {
    readonly typeName: string;
    readonly object: JsonObject;
    readonly before: FieldSet;
    readonly owned: FieldSet;
  },
): JsonObject {
  const released = release(schema, rootPlace(of.typeName), of.object, of);
  return isObject(released) ? released : {};
}

type Sets = { readonly before: FieldSet; readonly owned: FieldSet };

function release(schema: Schema, place: Place, value: JsonValue, sets: Sets): JsonValue {
  if (sets.before.children.size === 0 || granularityOf(schema, place, value) === 'leaf') return value;
  const kept = new Map<string, JsonValue | undefined>();
  for (const { element, value: part, place: below, named } of partsOf(schema, place, value)) {
    const before = sets.before.children.get(element);
    if (before === undefined || kept.has(element)) continue;
    const owned = sets.owned.children.get(element) ?? emptySet;
    const claimed = owned.self || (named && owned.children.size > 0);
    const released = (named || before.self) && !claimed;
    kept.set(element, released ? undefined : release(schema, below, part, { before, owned }));
  }
  return isArray(value) ? keptItems(schema, place, value, kept) : keptMembers(value, kept);
}

function keptItems(
  schema: Schema,
  place: Place,
  items: readonly JsonValue[],
  kept: ReadonlyMap<string, JsonValue | undefined>,
): JsonValue {
  const met = new Set<string>();
  return items.flatMap((item) => {
    const element = itemElement(schema, place, item);
    if (element === undefined || !kept.has(element)) return [item];
    const first = !met.has(element);
    met.add(element);
    const left = kept.get(element);
    return left === undefined ? [] : [first ? left : item];
  });
}

function keptMembers(value: JsonValue, kept: ReadonlyMap<string, JsonValue | undefined>): JsonValue {
  if (!isObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const element = memberElement(name);
    const left = kept.has(element) ? kept.get(element) : member;
    return left === undefined ? [] : [[name, left] as const];
  });
  return Object.fromEntries(members);
}

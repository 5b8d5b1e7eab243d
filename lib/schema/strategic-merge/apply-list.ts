import { deepEqual, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { itemPlace, listMergeOf, type Place } from '../place.ts';
import type { Schema } from '../schema.ts';
import { applyToObject } from './apply.ts';
import { deletes, type Items, invalidPatch, itemName, own, PATCH, plainValue } from './directives.ts';
import { followsOrder, inElementOrder } from './element-order.ts';

/** A list with a patch's list merged into it. `order`: where items of these names shall stand. */
export function applyToList(
  schema: Schema,
  place: Place,
  of: {
    readonly before: Items;
    readonly change: Items;
    readonly order: Items | undefined;
    readonly removals: Items;
  },
): Items {
  const merge = listMergeOf(place);
  const mergeKey = merge.kind === 'items' ? merge.mergeKey : undefined;
  const nameOf = (item: JsonValue): string => itemName(item, mergeKey);
  if (of.change.some((item) => isObject(item) && own(item, PATCH) === 'replace'))
    return of.change.filter((item) => !(isObject(item) && own(item, PATCH) === 'replace')).map(plainValue);
  const changed = of.change.filter((item) => !deletes(item));
  const names = changed.map(nameOf);
  const order = of.order?.map(nameOf);
  if (order !== undefined && !followsOrder(names, order))
    throw invalidPatch('the order of its items doesn’t match the order it sets');
  const items =
    mergeKey === undefined
      ? mergeScalars(of)
      : mergeItems(schema, place, { before: of.before, changed, gone: of.change.filter(deletes), nameOf });
  return inElementOrder({ items, nameOf, wanted: order ?? names, before: of.before.map(nameOf) });
}

function mergeScalars(of: {
  readonly before: Items;
  readonly change: Items;
  readonly removals: Items;
}): Items {
  const removed = new Set(of.removals);
  const kept = of.before.filter((item) => !removed.has(item));
  return [...new Set([...kept, ...of.change])];
}

function mergeItems(
  schema: Schema,
  place: Place,
  of: {
    readonly before: Items;
    readonly changed: Items;
    readonly gone: Items;
    readonly nameOf: (item: JsonValue) => string;
  },
): Items {
  const gone = new Set(of.gone.map(of.nameOf));
  const items = of.before.filter((item) => !gone.has(of.nameOf(item)));
  const places = new Map<string, number[]>();
  for (const [at, item] of items.entries())
    places.set(of.nameOf(item), [...(places.get(of.nameOf(item)) ?? []), at]);
  const added: JsonValue[] = [];
  for (const item of of.changed) {
    const at = isObject(item)
      ? bestMatch(items, places.get(of.nameOf(item)) ?? [], { item, place })
      : undefined;
    const before = at === undefined ? undefined : items[at];
    if (at === undefined || !isObject(item) || !isObject(before)) added.push(plainValue(item));
    else items[at] = applyToObject(schema, itemPlace(place), before, item);
  }
  return [...items, ...added];
}

/** Two ports may share a number: among items of one name, the one that agrees in the schema's other keys, else the first. */
function bestMatch(
  items: Items,
  candidates: readonly number[],
  of: { readonly item: JsonObject; readonly place: Place },
): number | undefined {
  if (candidates.length < 2) return candidates[0];
  const keys = (of.place.field?.listMapKeys ?? []).filter((key) => own(of.item, key) !== undefined);
  const exact = candidates.find((at) => {
    const candidate = items[at];
    return isObject(candidate) && keys.every((key) => deepEqual(own(candidate, key), own(of.item, key)));
  });
  return exact ?? candidates[0];
}

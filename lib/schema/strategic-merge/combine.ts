import { FORBIDDEN_KEYS, isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { itemPlace, listMergeOf, memberPlace, type Place } from '../place.ts';
import type { Schema } from '../schema.ts';
import { deletes, ELEMENT_ORDER, type Items, isDirective, itemName, own } from './directives.ts';

/** One patch of two halves: what to delete, and what to change. Neither says anything the other contradicts. */
export function combinePatches(
  schema: Schema,
  place: Place,
  of: { readonly deletions: JsonObject; readonly changes: JsonObject },
): JsonObject {
  const { deletions, changes } = of;
  const both: Record<string, JsonValue> = {};
  for (const key of new Set([...Object.keys(deletions), ...Object.keys(changes)])) {
    if (FORBIDDEN_KEYS.has(key)) continue;
    const [gone, changed] = [own(deletions, key), own(changes, key)];
    const member = memberPlace(schema, place, key);
    const order = own(changes, `${ELEMENT_ORDER}${key}`) ?? own(deletions, `${ELEMENT_ORDER}${key}`);
    let value = changed ?? gone;
    if (!isDirective(key) && isObject(gone) && isObject(changed))
      value = combinePatches(schema, member, { deletions: gone, changes: changed });
    else if (isArray(gone) && isArray(changed) && listMergeOf(member).kind === 'items')
      value = combineItems(schema, member, { gone, changed, order: isArray(order) ? order : [] });
    if (value !== undefined) both[key] = value;
  }
  return both;
}

/** Items both halves speak of become one; they stand in the list's order, and deletions come last. */
function combineItems(
  schema: Schema,
  place: Place,
  of: { readonly gone: Items; readonly changed: Items; readonly order: Items },
): Items {
  const merge = listMergeOf(place);
  const nameOf = (item: JsonValue): string =>
    itemName(item, merge.kind === 'items' ? merge.mergeKey : undefined);
  const items = new Map(of.gone.filter((item) => !deletes(item)).map((item) => [nameOf(item), item]));
  for (const item of of.changed) {
    const other = items.get(nameOf(item));
    const both =
      isObject(other) && isObject(item)
        ? combinePatches(schema, itemPlace(place), { deletions: other, changes: item })
        : item;
    items.set(nameOf(item), both);
  }
  const order = of.order.map(nameOf);
  const sorted = [...items].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([, item]) => item);
  return [...sorted, ...of.gone.filter(deletes)];
}

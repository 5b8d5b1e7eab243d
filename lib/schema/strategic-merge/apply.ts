import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { isReplaced, listMergeOf, memberPlace, type Place } from '../place.ts';
import type { Schema } from '../schema.ts';
import { applyToList } from './apply-list.ts';
import {
  DELETE_SCALARS,
  ELEMENT_ORDER,
  invalidPatch,
  listDirective,
  namesIn,
  own,
  PATCH,
  plainValue,
  RETAIN_KEYS,
  type Value,
} from './directives.ts';

/** An object with a patch's object merged into it. @throws UserError INVALID_PATCH */
export function applyToObject(
  schema: Schema,
  place: Place,
  document: JsonObject,
  patch: JsonObject,
): JsonObject {
  const directive = own(patch, PATCH);
  if (directive === 'delete') return {};
  const plain = directive === 'replace' ? plainValue(patch) : undefined;
  if (isObject(plain)) return plain;
  if (directive !== undefined && directive !== 'merge')
    throw invalidPatch(`\`${PATCH}\` is delete, replace or merge, not ${JSON.stringify(directive)}`);
  const merged: Record<string, Value> = retained(document, patch);
  for (const name of namesIn(patch)) {
    const change = own(patch, name);
    const value =
      change === null
        ? undefined
        : applyToMember(schema, memberPlace(schema, place, name), merged, { name, patch, change });
    if (value === undefined) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

function applyToMember(
  schema: Schema,
  place: Place,
  document: JsonObject,
  of: { readonly name: string; readonly patch: JsonObject; readonly change: Exclude<Value, null> },
): Value {
  const { name, patch, change } = of;
  const before = own(document, name);
  const lists = listMergeOf(place).kind !== 'replace';
  if (change === undefined && !(lists && isArray(before))) return before;
  if (lists && (change === undefined || isArray(change)))
    return applyToList(schema, place, {
      before: isArray(before) ? before : [],
      change: change ?? [],
      order: listDirective(patch, `${ELEMENT_ORDER}${name}`),
      removals: listDirective(patch, `${DELETE_SCALARS}${name}`) ?? [],
    });
  if (isObject(change) && isObject(before) && !isReplaced(place))
    return applyToObject(schema, place, before, change);
  return change === undefined ? before : plainValue(change);
}

/** The members `$retainKeys` lets stay; all of them without it. It must name all the patch sets. */
function retained(document: JsonObject, patch: JsonObject): Record<string, JsonValue | undefined> {
  const keep = listDirective(patch, RETAIN_KEYS);
  if (keep === undefined) return { ...document };
  const unnamed = namesIn(patch).find((name) => (own(patch, name) ?? null) !== null && !keep.includes(name));
  if (unnamed !== undefined)
    throw invalidPatch(`\`${RETAIN_KEYS}\` leaves out \`${unnamed}\`, which the patch sets`);
  return Object.fromEntries(Object.entries(document).filter(([key]) => keep.includes(key)));
}

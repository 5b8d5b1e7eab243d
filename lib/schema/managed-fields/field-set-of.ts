import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { type Place, rootPlace } from '../place.ts';
import type { Schema } from '../schema.ts';
import { childSet, type DraftFieldSet, draftSet, type FieldSet } from './field-set.ts';
import { granularityOf, partsOf } from './granularity.ts';

/**
 * What somebody who applies an object says something of: its leaves, its list items, and what is empty. A field that only holds
 * others is not owned by itself. Source: structured-merge-diff ToFieldSet.
 */
export function fieldSetOf(
  schema: Schema,
  of: { readonly typeName: string; readonly object: JsonObject },
): FieldSet {
  const set = draftSet();
  collect(schema, rootPlace(of.typeName), of.object, set);
  set.self = false;
  return set;
}

function collect(schema: Schema, place: Place, value: JsonValue, set: DraftFieldSet): void {
  const granularity = granularityOf(schema, place, value);
  if (granularity === 'leaf') {
    set.self = true;
    return;
  }
  for (const part of partsOf(schema, place, value)) {
    const below = childSet(set, part.element);
    collect(schema, part.place, part.value, below);
    if (granularity === 'list' || !part.named || saysNothing(part.value)) below.self = true;
    // An empty list that is owned by its items has none.
    if (!below.self && below.children.size === 0) set.children.delete(part.element);
  }
}

function saysNothing(value: JsonValue): boolean {
  return value === null || (isObject(value) && !isArray(value) && Object.keys(value).length === 0);
}

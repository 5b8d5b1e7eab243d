import { isArray, isObject, type JsonValue } from '../../base/json.ts';
import { listStrategyOf } from '../list-strategy.ts';
import { itemPlace, memberPlace, type Place } from '../place.ts';
import type { Schema } from '../schema.ts';
import { keyElement, memberElement, valueElement } from './path-element.ts';

/** How ownership looks at a value: as one, by its members, or by its items. */
export type Granularity = 'leaf' | 'object' | 'list';

/**
 * Lists and maps that the schema calls atomic are owned as one; so are lists that nothing is known of. Maps that nothing is known of
 * are owned by their members. Source: structured-merge-diff.
 */
export function granularityOf(schema: Schema, place: Place, value: JsonValue): Granularity {
  if (isArray(value))
    return place.shape?.form === 'list' && listStrategyOf(place.field).kind !== 'atomic' ? 'list' : 'leaf';
  if (!isObject(value)) return 'leaf';
  if (place.shape?.form !== 'type')
    return place.shape?.form === 'map' && place.field?.mapType === 'atomic' ? 'leaf' : 'object';
  const type = schema.type(place.shape.typeName);
  const atomic = type?.mapType === 'atomic' || (isMember(place) && place.field?.mapType === 'atomic');
  return atomic ? 'leaf' : 'object';
}

/** A member of an object, not an item: the field of an item is its list's, which says nothing of the item itself. */
function isMember(place: Place): boolean {
  return place.field !== undefined && !place.field.type.endsWith('[]');
}

/** A part of a value: its element, its place in the schema, and whether its type names it (a field, not a key). */
export type Part = {
  readonly element: string;
  readonly value: JsonValue;
  readonly place: Place;
  readonly named: boolean;
};

/** The parts of an object or list that is owned by parts. Items that cannot be told apart by keys have no element and are left out. */
export function partsOf(schema: Schema, place: Place, value: JsonValue): readonly Part[] {
  if (isArray(value)) {
    const below = itemPlace(place);
    const parts: Part[] = [];
    for (const item of value) {
      const element = itemElement(schema, place, item);
      if (element !== undefined) parts.push({ element, value: item, place: below, named: false });
    }
    return parts;
  }
  if (!isObject(value)) return [];
  const isTyped = place.shape?.form === 'type';
  const parts: Part[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const below = memberPlace(schema, place, name);
    const named = isTyped && below.field !== undefined;
    parts.push({ element: memberElement(name), value: member, place: below, named });
  }
  return parts;
}

/** The element of an item of a list that is owned by its items. */
export function itemElement(schema: Schema, list: Place, item: JsonValue): string | undefined {
  const strategy = listStrategyOf(list.field);
  if (strategy.kind !== 'map') return valueElement(item);
  const below = itemPlace(list).shape;
  const fields = below?.form === 'type' ? schema.type(below.typeName)?.fields : undefined;
  return keyElement(item, strategy.keys, (key) =>
    fields !== undefined && Object.hasOwn(fields, key)
      ? (fields[key]?.default as JsonValue | undefined)
      : undefined,
  );
}

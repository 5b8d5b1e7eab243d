import { type FieldShape, fieldShape } from './field-shape.ts';
import { patchStrategies } from './list-strategy.ts';
import type { FieldDef, Schema } from './schema.ts';

/** Where in its type a value stands; empty where nothing is known: it merges as plain JSON. */
export type Place = { readonly shape?: FieldShape | undefined; readonly field?: FieldDef | undefined };

export function rootPlace(typeName: string): Place {
  return { shape: { form: 'type', typeName } };
}

/** The place of a member of an object. */
export function memberPlace(schema: Schema, place: Place, key: string): Place {
  if (place.shape?.form === 'map') return { shape: place.shape.of };
  if (place.shape?.form !== 'type') return {};
  const fields = schema.type(place.shape.typeName)?.fields;
  const field = fields !== undefined && Object.hasOwn(fields, key) ? fields[key] : undefined;
  return field === undefined ? {} : { shape: fieldShape(field), field };
}

/** The place of an item of a list. Its `field` is the list's: the strategies of a list speak of its items too. */
export function itemPlace(place: Place): Place {
  return place.shape?.form === 'list' ? { shape: place.shape.of, field: place.field } : {};
}

/** Patches of this object name the members that may stay. */
export function retainsKeys(place: Place): boolean {
  return patchStrategies(place.field).includes('retainKeys');
}

/** An object that is never merged. */
export function isReplaced(place: Place): boolean {
  return patchStrategies(place.field).includes('replace');
}

/** How a list merges: not at all, as a set of scalars, or as items named by one member. */
export type ListMerge =
  | { readonly kind: 'replace' | 'scalars' }
  | { readonly kind: 'items'; readonly mergeKey: string };

/** Unlike a server-side merge, a strategic one goes by the patch strategy and its one merge key. */
export function listMergeOf(place: Place): ListMerge {
  if (place.shape?.form !== 'list' || !patchStrategies(place.field).includes('merge'))
    return { kind: 'replace' };
  const mergeKey = place.field?.patchMergeKey;
  return mergeKey === undefined ? { kind: 'scalars' } : { kind: 'items', mergeKey };
}

import { canonicalJson, isObject, type JsonValue } from '../base/json.ts';
import type { FieldDef, TypeDef } from './schema.ts';

/** How a list merges: whole, as a set of scalars, or item by item by the fields that name an item. */
export type ListStrategy =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'map'; readonly keys: readonly string[] };

/** The list type of the API where it has one, the older patch strategy otherwise. */
export function listStrategyOf(field: FieldDef | undefined): ListStrategy {
  if (field?.listType === 'atomic') return { kind: 'atomic' };
  if (field?.listType === 'map' && field.listMapKeys !== undefined)
    return { kind: 'map', keys: field.listMapKeys };
  if (field?.listType === 'set') return { kind: 'set' };
  if (!patchStrategies(field).includes('merge')) return { kind: 'atomic' };
  return field?.patchMergeKey === undefined ? { kind: 'set' } : { kind: 'map', keys: [field.patchMergeKey] };
}

/** `merge,retainKeys` → both. */
export function patchStrategies(field: FieldDef | undefined): readonly string[] {
  return field?.patchStrategy?.split(',') ?? [];
}

/**
 * One text per item, equal for the items that are the same one. A key field that is absent counts as its default
 * (a port without protocol is TCP). The second item of the same name is another one, so no duplicate is ever lost.
 */
export function itemNames(
  items: readonly JsonValue[],
  by: { readonly keys: readonly string[]; readonly type: TypeDef | undefined },
): readonly string[] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const name = isObject(item)
      ? canonicalJson(by.keys.map((key) => item[key] ?? by.type?.fields?.[key]?.default ?? null))
      : canonicalJson(item);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return `${name}#${before}`;
  });
}

import { isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { FieldPath } from '../schema/finding.ts';
import type { Schema } from '../schema/schema.ts';

/** One object of a document: the document itself, or an item of a List. */
export type DocumentItem = { readonly value: JsonValue; readonly path: FieldPath };

/** Lists in lists, as nobody writes them. */
const LISTS_DEEP_MAX = 4;

/**
 * The objects of a document. `kind: List`, and the list kinds of the API (`DeploymentList`), stand for their items; items of the
 * latter may leave apiVersion and kind to their list, as the API's own answers do.
 */
export function documentItems(schema: Schema, value: JsonValue, depth = 0): readonly DocumentItem[] {
  if (isArray(value)) return value.flatMap((item, at) => below([at], documentItems(schema, item, depth + 1)));
  if (!isObject(value) || depth > LISTS_DEEP_MAX) return [{ value, path: [] }];
  const itemKind = listedKind(schema, value);
  if (itemKind === undefined || !isArray(value.items)) return [{ value, path: [] }];
  return value.items.flatMap((item, at) => {
    const whole = itemKind === null || !isObject(item) ? item : { ...itemKind, ...item };
    return below(['items', at], documentItems(schema, whole, depth + 1));
  });
}

function below(path: FieldPath, items: readonly DocumentItem[]): readonly DocumentItem[] {
  return items.map((item) => ({ value: item.value, path: [...path, ...item.path] }));
}

/** What the items of a list are: null when each says so itself; undefined when the value is no list. */
function listedKind(
  schema: Schema,
  { apiVersion, kind }: JsonObject,
): { readonly apiVersion: string; readonly kind: string } | null | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !kind.endsWith('List')) return undefined;
  if (kind === 'List') return null;
  const item = kind.slice(0, -'List'.length);
  return schema.kindOf(apiVersion, item) === undefined ? undefined : { apiVersion, kind: item };
}

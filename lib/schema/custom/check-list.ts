import { canonicalJson, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { type FieldPath, fieldPathText } from '../finding.ts';
import { duplicateValue, invalidValue, tooMany, type Wording } from '../wording.ts';
import { numberAt } from './check-scalar.ts';
import { defaultOf, nodeAt, propertyOf, type SchemaNode, textsOf } from './structural-schema.ts';

/** What the number of items, and the type of the list, refuse. */
export function wrongItems(
  node: SchemaNode,
  items: readonly JsonValue[],
  path: FieldPath,
): readonly { readonly path: FieldPath; readonly wording: Wording }[] {
  const wrong: { path: FieldPath; wording: Wording }[] = [];
  const [min, max] = [numberAt(node, 'minItems'), numberAt(node, 'maxItems')];
  const count = items.length;
  if (max !== undefined && count > max) wrong.push({ path, wording: tooMany({ count, max }) });
  if (min !== undefined && count < min) {
    const why = `${fieldPathText(path)} in body should have at least ${min} items`;
    wrong.push({ path, wording: invalidValue(count, why) });
  }
  const keyOf = itemKey(node);
  if (keyOf === null) return wrong;
  const seen = new Set<string>();
  for (const [at, item] of items.entries()) {
    const key = keyOf(item);
    const text = canonicalJson(key);
    if (seen.has(text)) wrong.push({ path: [...path, at], wording: duplicateValue(key) });
    seen.add(text);
  }
  return wrong;
}

/** What tells the items of a list apart; null: nothing needs to. */
function itemKey(node: SchemaNode): ((item: JsonValue) => JsonValue) | null {
  const listType = node['x-kubernetes-list-type'];
  if (listType === 'set') return (item) => item;
  if (listType !== 'map') return null;
  const keys = textsOf(node['x-kubernetes-list-map-keys']);
  const items = nodeAt(node, 'items') ?? {};
  return (item) => {
    const found: Record<string, JsonValue> = {};
    const members: JsonObject = isObject(item) ? item : {};
    for (const key of keys) {
      const property = propertyOf(items, key);
      const value =
        (Object.hasOwn(members, key) ? members[key] : undefined) ?? (property && defaultOf(property));
      if (value !== undefined && value !== null) found[key] = value;
    }
    return found;
  };
}

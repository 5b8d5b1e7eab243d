import { canonicalJson, FORBIDDEN_KEYS, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';

/**
 * One step of a path, in the text of fieldsV1: `f:name` a member, `k:{"name":"x"}` the item of a list with these keys,
 * `v:"x"` an item of a set, `i:0` an item by its place. Source: structured-merge-diff fieldpath.
 */
export function memberElement(name: string): string {
  return `f:${name}`;
}

/**
 * The element of an item of a keyed list; a key that is absent counts as its default, or not at all. undefined: the item has
 * none of the keys.
 */
export function keyElement(
  item: JsonValue,
  keys: readonly string[],
  defaultOf: (key: string) => JsonValue | undefined,
): string | undefined {
  if (!isObject(item)) return undefined;
  const found: Record<string, JsonValue> = {};
  for (const key of keys) {
    const value = item[key] ?? defaultOf(key);
    if (value !== undefined && value !== null) found[key] = value;
  }
  return Object.keys(found).length === 0 ? undefined : `k:${canonicalJson(found)}`;
}

export function valueElement(item: JsonValue): string {
  return `v:${canonicalJson(item)}`;
}

/** The element in the one form that equal elements share; null when it is none. */
export function canonicalElement(text: string): string | null {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case 'f:':
      return FORBIDDEN_KEYS.has(rest) ? null : text;
    case 'k:': {
      const keys = parse(rest);
      return isObject(keys) ? `k:${canonicalJson(keys)}` : null;
    }
    case 'v:': {
      const value = parse(rest);
      return value === undefined ? null : `v:${canonicalJson(value)}`;
    }
    case 'i:':
      return /^(0|[1-9][0-9]{0,8})$/.test(rest) ? text : null;
    default:
      return null;
  }
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** `.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"]`, `.finalizers[="x"]`: as kubectl prints a path. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('');
}

function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('i:')) return `[${rest}]`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  const keys = parse(rest);
  return `[${Object.entries(isObject(keys) ? keys : ({} satisfies JsonObject))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}]`;
}

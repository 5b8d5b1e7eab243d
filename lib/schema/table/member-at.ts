import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';

/** What stands at a path of names; undefined when nothing does. Tables are made of whatever is stored: nothing is taken for granted. */
export function memberAt(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const name of path) found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found ?? undefined;
}

/** The text there; '' when there is none. */
export function textAt(value: JsonValue | undefined, ...path: readonly string[]): string {
  const found = memberAt(value, ...path);
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
}

/** The number there; 0 when there is none. */
export function numberAt(value: JsonValue | undefined, ...path: readonly string[]): number {
  const found = memberAt(value, ...path);
  return typeof found === 'number' ? found : 0;
}

/** The objects of the list there. */
export function itemsAt(value: JsonValue | undefined, ...path: readonly string[]): readonly JsonObject[] {
  const found = memberAt(value, ...path);
  return isArray(found) ? found.filter(isObject) : [];
}

/** The texts of the list there. */
export function textsAt(value: JsonValue | undefined, ...path: readonly string[]): readonly string[] {
  const found = memberAt(value, ...path);
  return isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}

/** How many members or items there are. */
export function countAt(value: JsonValue | undefined, ...path: readonly string[]): number {
  const found = memberAt(value, ...path);
  return isArray(found) ? found.length : isObject(found) ? Object.keys(found).length : 0;
}

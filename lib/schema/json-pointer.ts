import { FORBIDDEN_KEYS, isArray, isObject, type JsonValue } from '../base/json.ts';

/** RFC 6901: `/a~1b/0` → `a/b`, `0`; null when it is no pointer. '' is the whole document. */
export function parsePointer(pointer: string): readonly string[] | null {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return null;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const INDEX = /^(0|[1-9][0-9]{0,9})$/;

/** The index a pointer's part names in a list; null when it names none. */
export function listIndex(part: string): number | null {
  return INDEX.test(part) ? Number(part) : null;
}

/** The value a pointer leads to through own members; undefined when there is none. */
export function valueAt(document: JsonValue, parts: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const part of parts) {
    if (isArray(value)) value = value[listIndex(part) ?? -1];
    else if (isObject(value) && !FORBIDDEN_KEYS.has(part) && Object.hasOwn(value, part)) value = value[part];
    else return undefined;
  }
  return value;
}

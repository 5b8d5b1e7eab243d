import type { JsonValue } from '../base/json.ts';
import { cloneJson } from '../base/json.ts';

/** JSON that its owner may still change: a private copy on its way to becoming a value. */
export type DraftValue = string | number | boolean | null | DraftValue[] | DraftObject;
export type DraftObject = { [key: string]: DraftValue | undefined };

/** The same type, changeable at every depth. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? Draft<Item>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T;

/** A private copy, without `undefined` members and `__proto__` keys. */
export function draftOf<T>(value: T): Draft<T> {
  return cloneJson(value) as Draft<T>;
}

export function isDraftObject(value: DraftValue | undefined): value is DraftObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a path of field names; undefined when something else, or nothing, stands there. */
export function draftAt(root: DraftObject, ...path: readonly string[]): DraftObject | undefined {
  let at: DraftValue | undefined = root;
  for (const name of path) {
    if (!isDraftObject(at)) return undefined;
    at = Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return isDraftObject(at) ? at : undefined;
}

/** The objects of a list; what is no object is passed over. */
export function draftItems(list: DraftValue | undefined): readonly DraftObject[] {
  return Array.isArray(list) ? list.filter(isDraftObject) : [];
}

export function isAbsent(value: DraftValue | JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

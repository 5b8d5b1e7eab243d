import type { JsonValue } from '../base/json.ts';
import { isArray, isObject } from '../base/json.ts';

const SHOWN_CHARS_MAX = 60;

/** A value for people, never more than a little of it; `hidden`: only what sort of value it is. */
export function describeValue(value: JsonValue, hidden: boolean): string {
  if (value === null) return 'empty';
  if (isArray(value)) return 'a list';
  if (isObject(value)) return 'a group of fields';
  const sort = typeof value === 'string' ? 'text' : typeof value;
  if (hidden) return `a ${sort}`;
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, SHOWN_CHARS_MAX) : value);
  return `the ${sort} ${text}`;
}

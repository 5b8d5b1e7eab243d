import { isArray, isObject, type JsonValue } from '../base/json.ts';
import type { FieldPath } from '../schema/finding.ts';

/** `spec.containers[].env[]`: field names, `[]` after a list whose every item is meant. */
export type FieldPattern = readonly { readonly field: string; readonly each: boolean }[];

export type Matched = { readonly path: FieldPath; readonly value: JsonValue };

export function fieldPattern(text: string): FieldPattern {
  if (text === '') return [];
  return text.split('.').map((part) => {
    const each = part.endsWith('[]');
    return { field: each ? part.slice(0, -2) : part, each };
  });
}

/** Every value a pattern leads to; what has another shape than the pattern expects is passed over. */
export function matchesOf(root: JsonValue | undefined, pattern: FieldPattern): readonly Matched[] {
  if (root === undefined) return [];
  let found: readonly Matched[] = [{ path: [], value: root }];
  for (const { field, each } of pattern) {
    const next: Matched[] = [];
    for (const { path, value } of found) {
      const member = isObject(value) && Object.hasOwn(value, field) ? value[field] : undefined;
      if (member === undefined || member === null) continue;
      if (!each) next.push({ path: [...path, field], value: member });
      else if (isArray(member)) {
        for (const [at, item] of member.entries()) next.push({ path: [...path, field, at], value: item });
      }
    }
    if (next.length === 0) return next;
    found = next;
  }
  return found;
}

/** The text at a path of plain fields, when there is text. */
export function textAt(root: JsonValue | undefined, ...fields: readonly string[]): string | undefined {
  const value = valueAt(root, ...fields);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value at a path of plain fields; undefined when a step is missing. */
export function valueAt(root: JsonValue | undefined, ...fields: readonly string[]): JsonValue | undefined {
  let value = root;
  for (const field of fields) {
    if (!isObject(value) || !Object.hasOwn(value, field)) return undefined;
    value = value[field];
  }
  return value;
}

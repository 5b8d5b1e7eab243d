import { isObject, type JsonValue } from '../base/json.ts';

/** RFC 6902. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move'; readonly from: string; readonly path: string }
  | { readonly op: 'copy'; readonly from: string; readonly path: string };

/** Whether a value is one operation of RFC 6902, with the members it needs. */
export function isJsonPatchOperation(value: unknown): value is JsonPatchOperation {
  if (!isObject(value) || typeof value.path !== 'string') return false;
  switch (value.op) {
    case 'add':
    case 'replace':
    case 'test':
      return value.value !== undefined;
    case 'move':
    case 'copy':
      return typeof value.from === 'string';
    default:
      return value.op === 'remove';
  }
}

import { assertNever } from '../base/errors.ts';
import { isArray, isObject, type JsonValue } from '../base/json.ts';
import { type FieldPath, fieldPathText } from '../schema/finding.ts';
import type { JsonPatchOperation } from '../schema/json-patch-operation.ts';

export type FieldChange = {
  /** As Kubernetes writes field paths. */
  readonly path: string;
  /** One line; null: not set. */
  readonly from: string | null;
  readonly to: string | null;
};

const VALUE_CHARACTERS_MAX = 120;

/** What a patch does, field by field, with the values before and after. Named list items are shown by name. */
export function fieldChanges(
  before: JsonValue,
  operations: readonly JsonPatchOperation[],
): readonly FieldChange[] {
  return operations.flatMap((operation): readonly FieldChange[] => {
    const tokens = pointerTokens(operation.path);
    const path = namedPath(before, tokens);
    switch (operation.op) {
      case 'add':
      case 'replace':
        // Adding an item to a list moves the others: there is nothing it replaces.
        return [
          {
            path,
            from: insertsIntoList(before, operation.op, tokens) ? null : lineOf(valueAt(before, tokens)),
            to: lineOf(operation.value),
          },
        ];
      case 'remove':
        return [{ path, from: lineOf(valueAt(before, tokens)), to: null }];
      case 'move':
      case 'copy':
        return [
          {
            path,
            from: lineOf(valueAt(before, tokens)),
            to: lineOf(valueAt(before, pointerTokens(operation.from))),
          },
        ];
      case 'test':
        return [];
      default:
        return assertNever(operation);
    }
  });
}

function pointerTokens(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(root: JsonValue, tokens: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const token of tokens) {
    if (isArray(value)) value = value[Number(token)];
    else if (isObject(value)) value = Object.hasOwn(value, token) ? value[token] : undefined;
    else return undefined;
  }
  return value;
}

function insertsIntoList(root: JsonValue, op: string, tokens: readonly string[]): boolean {
  return op === 'add' && isArray(valueAt(root, tokens.slice(0, -1)));
}

/** `spec.containers[web].image` rather than `[0]`, where the item has a name. */
function namedPath(root: JsonValue, tokens: readonly string[]): string {
  const path: FieldPath = tokens.map((token, at) => {
    if (!isArray(valueAt(root, tokens.slice(0, at)))) return token;
    const item = valueAt(root, tokens.slice(0, at + 1));
    if (isObject(item) && typeof item.name === 'string') return `[${item.name}]`;
    return /^\d+$/.test(token) ? Number(token) : token;
  });
  return fieldPathText(path).replaceAll('[[', '[').replaceAll(']]', ']');
}

function lineOf(value: JsonValue | undefined): string | null {
  if (value === undefined) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  return line.length > VALUE_CHARACTERS_MAX ? `${line.slice(0, VALUE_CHARACTERS_MAX)}…` : line;
}

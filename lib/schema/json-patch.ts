import fastJsonPatch from 'fast-json-patch';
import { assertNever, UserError } from '../base/errors.ts';
import { cloneJson, deepEqual, FORBIDDEN_KEYS, isArray, isObject, type JsonValue } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { isJsonPatchOperation, type JsonPatchOperation } from './json-patch-operation.ts';
import { listIndex, parsePointer, valueAt } from './json-pointer.ts';

export type { JsonPatchOperation } from './json-patch-operation.ts';

/** What turns `from` into `to` (RFC 6902). Lists are compared place by place. Empty when they are equal. */
export function diffToJsonPatch(from: object, to: object): readonly JsonPatchOperation[] {
  return fastJsonPatch.compare(cloneJson(from), cloneJson(to)) as JsonPatchOperation[];
}

/**
 * A new document with the operations applied in order; the given one is not touched.
 *
 * The library changes the document; whether it may is decided here, because it also finds members a document only
 * inherits (`constructor`), lets lists have holes, and bounds nothing.
 *
 * @throws UserError INVALID_PATCH (an operation makes no sense or leads nowhere), PATCH_TEST_FAILED,
 *   PATCH_TOO_LARGE (too many operations, or copies that multiply)
 */
export function applyJsonPatch(document: JsonValue, operations: readonly JsonPatchOperation[]): JsonValue {
  if (operations.length > limits.jsonPatchOperationsMax)
    throw new UserError(
      'PATCH_TOO_LARGE',
      `A patch has no more than ${limits.jsonPatchOperationsMax} operations.`,
    );
  let patched: JsonValue = cloneJson(document);
  let copiedChars = 0;
  const apply = (operation: SingleStep, at: number): void => {
    copiedChars += check(patched, operation, at);
    if (copiedChars > limits.jsonPatchCopiedCharsMax)
      throw new UserError('PATCH_TOO_LARGE', 'The copies of the patch add up to too much.', {
        operation: at,
      });
    if (operation.op !== 'test')
      patched = fastJsonPatch.applyOperation(patched, cloneJson(operation)).newDocument;
  };
  for (const [at, operation] of operations.entries()) {
    if (operation.op !== 'move') apply(operation, at);
    else for (const step of stepsOfMove(patched, operation, at)) apply(step, at);
  }
  return patched;
}

/** Operations from a request's body. @throws UserError INVALID_PATCH */
export function readJsonPatch(body: unknown): readonly JsonPatchOperation[] {
  if (!Array.isArray(body)) throw new UserError('INVALID_PATCH', 'A JSON patch is a list of operations.');
  return body.map((operation: unknown, at) => {
    if (!isJsonPatchOperation(operation))
      throw invalid(at, 'it is not an operation of RFC 6902 with the members it needs');
    return operation;
  });
}

function invalid(at: number, why: string): UserError {
  return new UserError('INVALID_PATCH', `Operation ${at + 1} of the patch: ${why}.`, { operation: at });
}

type Move = Extract<JsonPatchOperation, { op: 'move' }>;
type SingleStep = Exclude<JsonPatchOperation, Move>;

/** Taking away and putting: the place is looked for when the value is gone, as a list has one item less by then. */
function stepsOfMove(document: JsonValue, operation: Move, at: number): readonly SingleStep[] {
  const value = requireValue(document, pointer(operation.from, at), at);
  if (operation.path === operation.from) return [];
  if (operation.path.startsWith(`${operation.from}/`)) throw invalid(at, 'it moves a value into itself');
  return [
    { op: 'remove', path: operation.from },
    { op: 'add', path: operation.path, value },
  ];
}

/** Throws unless the operation may be applied; returns the size of what it copies. */
function check(document: JsonValue, operation: SingleStep, at: number): number {
  const path = pointer(operation.path, at);
  switch (operation.op) {
    case 'add':
      requirePlace(document, path, at);
      return 0;
    case 'remove':
    case 'replace':
      requireValue(document, path, at);
      return 0;
    case 'test':
      if (!deepEqual(requireValue(document, path, at), operation.value))
        throw new UserError('PATCH_TEST_FAILED', `The value at \`${operation.path}\` is another one.`, {
          operation: at,
        });
      return 0;
    case 'copy': {
      const value = requireValue(document, pointer(operation.from, at), at);
      requirePlace(document, path, at);
      return JSON.stringify(value).length;
    }
    default:
      return assertNever(operation);
  }
}

function pointer(text: string, at: number): readonly string[] {
  const parts = parsePointer(text);
  if (parts === null) throw invalid(at, `\`${text}\` is not a JSON pointer`);
  if (parts.some((part) => FORBIDDEN_KEYS.has(part)))
    throw invalid(at, `\`${text}\` names a member that is refused`);
  if (parts.some((part, place) => part === 'prototype' && parts[place - 1] === 'constructor'))
    throw invalid(at, `\`${text}\` names a member that is refused`);
  return parts;
}

function requireValue(document: JsonValue, path: readonly string[], at: number): JsonValue {
  const value = valueAt(document, path);
  if (value === undefined) throw invalid(at, `there is nothing at \`/${path.join('/')}\``);
  return value;
}

/** The parent must be there; in a list, the index must be one of its items', the next, or `-`. */
function requirePlace(document: JsonValue, path: readonly string[], at: number): void {
  const last = path.at(-1);
  if (last === undefined) return;
  const parent = valueAt(document, path.slice(0, -1));
  if (isArray(parent)) {
    const index = last === '-' ? parent.length : listIndex(last);
    if (index === null || index > parent.length) throw invalid(at, `\`${last}\` is no place in the list`);
    return;
  }
  if (!isObject(parent))
    throw invalid(at, `there is no object or list at \`/${path.slice(0, -1).join('/')}\``);
}

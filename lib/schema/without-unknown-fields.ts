import { cloneJson, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { FieldPath } from './finding.ts';
import { readTyped } from './read-typed.ts';
import type { Kind, Schema } from './schema.ts';

/** A copy of the object without any field that its kind has not. In time that grows with its size only, however many there are. */
export function withoutFieldsUnknownTo<T extends JsonObject>(schema: Schema, kind: Kind, object: T): T {
  const path: (string | number)[] = [];
  const unknown: FieldPath[] = [];
  const visitor = {
    problem: (ruleId: string) => {
      if (ruleId === 'unknown-field') unknown.push([...path]);
    },
    typed: () => undefined,
  };
  const typeName = kind.custom?.headType ?? kind.typeName;
  readTyped({ schema, typeName, secret: false, path, visitor }, object);
  const copy = cloneJson(object);
  for (const place of unknown) remove(copy, place);
  return copy;
}

function remove(from: JsonValue, path: FieldPath): void {
  let parent: JsonValue | undefined = from;
  for (const part of path.slice(0, -1)) {
    if (isArray(parent) && typeof part === 'number') parent = parent[part];
    else if (isObject(parent)) parent = parent[part];
  }
  const name = path.at(-1);
  // It is ours: it was copied just now.
  if (isObject(parent) && name !== undefined) delete (parent as Record<string, JsonValue | undefined>)[name];
}

import type { JsonObject, JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { compiledType } from '../compiled-type.ts';
import { fieldShape } from '../field-shape.ts';
import type { Schema, TypeDef } from '../schema.ts';

/** Types live as long as their schema. */
const known = new WeakMap<TypeDef, JsonObject>();

/**
 * What a kind's object is before anybody says anything of it: structs that are no pointers are there and empty, lists that must be
 * there are null. What a first write is compared with, so that nobody owns the struct itself.
 */
export function newObjectOf(schema: Schema, typeName: string): JsonObject {
  const type = schema.type(typeName);
  if (type === undefined) return {};
  const object = known.get(type) ?? made(schema, typeName, 0);
  known.set(type, object);
  return object;
}

function made(schema: Schema, typeName: string, depth: number): JsonObject {
  const type = schema.type(typeName);
  if (type?.fields === undefined || depth > limits.objectDepthMax) return {};
  const { fields } = compiledType(schema, typeName, type);
  const members: [string, JsonValue][] = [];
  for (const [name, field] of fields) {
    const shape = fieldShape(field);
    if (shape.form === 'list' && field.required === true) members.push([name, null]);
    const struct = shape.form === 'type' && schema.type(shape.typeName)?.fields !== undefined;
    if (struct && field.pointer !== true) members.push([name, made(schema, shape.typeName, depth + 1)]);
  }
  return Object.fromEntries(members);
}

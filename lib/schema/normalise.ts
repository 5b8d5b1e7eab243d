import type { JsonObject, JsonValue } from '../base/json.ts';
import { FORBIDDEN_KEYS, isArray, isObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { compiledType } from './compiled-type.ts';
import { type DraftObject, type DraftValue, draftOf } from './draft.ts';
import { type FieldShape, fieldShape } from './field-shape.ts';
import { formatQuantity, quantityOf } from './quantity.ts';
import type { FieldDef, Schema } from './schema.ts';

/**
 * A private copy of an object in the one form that all spellings of it share, as if it had gone through upstream's types and
 * back: no nulls; where an explicit zero means absent (fields that are no pointers) it is absent, as are empty lists and maps;
 * quantities in canonical text; the defaults the facts give. Fields no type knows are kept, the status is left as it is.
 */
export function normalise(schema: Schema, typeName: string, object: JsonObject): DraftObject {
  return copyType({ schema, typeName, depth: 0 }, object);
}

type Where = { readonly schema: Schema; readonly typeName: string; readonly depth: number };

function copyType({ schema, typeName, depth }: Where, value: JsonObject): DraftObject {
  const copy: DraftObject = {};
  const type = schema.type(typeName);
  if (type?.fields === undefined || depth > limits.objectDepthMax) return draftOf<JsonObject>(value);
  const { fields, required } = compiledType(schema, typeName, type);
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined || member === null || FORBIDDEN_KEYS.has(name)) continue;
    const field = fields.get(name);
    if (field === undefined || (depth === 0 && name === 'status') || name === 'managedFields') {
      copy[name] = draftOf(member);
      continue;
    }
    if (!required.includes(name) && meansAbsent(field, member)) continue;
    copy[name] = copyValue({ schema, shape: fieldShape(field), depth: depth + 1 }, member);
  }
  for (const [name, field] of fields)
    if (field.default !== undefined && copy[name] === undefined && isPlain(field.default))
      copy[name] = field.default;
  return copy;
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function meansAbsent(field: FieldDef, value: JsonValue): boolean {
  // Any JSON value is what it is: the empty list of a default is one.
  if (isArray(value)) return value.length === 0 && fieldShape(field).form !== 'type';
  if (isObject(value)) return field.type.startsWith('map<') && Object.keys(value).length === 0;
  return field.pointer !== true && (value === '' || value === 0 || value === false) && scalar(field);
}

function scalar(field: FieldDef): boolean {
  return fieldShape(field).form === 'scalar';
}

function copyValue(
  where: { readonly schema: Schema; readonly shape: FieldShape; readonly depth: number },
  value: JsonValue,
): DraftValue {
  const { schema, shape, depth } = where;
  switch (shape.form) {
    case 'scalar':
      return draftOf(value);
    case 'list':
      if (!isArray(value)) return draftOf(value);
      return value.map((item) => copyValue({ schema, shape: shape.of, depth: depth + 1 }, item));
    case 'map': {
      if (!isObject(value)) return draftOf(value);
      const copy: DraftObject = {};
      for (const name of Object.keys(value)) {
        const member = value[name];
        if (member === undefined || member === null || FORBIDDEN_KEYS.has(name)) continue;
        copy[name] = copyValue({ schema, shape: shape.of, depth: depth + 1 }, member);
      }
      return copy;
    }
    case 'type':
      if (isObject(value)) return copyType({ schema, typeName: shape.typeName, depth }, value);
      return shape.typeName.endsWith('.Quantity') ? canonicalQuantity(value) : draftOf(value);
  }
}

function canonicalQuantity(value: JsonValue): DraftValue {
  const quantity = quantityOf(value);
  return quantity === null ? draftOf(value) : formatQuantity(quantity);
}

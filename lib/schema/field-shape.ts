import type { FieldDef } from './schema.ts';

/** A field's type text, taken apart. */
export type FieldShape =
  | { readonly form: 'scalar'; readonly scalar: Scalar }
  | { readonly form: 'list' | 'map'; readonly of: FieldShape }
  | { readonly form: 'type'; readonly typeName: string };

export const scalars = [
  'string',
  'string:byte',
  'boolean',
  'integer:int32',
  'integer:int64',
  'number:double',
] as const;
export type Scalar = (typeof scalars)[number];

function isScalar(text: string): text is Scalar {
  return (scalars as readonly string[]).includes(text);
}

/** `map<string[]>` → a map of lists of strings; anything that is no scalar is the name of a type. */
export function shapeOf(type: string): FieldShape {
  if (type.endsWith('[]')) return { form: 'list', of: shapeOf(type.slice(0, -2)) };
  if (type.startsWith('map<')) return { form: 'map', of: shapeOf(type.slice(4, -1)) };
  return isScalar(type) ? { form: 'scalar', scalar: type } : { form: 'type', typeName: type };
}

/** Field definitions live as long as their schema, so their shapes may be kept beside them. */
const known = new WeakMap<FieldDef, FieldShape>();

export function fieldShape(field: FieldDef): FieldShape {
  let shape = known.get(field);
  if (shape === undefined) {
    shape = shapeOf(field.type);
    known.set(field, shape);
  }
  return shape;
}

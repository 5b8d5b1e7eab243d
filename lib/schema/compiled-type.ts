import { requiredBesides, requiredNot } from './open-fields.ts';
import type { FieldDef, Schema, TypeDef } from './schema.ts';

/** A type made ready for reading. */
export type CompiledType = {
  /** A Map, so that `constructor` is an unknown field like any other. */
  readonly fields: ReadonlyMap<string, FieldDef>;
  readonly required: readonly string[];
  /** Its lists whose entries are told apart by keys. */
  readonly keyedLists: readonly KeyedList[];
};

export type KeyedList = { readonly name: string; readonly keys: readonly string[] };

/** Types live as long as their schema; what is derived from one is kept beside it. */
const known = new WeakMap<TypeDef, CompiledType>();

export function compiledType(schema: Schema, typeName: string, type: TypeDef): CompiledType {
  let compiled = known.get(type);
  if (compiled === undefined) {
    const fields = new Map(Object.entries(type.fields ?? {}));
    compiled = { fields, required: requiredFields(schema, typeName, fields), keyedLists: keyedLists(fields) };
    known.set(type, compiled);
  }
  return compiled;
}

function keyedLists(fields: ReadonlyMap<string, FieldDef>): readonly KeyedList[] {
  return [...fields].flatMap(([name, { listMapKeys: keys = [] }]) =>
    keys.length > 0 ? [{ name, keys }] : [],
  );
}

/**
 * What Kubernetes refuses to be without. A `spec` that has required fields is required itself: upstream reads an absent one as
 * empty and then misses each of its fields.
 */
function requiredFields(
  schema: Schema,
  typeName: string,
  fields: ReadonlyMap<string, FieldDef>,
): readonly string[] {
  const required = [...fields].filter(([name, field]) => {
    if (requiredNot(typeName, name)) return false;
    if (field.required === true || requiredBesides(typeName, name)) return true;
    if (name !== 'spec') return false;
    const spec = schema.type(field.type);
    return spec !== undefined && compiledType(schema, field.type, spec).required.length > 0;
  });
  return required.map(([name]) => name);
}

import type { JsonObject, JsonValue } from '../../base/json.ts';
import { type FieldShape, fieldShape, type Scalar } from '../field-shape.ts';
import { patchStrategies } from '../list-strategy.ts';
import { takesOtherValues } from '../open-fields.ts';
import type { FieldDef } from '../schema.ts';
import type { Descriptions } from './descriptions.ts';

const SCALARS: Readonly<Record<Scalar, JsonObject>> = {
  string: { type: 'string' },
  'string:byte': { type: 'string', format: 'byte' },
  boolean: { type: 'boolean' },
  'integer:int32': { type: 'integer', format: 'int32' },
  'integer:int64': { type: 'integer', format: 'int64' },
  'number:double': { type: 'number', format: 'double' },
};

export function refTo(typeName: string): JsonObject {
  return { $ref: `#/components/schemas/${typeName}` };
}

/** The schema of one field, with what a patch must know of it: Kubernetes' own extensions of OpenAPI. */
export function propertySchema(
  of: { readonly typeName: string; readonly name: string; readonly def: FieldDef },
  descriptions: Descriptions,
): JsonObject {
  const { def } = of;
  const shape = fieldShape(def);
  const description = descriptions.fields[`${of.typeName}#${of.name}`];
  const values = def.values?.filter((value) => value !== '');
  const listed = values !== undefined && values.length > 0 && !takesOtherValues(of);
  const rows: Record<string, JsonValue> = {};
  if (description !== undefined) rows.description = description;
  if (def.default !== undefined) rows.default = def.default as JsonValue;
  if (def.listType !== undefined) rows['x-kubernetes-list-type'] = def.listType;
  if (def.listMapKeys !== undefined) rows['x-kubernetes-list-map-keys'] = def.listMapKeys;
  if (def.mapType !== undefined) rows['x-kubernetes-map-type'] = def.mapType;
  if (patchStrategies(def).length > 0) rows['x-kubernetes-patch-strategy'] = patchStrategies(def).join(',');
  if (def.patchMergeKey !== undefined) rows['x-kubernetes-patch-merge-key'] = def.patchMergeKey;
  const plain = valueSchema(shape);
  if (!listed) return { ...referable(plain, Object.keys(rows).length > 0), ...rows };
  if (shape.form === 'list') return { ...plain, ...rows, items: { ...valueSchema(shape.of), enum: values } };
  return { ...plain, ...rows, enum: values };
}

/** Beside a `$ref` nothing may stand in OpenAPI 3.0. */
function referable(schema: JsonObject, hasMore: boolean): JsonObject {
  return hasMore && schema.$ref !== undefined ? { allOf: [schema] } : schema;
}

function valueSchema(shape: FieldShape): JsonObject {
  switch (shape.form) {
    case 'scalar':
      return SCALARS[shape.scalar];
    case 'list':
      return { type: 'array', items: valueSchema(shape.of) };
    case 'map':
      return { type: 'object', additionalProperties: valueSchema(shape.of) };
    case 'type':
      return refTo(shape.typeName);
  }
}

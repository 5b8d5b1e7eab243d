import type { JsonObject, JsonValue } from '../../base/json.ts';
import { requiredBesides, requiredNot } from '../open-fields.ts';
import type { Schema, TypeDef } from '../schema.ts';
import type { Descriptions } from './descriptions.ts';
import { propertySchema } from './property-schema.ts';

/** The schema of a type of the facts. */
export function typeSchema(
  of: { readonly typeName: string; readonly type: TypeDef; readonly gvk: readonly JsonObject[] },
  descriptions: Descriptions,
): JsonObject {
  const { typeName, type, gvk } = of;
  const rows: Record<string, JsonValue> = {};
  const description = descriptions.types[typeName];
  if (description !== undefined) rows.description = description;
  if (type.mapType !== undefined) rows['x-kubernetes-map-type'] = type.mapType;
  if (gvk.length > 0) rows['x-kubernetes-group-version-kind'] = gvk;
  if (type.fields === undefined) return { ...specialSchema(typeName, type.is ?? 'any'), ...rows };
  const fields = Object.entries(type.fields);
  const properties = fields.map(([name, def]) => [
    name,
    propertySchema({ typeName, name, def }, descriptions),
  ]);
  const required = fields
    .filter(([name, def]) => def.required === true && !requiredNot(typeName, name))
    .map(([name]) => name);
  const besides = fields.map(([name]) => name).filter((name) => requiredBesides(typeName, name));
  const all = [...new Set([...required, ...besides])].sort();
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as JsonObject,
    ...(all.length > 0 ? { required: all } : {}),
    ...rows,
  };
}

function specialSchema(typeName: string, is: string): JsonObject {
  if (is === 'string:date-time') return { type: 'string', format: 'date-time' };
  if (is === 'object') return { type: 'object' };
  if (is !== 'int-or-string') return { description: 'Any JSON value.' };
  const oneOf = typeName.endsWith('.Quantity')
    ? [{ type: 'string' }, { type: 'number' }]
    : [{ type: 'integer' }, { type: 'string' }];
  return typeName.endsWith('.Quantity') ? { oneOf } : { format: 'int-or-string', oneOf };
}

/** The types that these reach through their fields, themselves included. */
export function reachedTypes(schema: Schema, roots: readonly string[]): readonly string[] {
  const reached = new Set<string>();
  const open = [...roots];
  for (let typeName = open.pop(); typeName !== undefined; typeName = open.pop()) {
    const type = schema.type(typeName);
    if (type === undefined || reached.has(typeName)) continue;
    reached.add(typeName);
    for (const field of Object.values(type.fields ?? {}))
      open.push(field.type.replace(/^map<(.*)>$/, '$1').replaceAll('[]', ''));
  }
  return [...reached].sort();
}

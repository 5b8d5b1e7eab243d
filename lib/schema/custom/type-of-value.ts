import { isArray, type JsonValue } from '../../base/json.ts';
import { type FieldPath, fieldPathText } from '../finding.ts';
import { type Wording, wrongType } from '../wording.ts';
import { isIntOrString, type SchemaNode } from './structural-schema.ts';

/** The type a value has, as a schema would name it. */
export function typeOfValue(value: JsonValue): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** null: the value is of the node's type, or the node has none. */
export function wrongTypeOf(node: SchemaNode, value: JsonValue, path: FieldPath): Wording | null {
  const found = typeOfValue(value);
  const types = isIntOrString(node)
    ? ['integer', 'string']
    : typeof node.type === 'string'
      ? [node.type]
      : [];
  if (types.length === 0 || types.includes(found)) return null;
  if (found === 'integer' && types.includes('number')) return null;
  const wanted = types.join(',');
  return wrongType(
    found,
    `${fieldPathText(path)} in body must be of type ${wanted}: ${JSON.stringify(found)}`,
  );
}

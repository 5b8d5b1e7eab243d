import type { JsonObject } from '../base/json.ts';
import type { Finding } from './finding.ts';
import { inspectObject } from './inspect-object.ts';
import type { Schema } from './schema.ts';

/**
 * What of an object has not the shape of its kind: unknown fields, wrong types, missing fields, values outside their set,
 * quantities, times and base64 that are none. null is absent. The object stands in its stored version (see convertToStored); of
 * a kind the schema does not know nothing is said. All findings at once; never throws.
 */
export function checkShape(schema: Schema, object: JsonObject): readonly Finding[] {
  const { apiVersion, kind: kindName } = object;
  const kind =
    typeof apiVersion === 'string' && typeof kindName === 'string'
      ? schema.kindOf(apiVersion, kindName)
      : undefined;
  return kind === undefined ? [] : inspectObject({ schema, kind, object, shape: true, rules: new Map() });
}

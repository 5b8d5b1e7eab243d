import { isArray, type JsonValue } from '../base/json.ts';
import type { Scalar } from './field-shape.ts';
import type { RuleId } from './rules.ts';
import type { Wording } from './wording.ts';

/** What the fields of Kubernetes' own types are in Go: its decoder names them, and people search for its words. */
export const goTypes: Readonly<Record<Scalar, string>> = {
  string: 'string',
  'string:byte': '[]uint8',
  boolean: 'bool',
  'integer:int32': 'int32',
  'integer:int64': 'int64',
  'number:double': 'float64',
};

/** `io.k8s.api.apps.v1.DeploymentSpec` → `DeploymentSpec`. */
export function shortName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf('.') + 1);
}

/** A value that cannot be read into its field, as the API's decoder says it. Source: encoding/json, resource.ParseQuantity, time.Parse. */
export function undecodableValue(of: {
  readonly ruleId: RuleId;
  readonly value: JsonValue;
  /** The type it stands in, and the names to it: `DeploymentSpec.spec.replicas`. */
  readonly field: string;
  readonly goType: string;
}): Wording {
  return { reason: 'FieldValueTypeInvalid', message: messageOf(of) };
}

function messageOf({ ruleId, value, field, goType }: Parameters<typeof undecodableValue>[0]): string {
  switch (ruleId) {
    case 'invalid-quantity':
      return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    case 'invalid-base64':
      return 'illegal base64 data at input byte 0';
    case 'invalid-time': {
      const text = JSON.stringify(value);
      return `parsing time ${text} as "2006-01-02T15:04:05Z07:00": cannot parse ${text} as "2006"`;
    }
    default:
      return `json: cannot unmarshal ${jsonType(value)} into Go struct field ${field} of type ${goType}`;
  }
}

/** A number with a fraction is named with its digits: it is one, and does not fit. */
function jsonType(value: JsonValue): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return `number${Number.isSafeInteger(value) ? '' : ` ${value}`}`;
  return typeof value;
}

import type { JsonValue } from '../base/json.ts';

export const causeReasons = [
  'FieldValueRequired',
  'FieldValueInvalid',
  'FieldValueTypeInvalid',
  'FieldValueNotSupported',
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueNotFound',
] as const;
export type CauseReason = (typeof causeReasons)[number];

/**
 * What the API says of a field, in the words that Kubernetes' users and tools know; it follows the field's path and a colon.
 * Source: apimachinery field.Error.
 */
export type Wording = { readonly reason: CauseReason; readonly message: string };

const VALUE_CHARS_MAX = 400;

/** As Go prints a value in an error: texts quoted, objects as JSON. */
export function valueText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return 'null';
  const text = JSON.stringify(value);
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}

export function requiredValue(why = ''): Wording {
  return { reason: 'FieldValueRequired', message: why === '' ? 'Required value' : `Required value: ${why}` };
}

export function invalidValue(value: JsonValue | undefined, why: string): Wording {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${valueText(value)}: ${why}` };
}

/** A value that Go prints in a form of its own (see go-value.ts). */
export function invalidText(printed: string, why: string): Wording {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${printed}: ${why}` };
}

/** Where the value says nothing. */
export function invalidWithoutValue(why: string): Wording {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${why}` };
}

/** A name within the object that nothing in it has. */
export function valueNotFound(value: JsonValue | undefined): Wording {
  return { reason: 'FieldValueNotFound', message: `Not found: ${valueText(value)}` };
}

/** A value of another type than the field's: its type is named, not the value. */
export function wrongType(found: string, why: string): Wording {
  return { reason: 'FieldValueTypeInvalid', message: `Invalid value: ${JSON.stringify(found)}: ${why}` };
}

export function notSupported(value: JsonValue | undefined, supported: readonly JsonValue[]): Wording {
  const values = supported.map(valueText).join(', ');
  const known = values === '' ? '' : `: supported values: ${values}`;
  return { reason: 'FieldValueNotSupported', message: `Unsupported value: ${valueText(value)}${known}` };
}

export function duplicateValue(value: JsonValue | undefined): Wording {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${valueText(value)}` };
}

/** The same, of a value that Go prints in a form of its own. */
export function duplicateText(printed: string): Wording {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${printed}` };
}

export function forbiddenField(why: string): Wording {
  return { reason: 'FieldValueForbidden', message: why === '' ? 'Forbidden' : `Forbidden: ${why}` };
}

export function tooLong(bytesMax: number): Wording {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${bytesMax} bytes` };
}

export function tooMany(of: { readonly count: number; readonly max: number }): Wording {
  const message = `Too many: ${of.count}: must have at most ${of.max} items`;
  return { reason: 'FieldValueTooMany', message };
}

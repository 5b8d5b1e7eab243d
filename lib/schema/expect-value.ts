import { assertNever } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import { isArray, isObject } from '../base/json.ts';
import { describeValue } from './describe-value.ts';
import type { Scalar } from './field-shape.ts';
import { isBase64 } from './is-base64.ts';
import { parseQuantity } from './quantity.ts';
import type { RuleId } from './rules.ts';

/** Why a value does not fit, and what to write. `withoutValue` is the message for what must stay secret. */
export type Mismatch = {
  readonly ruleId: RuleId;
  readonly message: string;
  readonly withoutValue: string;
  readonly suggestion?: string | undefined;
};

const INT32_MAX = 2 ** 31 - 1;
/** Source: RFC 3339, as metav1.Time and MicroTime read it: an offset is required. */
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

function mismatch(
  ruleId: RuleId,
  message: string,
  value: JsonValue,
  suggestion?: string | undefined,
): Mismatch {
  return {
    ruleId,
    message: `${message}; it is ${describeValue(value, false)}`,
    withoutValue: `${message}; it is ${describeValue(value, true)}`,
    suggestion,
  };
}

/** null: the value fits. */
export function expectScalar(scalar: Scalar, value: JsonValue): Mismatch | null {
  switch (scalar) {
    case 'string':
      return typeof value === 'string' ? null : notText(value);
    case 'string:byte':
      if (typeof value !== 'string') return notText(value);
      return isBase64(value) ? null : mismatch('invalid-base64', 'must be base64', value);
    case 'boolean':
      return typeof value === 'boolean' ? null : notBoolean(value);
    case 'integer:int32':
      return expectInteger(value, 32);
    case 'integer:int64':
      return expectInteger(value, 64);
    case 'number:double':
      if (typeof value === 'number') return null;
      return mismatch('wrong-type', 'must be a number', value, numberText(value));
    default:
      return assertNever(scalar);
  }
}

function notText(value: JsonValue): Mismatch {
  const quoted = isArray(value) || isObject(value) || value === null ? undefined : `"${String(value)}"`;
  return mismatch('wrong-type', quoted === undefined ? 'must be a text' : 'must be quoted', value, quoted);
}

function notBoolean(value: JsonValue): Mismatch {
  const meant =
    typeof value !== 'string'
      ? undefined
      : /^(true|yes|on|y)$/i.test(value)
        ? 'true'
        : /^(false|no|off|n)$/i.test(value)
          ? 'false'
          : undefined;
  return mismatch('wrong-type', 'must be true or false, without quotes', value, meant);
}

/** The number a text holds, as it should have been written. */
function numberText(value: JsonValue): string | undefined {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? String(Number(value)) : undefined;
}

function expectInteger(value: JsonValue, bits: 32 | 64): Mismatch | null {
  if (typeof value !== 'number') {
    const meant = numberText(value);
    const message = meant === undefined ? 'must be a whole number' : 'must be a number, without quotes';
    return mismatch('wrong-type', message, value, meant);
  }
  if (!Number.isInteger(value)) return mismatch('wrong-type', 'must be a whole number', value);
  const fits =
    bits === 32 ? value >= -INT32_MAX - 1 && value <= INT32_MAX : Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return fits ? null : mismatch('wrong-type', `does not fit in ${bits} bits`, value);
}

/** Types that are scalars with a form of their own. `is` as in the facts. null: the value fits. */
export function expectSpecial(typeName: string, is: string, value: JsonValue): Mismatch | null {
  switch (is) {
    case 'int-or-string':
      return typeName.endsWith('.Quantity') ? expectQuantity(value) : expectIntOrText(value);
    case 'string:date-time':
      return expectTime(value);
    case 'object':
      return isObject(value) ? null : mismatch('wrong-type', 'must hold fields', value);
    default:
      return null;
  }
}

function expectQuantity(value: JsonValue): Mismatch | null {
  if (typeof value !== 'number' && typeof value !== 'string')
    return mismatch('wrong-type', 'must be a quantity such as 500m or 128Mi', value);
  const text = String(value);
  if (parseQuantity(text) !== null) return null;
  return mismatch(
    'invalid-quantity',
    'must be a quantity such as 500m, 2 or 128Mi',
    value,
    nearQuantity(text),
  );
}

/** `128 MB`, `128mb`, `0,5`: what was probably meant. */
function nearQuantity(text: string): string | undefined {
  if (text.length > 40) return undefined;
  const [, digits, unit] = /^\s*(\d+(?:[.,]\d+)?)\s*([A-Za-z]*)\s*$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const units = [unit.replace(/i?b(ytes)?$/i, (end) => (/^i/i.test(end) ? 'i' : '')), unit];
  for (const candidate of units) {
    for (const cased of [
      candidate,
      `${candidate.slice(0, 1).toUpperCase()}${candidate.slice(1)}`,
      candidate.toLowerCase(),
    ]) {
      const meant = `${digits.replace(',', '.')}${cased}`;
      if (meant !== text && parseQuantity(meant) !== null) return meant;
    }
  }
  return undefined;
}

function expectIntOrText(value: JsonValue): Mismatch | null {
  if (typeof value === 'string') return null;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= INT32_MAX) return null;
  return mismatch('wrong-type', 'must be a whole number or a text', value);
}

function expectTime(value: JsonValue): Mismatch | null {
  if (typeof value === 'string' && value.length < 64 && TIME.test(value) && !Number.isNaN(Date.parse(value)))
    return null;
  return mismatch('invalid-time', 'must be a time such as 2026-01-31T09:30:00Z', value);
}

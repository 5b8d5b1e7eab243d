import { UserError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

export const quantityFormats = ['DecimalSI', 'BinarySI', 'DecimalExponent'] as const;
/** The family of suffixes a quantity was written in; it is written back in the same one. */
export type QuantityFormat = (typeof quantityFormats)[number];

/** An exact amount, in billionths: the finest step Kubernetes keeps. */
export type Quantity = { readonly nanos: bigint; readonly format: QuantityFormat };

/** As it stands in an object: text or a bare number. */
export type RawQuantity = string | number;

const NANOS_PER_UNIT = 10n ** 9n;
/** Source: apimachinery resource.maxAllowed; only the binary family is capped. */
const BINARY_UNITS_MAX = 2n ** 63n - 1n;

const DECIMAL_SUFFIXES: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_SUFFIXES: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** The place of the unit itself among the decimal suffixes. */
const DECIMAL_UNIT_AT = 3;

const SHAPE = /^([+-]?)([0-9]*)(\.?)([0-9]*)([eEinumkKMGTP]*[+-]?[0-9]*)$/;

/** The parts of a quantity's text: sign, whole digits without leading zeros, fraction digits, suffix; null: no such shape. */
export function lexQuantity(text: string): {
  readonly positive: boolean;
  readonly value: string;
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: string;
} | null {
  if (text.length > limits.quantityCharsMax) return null;
  const match = SHAPE.exec(text);
  if (match === null) return null;
  const [, sign = '', digits = '', dot = '', fraction = '', suffix = ''] = match;
  return {
    positive: sign !== '-',
    value: `${sign}${digits}${dot}${fraction}`,
    whole: digits.replace(/^0+(?=.)/, '') || '0',
    fraction,
    suffix,
  };
}

type Scale = { readonly format: QuantityFormat; readonly base: 2n | 10n; readonly exponent: number };

function scaleOf(suffix: string): Scale | null {
  const decimal = DECIMAL_SUFFIXES.indexOf(suffix);
  if (decimal >= 0) return { format: 'DecimalSI', base: 10n, exponent: (decimal - DECIMAL_UNIT_AT) * 3 };
  const binary = BINARY_SUFFIXES.indexOf(suffix);
  if (binary >= 0) return { format: 'BinarySI', base: 2n, exponent: binary * 10 };
  const exponent = /^[eE]([+-]?[0-9]+)$/.exec(suffix)?.[1];
  if (exponent === undefined || Math.abs(Number(exponent)) > limits.quantityExponentMax) return null;
  return { format: 'DecimalExponent', base: 10n, exponent: Number(exponent) };
}

/** Rounds a fraction away from zero. */
function divideAway(numerator: bigint, denominator: bigint): bigint {
  const whole = numerator / denominator;
  if (numerator % denominator === 0n) return whole;
  return numerator < 0n ? whole - 1n : whole + 1n;
}

/**
 * Parses `500m`, `1.5Gi`, `1e3`; null when it is not a quantity. Finer than a billionth is rounded up (away from zero);
 * binary amounts are capped at 2^63-1. Source: apimachinery api/resource ParseQuantity.
 */
export function parseQuantity(text: string): Quantity | null {
  const parts = lexQuantity(text);
  if (parts === null || !/[0-9]/.test(parts.value)) return null;
  const scale = scaleOf(parts.suffix);
  if (scale === null) return null;
  const magnitude = BigInt(parts.whole + parts.fraction);
  let numerator = (parts.positive ? magnitude : -magnitude) * NANOS_PER_UNIT;
  let denominator = 10n ** BigInt(parts.fraction.length);
  if (scale.exponent >= 0) numerator *= scale.base ** BigInt(scale.exponent);
  else denominator *= scale.base ** BigInt(-scale.exponent);
  const nanos = divideAway(numerator, denominator);
  if (scale.format !== 'BinarySI') return { nanos, format: scale.format };
  if (nanos > 0n && nanos < NANOS_PER_UNIT) return { nanos, format: 'DecimalSI' };
  const most = BINARY_UNITS_MAX * NANOS_PER_UNIT;
  return { nanos: nanos > most ? most : nanos, format: 'BinarySI' };
}

/** The quantity of a field as JSON has it: text (blanks around it are ignored) or a number; null when it is neither. */
export function quantityOf(raw: unknown): Quantity | null {
  if (typeof raw === 'number') return Number.isFinite(raw) ? parseQuantity(String(raw)) : null;
  return typeof raw === 'string' ? parseQuantity(raw.trim()) : null;
}

/** Like quantityOf. @throws UserError INVALID_QUANTITY */
export function requireQuantity(raw: Quantity | RawQuantity): Quantity {
  const quantity = typeof raw === 'object' ? raw : quantityOf(raw);
  if (quantity === null) throw new UserError('INVALID_QUANTITY', `${JSON.stringify(raw)} is not a quantity.`);
  return quantity;
}

/** The canonical text: no fraction, the largest suffix that leaves none, the family it was written in. */
export function formatQuantity(quantity: Quantity): string {
  const { nanos, format } = quantity;
  if (nanos === 0n) return '0';
  const units = nanos / NANOS_PER_UNIT;
  const small = units > -1024n && units < 1024n;
  if (format === 'BinarySI' && !small && nanos % NANOS_PER_UNIT === 0n) {
    const { mantissa, steps } = shorten({ value: units, by: 1024n, stepsMax: BINARY_SUFFIXES.length - 1 });
    return `${mantissa}${BINARY_SUFFIXES[steps]}`;
  }
  if (format === 'DecimalExponent') {
    const { mantissa, steps } = shorten({ value: nanos, by: 1000n, stepsMax: limits.quantityExponentMax });
    const exponent = (steps - DECIMAL_UNIT_AT) * 3;
    return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  }
  const { mantissa, steps } = shorten({ value: nanos, by: 1000n, stepsMax: DECIMAL_SUFFIXES.length - 1 });
  return `${mantissa}${DECIMAL_SUFFIXES[steps]}`;
}

function shorten(of: { readonly value: bigint; readonly by: bigint; readonly stepsMax: number }): {
  readonly mantissa: bigint;
  readonly steps: number;
} {
  let mantissa = of.value;
  let steps = 0;
  while (steps < of.stepsMax && mantissa % of.by === 0n) {
    mantissa /= of.by;
    steps += 1;
  }
  return { mantissa, steps };
}

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a.nanos === b.nanos) return 0;
  return a.nanos < b.nanos ? -1 : 1;
}

/** The sum, in the family of the first (of the second, when the first is zero). */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** The difference, in the family of the first (of the second, when the first is zero). */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** Rounded away from zero to a multiple of 10^scale10 (-3: to milli, as defaulting does for resource lists). */
export function roundUpQuantity(quantity: Quantity, scale10: number): Quantity {
  if (scale10 <= -9) return quantity;
  const step = 10n ** BigInt(scale10 + 9);
  return { nanos: divideAway(quantity.nanos, step) * step, format: quantity.format };
}

/** Whole thousandths, rounded up: 0.1 → 100. Exact to 2^53. @throws UserError INVALID_QUANTITY */
export function quantityToMillis(quantity: Quantity | RawQuantity): number {
  return Number(divideAway(requireQuantity(quantity).nanos, 10n ** 6n));
}

/** Whole units (bytes for memory), rounded up. Exact to 2^53. @throws UserError INVALID_QUANTITY */
export function quantityToBytes(quantity: Quantity | RawQuantity): number {
  return Number(divideAway(requireQuantity(quantity).nanos, NANOS_PER_UNIT));
}

/** An amount of whole thousandths, in the decimal family unless told otherwise. */
export function quantityFromMillis(millis: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(Math.ceil(millis)) * 10n ** 6n, format };
}

/** An amount of whole units, in the binary family unless told otherwise (as memory is written). */
export function quantityFromBytes(bytes: number, format: QuantityFormat = 'BinarySI'): Quantity {
  return { nanos: BigInt(Math.ceil(bytes)) * NANOS_PER_UNIT, format };
}

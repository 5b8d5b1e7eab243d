import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { readCases } from '../testing/case-file.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  lexQuantity,
  parseQuantity,
  type QuantityFormat,
  quantityFormats,
  quantityFromBytes,
  quantityFromMillis,
  quantityOf,
  quantityToBytes,
  quantityToMillis,
  requireQuantity,
  roundUpQuantity,
} from './quantity.ts';

type Input = {
  readonly a?: string;
  readonly b?: string;
  readonly parse?: string;
  readonly value?: string;
  readonly json?: string;
  readonly milli?: number;
  readonly scale10?: number;
  readonly format?: QuantityFormat;
};
type Expected = {
  readonly cmp?: number;
  readonly error?: boolean;
  readonly value?: string;
  readonly num?: string;
  readonly denom?: string;
  readonly suffix?: string;
  readonly positive?: boolean;
  readonly format?: QuantityFormat;
  readonly exact?: boolean;
  readonly string?: string;
  readonly alternateParsesEqual?: string;
  readonly float?: number;
  readonly asDec?: string;
  readonly asInt64?: string;
};

const exactly = (text: string | undefined): bigint => requireQuantity(text ?? '').nanos;

const checks: Readonly<Record<string, (t: ExecutionContext, input: Input, expected: Expected) => void>> = {
  compare(t, { a = '', b = '' }, { cmp }) {
    t.is<number | undefined, number | undefined>(
      compareQuantities(requireQuantity(a), requireQuantity(b)),
      cmp,
    );
  },
  lex(t, { parse = '' }, expected) {
    const parts = lexQuantity(parse);
    t.is(parts?.positive, expected.positive);
    t.is(parts?.value, expected.value);
    t.is(parts?.whole, expected.num);
    t.is(parts?.fraction, expected.denom);
    t.is(parts?.suffix, expected.suffix);
  },
  parse(t, { parse = '' }, expected) {
    const quantity = parseQuantity(parse);
    if (expected.error === true) {
      t.is(quantity, null);
      return;
    }
    t.is(quantity?.nanos, exactly(expected.value));
    t.is(quantity?.format, expected.format);
  },
  'round-up'(t, { parse = '', scale10 = 0 }, expected) {
    const from = requireQuantity(parse);
    const rounded = roundUpQuantity(from, scale10);
    t.is(rounded.nanos, exactly(expected.value));
    t.is(rounded.nanos === from.nanos, expected.exact ?? false);
  },
  'to-string'(t, { value, format = 'DecimalSI' }, expected) {
    t.is(formatQuantity({ nanos: exactly(value), format }), expected.string ?? '');
    const { alternateParsesEqual } = expected;
    if (alternateParsesEqual !== undefined) t.is(exactly(alternateParsesEqual), exactly(value));
  },
  canonical(t, { parse = '' }, expected) {
    t.is(formatQuantity(requireQuantity(parse)), expected.string ?? '');
  },
  json(t, { json = '' }, expected) {
    const quantity = quantityOf(JSON.parse(json));
    t.is(quantity && formatQuantity(quantity), expected.string ?? '');
  },
  'from-milli'(t, { milli = 0, format = 'DecimalSI' }, expected) {
    t.is(quantityFromMillis(milli, format).nanos, exactly(expected.string));
  },
  float(t, { parse = '' }, expected) {
    t.is(quantityToBytes(parse), expected.float ?? -1);
  },
  'parse-number'(t, { parse = '' }, expected) {
    t.is(exactly(parse), exactly(expected.asDec ?? expected.asInt64));
  },
};

for (const [at, { kind = '', name, input, expected }] of readCases<Input, Expected>('quantities').entries()) {
  test(`case ${at}: ${kind} ${name}`, (t) => {
    const check = checks[kind];
    if (check === undefined) return t.fail(`unknown kind of case: ${kind}`);
    check(t, input, expected);
  });
}

const hostile: readonly string[] = [
  '',
  '.',
  '-',
  '+',
  'Ki',
  '1e',
  '1e999999999',
  '1e-999999999',
  `1${'0'.repeat(200)}`,
  '1KiB',
  '1K',
  '0x10',
  '1_000',
  'NaN',
  '१',
  '1\n',
];
for (const text of hostile) {
  test(`not a quantity: ${JSON.stringify(text).slice(0, 30)}`, (t) => t.is(parseQuantity(text), null));
}

test('a binary amount is capped where Kubernetes caps it, a decimal one is not', (t) => {
  t.is(quantityToBytes('100Ei'), Number(2n ** 63n - 1n));
  t.is(formatQuantity(requireQuantity('100E')), '100E');
});

test('half a gibibyte is written in mebibytes, and 1000M as a gigabyte', (t) => {
  t.is(formatQuantity(requireQuantity('0.5Gi')), '512Mi');
  t.is(formatQuantity(requireQuantity('1000M')), '1G');
  t.is(formatQuantity(requireQuantity('1.3E+6')), '1300e3');
});

test('conversions round up', (t) => {
  t.is(quantityToMillis('1u'), 1);
  t.is(quantityToMillis('250m'), 250);
  t.is(quantityToMillis(0.5), 500);
  t.is(quantityToBytes('1.5'), 2);
  t.is(formatQuantity(quantityFromBytes(64 * 1024 * 1024)), '64Mi');
  t.throws(() => quantityToMillis('a lot'), { code: 'INVALID_QUANTITY' });
});

const quantities = fc.record({
  nanos: fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
  format: fc.constantFrom(...quantityFormats),
});

test('property: the canonical text means the same amount', (t) => {
  fc.assert(
    fc.property(quantities, (quantity) => {
      const capped = quantity.format === 'BinarySI' && quantity.nanos > (2n ** 63n - 1n) * 10n ** 9n;
      fc.pre(!capped);
      t.is(requireQuantity(formatQuantity(quantity)).nanos, quantity.nanos);
    }),
  );
});

test('property: adding is exact and keeps order', (t) => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      const sum = addQuantities(a, b);
      t.is(compareQuantities(sum, a), compareQuantities(b, { nanos: 0n, format: 'DecimalSI' }));
    }),
  );
});

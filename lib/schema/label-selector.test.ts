import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { limits } from '../base/limits.ts';
import { readCases } from '../testing/case-file.ts';
import {
  formatSelector,
  matchesLabelSelector,
  matchesSelector,
  parseLabelSelector,
  type Requirement,
  requirementError,
  selectorFromLabels,
  selectorFromObject,
  selectorMatcher,
} from './label-selector.ts';

type RawValue = string | { readonly $call: string; readonly args: readonly [string, number] };
type Input = {
  readonly selector?: string;
  readonly key?: string;
  readonly operator?: Requirement['operator'];
  readonly values?: readonly RawValue[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly requirements?: readonly Requirement[];
  readonly labelSelector?: { readonly matchLabels?: Readonly<Record<string, string>> } | null;
};
type Expected = {
  readonly valid?: boolean;
  readonly match?: boolean;
  readonly string?: string;
  readonly requirements?: readonly Requirement[] | 'nothing';
};

const sortedValues = (requirements: readonly Requirement[] | null): unknown =>
  requirements?.map((one) => ({ ...one, values: [...one.values].sort() }));

const checks: Readonly<Record<string, (t: ExecutionContext, input: Input, expected: Expected) => void>> = {
  parse(t, { selector = '' }, expected) {
    t.is(parseLabelSelector(selector).error === undefined, expected.valid ?? true);
  },
  'requirement-valid'(t, { key = '', operator = '=', values = [] }, expected) {
    const texts = values.map((value) =>
      typeof value === 'string' ? value : value.args[0].repeat(value.args[1]),
    );
    t.is(requirementError({ key, operator, values: texts }) === null, expected.valid ?? true);
  },
  match(t, { labels = {}, requirements = [] }, expected) {
    t.is(matchesSelector(requirements, labels), expected.match ?? true);
  },
  'parse-requirements'(t, { selector = '' }, expected) {
    const result = parseLabelSelector(selector);
    t.is(result.error === undefined, expected.valid ?? true);
    if (result.error !== undefined || typeof expected.requirements === 'string') return;
    t.deepEqual(sortedValues(result.selector), sortedValues(expected.requirements ?? []));
  },
  'match-string'(t, { selector = '', labels = {} }, expected) {
    const result = parseLabelSelector(selector);
    t.is(result.error === undefined && matchesSelector(result.selector, labels), expected.match ?? true);
  },
  'struct-selector'(t, { labelSelector = null }, expected) {
    const result = selectorFromObject(labelSelector);
    if (result.error !== undefined) return t.fail(result.error);
    t.is(
      formatSelector(result.selector),
      expected.requirements === 'nothing' ? null : (expected.string ?? ''),
    );
  },
};

for (const [at, { kind = '', name, input, expected }] of readCases<Input, Expected>(
  'label-selectors',
).entries()) {
  // Reading a text of plain `key=value` pairs into a map is something clients do to their own flags; the API never does.
  if (kind === 'convert-selector-to-map') continue;
  test(`case ${at}: ${kind} ${name}`, (t) => {
    const check = checks[kind];
    if (check === undefined) return t.fail(`unknown kind of case: ${kind}`);
    check(t, input, expected);
  });
}

test('{} selects everything, an absent selector nothing, an unreadable one nothing', (t) => {
  t.true(matchesLabelSelector({}, undefined));
  t.false(matchesLabelSelector(undefined, { app: 'web' }));
  t.false(
    matchesLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Like', values: ['b'] }] }, { a: 'b' }),
  );
});

test('an empty map of labels, as Services have it, selects nothing', (t) => {
  t.false(matchesSelector(selectorFromLabels({}), { app: 'web' }));
  t.true(matchesSelector(selectorFromLabels({ app: 'web' }), { app: 'web', tier: 'front' }));
});

test('!= and notin match where the key is absent', (t) => {
  for (const text of ['app!=web', 'app notin (web)', '!app']) {
    const result = parseLabelSelector(text);
    t.true(result.error === undefined && matchesSelector(result.selector, {}));
  }
});

test('inherited members are not labels', (t) => {
  const result = parseLabelSelector('constructor');
  t.true(result.error === undefined && !matchesSelector(result.selector, {}));
});

test('broken texts are errors', (t) => {
  for (const text of [
    ',',
    'a,',
    'a=b=c',
    '!a=b',
    'a in b',
    'a in (b',
    'a in (b c)',
    '(a)',
    '!',
    'a in (b))',
    '=a',
    'x'.repeat(70_000),
  ])
    t.not(parseLabelSelector(text).error, undefined, text.slice(0, 20));
});

const words = fc.stringMatching(/^[a-z]{1,5}$/);
const requirements: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({ key: words, operator: fc.constantFrom('=' as const, '!=' as const), values: fc.tuple(words) }),
  fc.record({
    key: words,
    operator: fc.constantFrom('in' as const, 'notin' as const),
    values: fc.uniqueArray(words, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    key: words,
    operator: fc.constantFrom('exists' as const, '!' as const),
    values: fc.constant([]),
  }),
);

test('property: the canonical text reads back as the same selector', (t) => {
  fc.assert(
    fc.property(fc.array(requirements, { maxLength: 4 }), fc.dictionary(words, words), (selector, labels) => {
      const text = formatSelector(selector);
      const again = parseLabelSelector(text ?? '');
      t.is(again.error, undefined);
      if (again.error !== undefined) return;
      t.is(formatSelector(again.selector), text);
      t.is(matchesSelector(again.selector, labels), matchesSelector(selector, labels));
    }),
  );
});

test('property: who asks often hears the same', (t) => {
  const letters = fc.constantFrom(...'abcdefghijklmnopqrst');
  const requirement = fc.record({
    key: fc.constantFrom('a', 'b', 'constructor'),
    operator: fc.constantFrom('in' as const, 'notin' as const),
    values: fc.uniqueArray(letters, { minLength: 1, maxLength: 15 }),
  });
  const labels = fc.option(fc.dictionary(fc.constantFrom('a', 'b'), letters), { nil: undefined });
  fc.assert(
    fc.property(fc.array(fc.oneof(requirement, requirements), { maxLength: 3 }), labels, (selector, of) => {
      t.is(selectorMatcher(selector)(of), matchesSelector(selector, of));
    }),
  );
  t.false(selectorMatcher(null)({}));
});

test('more requirements than are looked at for every change are an error', (t) => {
  const text = (count: number): string => Array.from({ length: count }, (_, at) => `!k${at}`).join(',');
  t.is(parseLabelSelector(text(limits.selectorRequirementsMax)).error, undefined);
  t.not(parseLabelSelector(text(limits.selectorRequirementsMax + 1)).error, undefined);
});

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { readCases } from '../testing/case-file.ts';
import {
  applyJsonMergePatch,
  createJsonMergePatch,
  createThreeWayJsonMergePatch,
  onlyNulls,
  withoutNulls,
} from './json-merge-patch.ts';

type Input = {
  readonly originalObj?: JsonObject;
  readonly original?: JsonObject;
  readonly modified?: JsonObject;
  readonly current?: JsonObject;
};
type Expected = {
  readonly withNull?: JsonObject;
  readonly withoutNull?: JsonObject;
  readonly threeWay?: JsonObject;
  readonly result?: JsonObject;
};

const checks: Readonly<Record<string, (t: ExecutionContext, input: Input, expected: Expected) => void>> = {
  'filter-null'(t, { originalObj = {} }, { withNull = {}, withoutNull = {} }) {
    t.deepEqual(onlyNulls(originalObj), withNull);
    t.deepEqual(withoutNulls(originalObj), withoutNull);
  },
  'three-way'(t, { original = {}, modified = {}, current = {} }, { threeWay = {}, result = {} }) {
    const patch = createThreeWayJsonMergePatch({ original, modified, current });
    t.deepEqual(patch, threeWay);
    t.deepEqual(applyJsonMergePatch(current, patch), result);
  },
};

for (const [at, { kind = '', name, input, expected }] of readCases<Input, Expected>(
  'json-merge-patch',
).entries()) {
  test(`case ${at}: ${kind} ${name}`, (t) => {
    const check = checks[kind];
    if (check === undefined) return t.fail(`unknown kind of case: ${kind}`);
    check(t, input, expected);
  });
}

/** The table of RFC 7386, appendix A. */
const rfc: readonly (readonly [document: JsonValue, patch: JsonValue, result: JsonValue])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];
for (const [document, patch, result] of rfc)
  test(`${JSON.stringify(document)} + ${JSON.stringify(patch)}`, (t) =>
    t.deepEqual(applyJsonMergePatch(document, patch), result));

test('__proto__ is dropped, constructor is an ordinary name', (t) => {
  const result = applyJsonMergePatch(
    {},
    JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"a": 1}}'),
  );
  t.deepEqual(result, { constructor: { a: 1 } });
});

const keys = fc.constantFrom('a', 'b', 'constructor', 'toString');
const { object } = fc.letrec<{ object: JsonObject; value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(0, 1, '', true),
    fc.array(fc.integer(), { maxLength: 2 }),
    tie('object'),
  ),
  object: fc.dictionary(keys, tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));

test('property: the patch between two objects without nulls gives the second', (t) => {
  fc.assert(
    fc.property(object, object, (from, to) => {
      t.deepEqual(applyJsonMergePatch(from, createJsonMergePatch(from, to)), to);
      t.deepEqual(createJsonMergePatch(from, from), {});
    }),
  );
});

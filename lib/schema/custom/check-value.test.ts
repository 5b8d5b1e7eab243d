import test from 'ava';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { fieldPathText } from '../finding.ts';
import { valueProblems } from './check-value.ts';
import { withStructuralDefaults } from './fill-defaults.ts';
import { pruned } from './prune.ts';

type Row = {
  readonly title: string;
  readonly schema: JsonObject;
  readonly value: JsonValue;
  /** `field: message`; none: the value is taken. */
  readonly says?: readonly string[];
};

const text = { type: 'string' };
const whole = { type: 'integer' };
const rows: readonly Row[] = [
  { title: 'a value of the type is taken', schema: whole, value: 3 },
  {
    title: 'a value of another type is named by its type',
    schema: whole,
    value: 'three',
    says: ['a: Invalid value: "string": a in body must be of type integer: "string"'],
  },
  {
    title: 'null is a type of its own',
    schema: text,
    value: null,
    says: ['a: Invalid value: "null": a in body must be of type string: "null"'],
  },
  { title: 'null is taken where it may be', schema: { ...text, nullable: true }, value: null },
  { title: 'a whole number is a number', schema: { type: 'number' }, value: 3 },
  {
    title: 'a fraction is no whole number',
    schema: whole,
    value: 1.5,
    says: ['a: Invalid value: "number": a in body must be of type integer: "number"'],
  },
  { title: 'either of an int-or-string', schema: { 'x-kubernetes-int-or-string': true }, value: '25%' },
  {
    title: 'neither of an int-or-string',
    schema: { 'x-kubernetes-int-or-string': true },
    value: true,
    says: ['a: Invalid value: "boolean": a in body must be of type integer,string: "boolean"'],
  },
  {
    title: 'a value outside of its set',
    schema: { ...text, enum: ['x', 'y'] },
    value: 'z',
    says: ['a: Unsupported value: "z": supported values: "x", "y"'],
  },
  {
    title: 'numbers outside of their range',
    schema: { ...whole, minimum: 1, maximum: 5, multipleOf: 2 },
    value: 9,
    says: [
      'a: Invalid value: 9: a in body should be less than or equal to 5',
      'a: Invalid value: 9: a in body should be a multiple of 2',
    ],
  },
  {
    title: 'a bound that is not itself allowed',
    schema: { ...whole, minimum: 1, exclusiveMinimum: true },
    value: 1,
    says: ['a: Invalid value: 1: a in body should be greater than 1'],
  },
  { title: 'a tenth divides three tenths', schema: { type: 'number', multipleOf: 0.1 }, value: 0.3 },
  {
    title: 'a number too large for its format',
    schema: { ...whole, format: 'int32' },
    value: 2 ** 31,
    says: ['a: Invalid value: "number": a in body must be of type int32: 2147483648'],
  },
  {
    title: 'texts too short and too long',
    schema: { type: 'array', items: { ...text, minLength: 2, maxLength: 3 } },
    value: ['a', 'abcd', '😀😀😀'],
    says: [
      'a[0]: Invalid value: "a": a[0] in body should be at least 2 chars long',
      'a[1]: Too long: may not be more than 3 bytes',
    ],
  },
  {
    title: 'a text that does not match',
    schema: { ...text, pattern: '^[a-z]+$' },
    value: 'A',
    says: ['a: Invalid value: "A": a in body should match \'^[a-z]+$\''],
  },
  {
    title: 'a text that is not of its format',
    schema: { ...text, format: 'date-time' },
    value: 'today',
    says: ['a: Invalid value: "today": a in body must be of type date-time: "today"'],
  },
  { title: 'a format that is not known', schema: { ...text, format: 'shoe-size' }, value: 'today' },
  {
    title: 'lists too long, and twice the same in a set',
    schema: { type: 'array', maxItems: 2, 'x-kubernetes-list-type': 'set', items: text },
    value: ['x', 'y', 'x'],
    says: ['a: Too many: 3: must have at most 2 items', 'a[2]: Duplicate value: "x"'],
  },
  {
    title: 'two items of one key, of which one is the default',
    schema: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: { type: 'object', properties: { port: whole, protocol: { ...text, default: 'TCP' } } },
    },
    value: [{ port: 1 }, { port: 1, protocol: 'UDP' }, { port: 1, protocol: 'TCP' }],
    says: ['a[2]: Duplicate value: {"port":1,"protocol":"TCP"}'],
  },
  {
    title: 'a field that is required',
    schema: { type: 'object', required: ['b', 'toString'], properties: { b: text } },
    value: {},
    says: ['a.b: Required value', 'a.toString: Required value'],
  },
  {
    title: 'members that are all of one schema',
    schema: { type: 'object', additionalProperties: whole, minProperties: 3 },
    value: { x: 1, y: 'z' },
    says: [
      'a: Invalid value: 2: a in body should have at least 3 properties',
      'a.y: Invalid value: "string": a.y in body must be of type integer: "string"',
    ],
  },
  {
    title: 'an embedded resource says what it is',
    schema: { type: 'object', 'x-kubernetes-embedded-resource': true },
    value: { kind: '' },
    says: ['a.apiVersion: Required value: must not be empty', 'a.kind: Required value: must not be empty'],
  },
  {
    title: 'none of anyOf',
    schema: { ...whole, anyOf: [{ minimum: 5 }, { enum: [1] }] },
    value: 2,
    says: ['a: Invalid value: 2: "a" must validate at least one schema (anyOf)'],
  },
  {
    title: 'two of oneOf',
    schema: { type: 'object', oneOf: [{ required: ['b'] }, { required: ['c'] }] },
    value: { b: 1, c: 1 },
    says: [
      'a: Invalid value: "object": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  {
    title: 'all of allOf',
    schema: { ...whole, allOf: [{ minimum: 5 }, { maximum: 1 }] },
    value: 3,
    says: [
      'a: Invalid value: 3: a in body should be greater than or equal to 5',
      'a: Invalid value: 3: a in body should be less than or equal to 1',
    ],
  },
  {
    title: 'what is not allowed',
    schema: { ...text, not: { enum: ['x'] } },
    value: 'x',
    says: ['a: Invalid value: "x": "a" must not validate the schema (not)'],
  },
];

for (const { title, schema, value, says = [] } of rows)
  test(title, (t) => {
    const found = valueProblems(schema, value, ['a']).map(
      ({ path, wording }) => `${fieldPathText(path)}: ${wording.message}`,
    );
    t.deepEqual(found, says);
  });

const schema: JsonObject = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { ...whole, default: 1 },
        b: { type: 'object', default: {}, properties: { c: { ...text, default: 'x' } } },
        list: {
          type: 'array',
          items: { type: 'object', properties: { d: { type: 'boolean', default: true } } },
        },
        map: { type: 'object', additionalProperties: { type: 'object', properties: { e: whole } } },
        open: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { f: { type: 'object' } },
        },
        maybe: { ...text, nullable: true, default: 'y' },
        object: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          properties: { spec: { type: 'object' } },
        },
      },
    },
  },
};

test('fields that the schema does not have are pruned, at every depth', (t) => {
  const given = {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'a', labels: { x: 'y' } },
    extra: 1,
    spec: {
      a: 2,
      z: 1,
      list: [{ d: false, z: 1 }, 'text'],
      map: { k: { e: 1, z: 1 } },
      open: { any: { thing: 1 }, f: { z: 1 } },
      object: { apiVersion: 'v1', kind: 'Y', metadata: { any: 1 }, spec: { z: 1 }, z: 1 },
    },
  };
  const { value, unknown } = pruned(schema, given);
  t.deepEqual<unknown, unknown>(value, {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'a', labels: { x: 'y' } },
    spec: {
      a: 2,
      list: [{ d: false }, 'text'],
      map: { k: { e: 1 } },
      open: { any: { thing: 1 }, f: {} },
      object: { apiVersion: 'v1', kind: 'Y', metadata: { any: 1 }, spec: {} },
    },
  });
  t.deepEqual(unknown.map(fieldPathText), [
    'extra',
    'spec.z',
    'spec.list[0].z',
    'spec.map.k.z',
    'spec.open.f.z',
    'spec.object.spec.z',
    'spec.object.z',
  ]);
});

test('what is left out is filled in, where what holds it is there', (t) => {
  t.deepEqual<unknown, unknown>(withStructuralDefaults(schema, {}), {});
  t.deepEqual<unknown, unknown>(
    withStructuralDefaults(schema, {
      spec: { a: null, maybe: null, list: [{}, { d: false }], map: { k: {} } },
    }),
    {
      spec: {
        a: 1,
        b: { c: 'x' },
        maybe: null,
        list: [{ d: true }, { d: false }],
        map: { k: {} },
      },
    },
  );
});

const objects = fc.object({
  key: fc.oneof(fc.constantFrom('spec', 'a', 'b', 'c', 'list', 'd', 'map', 'open', 'f'), fc.string()),
  maxDepth: 4,
  values: [fc.integer(), fc.string(), fc.boolean(), fc.constant(null)],
});

test('whatever is given: pruning and defaults are done once, change nothing given, and leave nothing unknown', (t) => {
  fc.assert(
    fc.property(objects, (given) => {
      const before = JSON.stringify(given);
      const { value } = pruned(schema, given as JsonObject);
      t.deepEqual(pruned(schema, value), { value, unknown: [] });
      const filled = withStructuralDefaults(schema, value);
      t.deepEqual(withStructuralDefaults(schema, filled), filled);
      t.deepEqual(pruned(schema, filled).unknown, []);
      valueProblems(schema, given as JsonObject);
      t.is(JSON.stringify(given), before);
    }),
  );
});

test('a key that would change what an object is, is never kept', (t) => {
  const hostile = JSON.parse('{"spec":{"open":{"__proto__":{"polluted":1},"x":1}}}') as JsonObject;
  const { value, unknown } = pruned(schema, hostile);
  t.deepEqual(unknown, [['spec', 'open', '__proto__']]);
  t.is(JSON.stringify(withStructuralDefaults(schema, value)).includes('polluted'), false);
});

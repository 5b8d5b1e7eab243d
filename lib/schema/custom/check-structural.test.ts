import test from 'ava';
import fc from 'fast-check';
import type { JsonObject } from '../../base/json.ts';
import { fieldPathText } from '../finding.ts';
import { checkStructural } from './check-structural.ts';

function saidOf(schema: JsonObject): readonly string[] {
  const said: string[] = [];
  checkStructural(schema, [], (path, wording) => said.push(`${fieldPathText(path)}: ${wording.message}`));
  return said;
}

const root = (property: JsonObject): JsonObject => ({ type: 'object', properties: { a: property } });

type Row = { readonly title: string; readonly schema: JsonObject; readonly says?: readonly string[] };
const rows: readonly Row[] = [
  { title: 'an object with typed fields is structural', schema: root({ type: 'string' }) },
  {
    title: 'the root says its type',
    schema: {},
    says: ['type: Required value: must not be empty at the root'],
  },
  {
    title: 'the root is an object',
    schema: { type: 'string' },
    says: ['type: Invalid value: "string": must be object at the root'],
  },
  {
    title: 'every field says its type',
    schema: root({ properties: { b: { items: {} } } }),
    says: [
      'properties.a.type: Required value: must not be empty for specified object fields',
      'properties.a.properties.b.type: Required value: must not be empty for specified object fields',
      'properties.a.properties.b.items.type: Required value: must not be empty for specified array items',
    ],
  },
  {
    title: 'unless it keeps whatever is given',
    schema: root({ 'x-kubernetes-preserve-unknown-fields': true }),
  },
  {
    title: 'an int-or-string has no type, and may repeat its two',
    schema: root({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }),
  },
  {
    title: 'an int-or-string with a type',
    schema: root({ type: 'string', 'x-kubernetes-int-or-string': true }),
    says: ['properties.a.type: Forbidden: must be empty if x-kubernetes-int-or-string is true'],
  },
  {
    title: 'a type that is none',
    schema: root({ type: 'text' }),
    says: [
      'properties.a.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  },
  {
    title: 'a list says what its items are',
    schema: root({ type: 'array' }),
    says: ['properties.a.items: Required value: must be specified'],
  },
  {
    title: 'fields and other members exclude each other',
    schema: root({
      type: 'object',
      properties: { b: { type: 'string' } },
      additionalProperties: { type: 'string' },
    }),
    says: [
      'properties.a.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
  },
  {
    title: 'anyOf does not say what a value is',
    schema: root({ type: 'string', anyOf: [{ type: 'string' }] }),
    says: ['properties.a.anyOf[0].type: Forbidden: must be empty to be structural'],
  },
  {
    title: 'a field that only oneOf knows',
    schema: root({ type: 'object', oneOf: [{ properties: { b: { minimum: 1 } } }] }),
    says: [
      'properties.a.properties.b: Required value: because it is defined in properties.a.oneOf[0].properties.b',
    ],
  },
  {
    title: 'a pattern that cannot be read',
    schema: root({ type: 'string', pattern: '(' }),
    says: [
      'properties.a.pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
  },
  {
    title: 'a default that is not valid',
    schema: root({ type: 'integer', minimum: 1, default: 0 }),
    says: [
      'properties.a.default: Invalid value: 0: properties.a.default in body should be greater than or equal to 1',
    ],
  },
  {
    title: 'a default with a field that there is not',
    schema: root({ type: 'object', default: { z: 1 } }),
    says: ['properties.a.default: Invalid value: {"z":1}: must not have unknown fields: z'],
  },
  {
    title: 'keys of a list are fields of its items, and always there',
    schema: root({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['b', 'c'],
      items: { type: 'object', properties: { b: { type: 'string' } } },
    }),
    says: [
      'properties.a.items.properties.b.default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      'properties.a.x-kubernetes-list-map-keys[1]: Invalid value: "c": must be a property of the array\'s items',
    ],
  },
  {
    title: 'metadata is there by itself',
    schema: { type: 'object', properties: { metadata: { type: 'object', required: ['labels'] } } },
    says: [
      'properties.metadata: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  },
  {
    title: 'what JSON schema has and definitions have not',
    schema: root({ type: 'array', uniqueItems: true, $ref: '#/x', items: { type: 'string' } }),
    says: [
      'properties.a[$ref]: Forbidden: $ref is not supported',
      'properties.a.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
  },
];
for (const { title, schema, says = [] } of rows) test(title, (t) => t.deepEqual(saidOf(schema), says));

test('whatever stands for a schema, it is judged', (t) => {
  const words = [
    'type',
    'properties',
    'items',
    'anyOf',
    'not',
    'default',
    'pattern',
    'enum',
    'additionalProperties',
  ];
  const schemas = fc.object({ key: fc.constantFrom(...words, 'x-kubernetes-list-type'), maxDepth: 5 });
  fc.assert(fc.property(schemas, (schema) => void saidOf(JSON.parse(JSON.stringify(schema)))));
  t.pass();
});

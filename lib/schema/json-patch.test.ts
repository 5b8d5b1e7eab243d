import test from 'ava';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { applyJsonPatch, diffToJsonPatch, type JsonPatchOperation, readJsonPatch } from './json-patch.ts';

const applied: Readonly<
  Record<string, { from: JsonValue; patch: readonly JsonPatchOperation[]; to: JsonValue }>
> = {
  'add sets a member': { from: { a: 1 }, patch: [{ op: 'add', path: '/b', value: [] }], to: { a: 1, b: [] } },
  'add inserts into a list': { from: [1, 3], patch: [{ op: 'add', path: '/1', value: 2 }], to: [1, 2, 3] },
  'add appends with -': { from: [1], patch: [{ op: 'add', path: '/-', value: 2 }], to: [1, 2] },
  'add at the root replaces the document': {
    from: { a: 1 },
    patch: [{ op: 'add', path: '', value: 2 }],
    to: 2,
  },
  'a null is a value': { from: { a: null }, patch: [{ op: 'replace', path: '/a', value: 1 }], to: { a: 1 } },
  'move takes and puts': { from: { a: 1 }, patch: [{ op: 'move', from: '/a', path: '/b' }], to: { b: 1 } },
  'move within a list counts without the moved item': {
    from: [1, 2, 3],
    patch: [{ op: 'move', from: '/0', path: '/2' }],
    to: [2, 3, 1],
  },
  'copy is by value': {
    from: { a: { x: 1 } },
    patch: [
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'replace', path: '/b/x', value: 2 },
    ],
    to: { a: { x: 1 }, b: { x: 2 } },
  },
  'escapes are read': {
    from: { 'a/b': 1, 'c~d': 2 },
    patch: [
      { op: 'remove', path: '/a~1b' },
      { op: 'replace', path: '/c~0d', value: 3 },
    ],
    to: { 'c~d': 3 },
  },
  'a test that holds changes nothing, whatever the members are called': {
    from: { a: { hasOwnProperty: 1 } },
    patch: [{ op: 'test', path: '/a', value: { hasOwnProperty: 1 } }],
    to: { a: { hasOwnProperty: 1 } },
  },
};

for (const [title, { from, patch, to }] of Object.entries(applied))
  test(title, (t) => t.deepEqual(applyJsonPatch(from, patch), to));

const refused: Readonly<
  Record<string, { from: JsonValue; patch: readonly JsonPatchOperation[]; code: string }>
> = {
  'remove of what is not there': { from: {}, patch: [{ op: 'remove', path: '/a' }], code: 'INVALID_PATCH' },
  'remove of an inherited member': {
    from: {},
    patch: [{ op: 'remove', path: '/constructor' }],
    code: 'INVALID_PATCH',
  },
  'replace of what is not there': {
    from: {},
    patch: [{ op: 'replace', path: '/a', value: 1 }],
    code: 'INVALID_PATCH',
  },
  'add below what is not there': {
    from: {},
    patch: [{ op: 'add', path: '/a/b', value: 1 }],
    code: 'INVALID_PATCH',
  },
  'add beyond the end of a list': {
    from: [1],
    patch: [{ op: 'add', path: '/2', value: 1 }],
    code: 'INVALID_PATCH',
  },
  'remove beyond the end of a list': {
    from: [1],
    patch: [{ op: 'remove', path: '/1' }],
    code: 'INVALID_PATCH',
  },
  'an index with a leading zero': {
    from: [1],
    patch: [{ op: 'add', path: '/00', value: 1 }],
    code: 'INVALID_PATCH',
  },
  'a member of a list': {
    from: [1],
    patch: [{ op: 'add', path: '/length', value: 0 }],
    code: 'INVALID_PATCH',
  },
  'a pointer without slash': { from: {}, patch: [{ op: 'add', path: 'a', value: 1 }], code: 'INVALID_PATCH' },
  'a value moved into itself': {
    from: { a: {} },
    patch: [{ op: 'move', from: '/a', path: '/a/b' }],
    code: 'INVALID_PATCH',
  },
  __proto__: { from: {}, patch: [{ op: 'add', path: '/__proto__/x', value: 1 }], code: 'INVALID_PATCH' },
  'constructor/prototype': {
    from: {},
    patch: [{ op: 'add', path: '/constructor/prototype/x', value: 1 }],
    code: 'INVALID_PATCH',
  },
  'a test that does not hold': {
    from: { a: 1 },
    patch: [{ op: 'test', path: '/a', value: 2 }],
    code: 'PATCH_TEST_FAILED',
  },
};

for (const [title, { from, patch, code }] of Object.entries(refused))
  test(`refused: ${title}`, (t) => void t.throws(() => applyJsonPatch(from, patch), { code }));

test('copies that double the document again and again are stopped', (t) => {
  const patch: JsonPatchOperation[] = Array.from({ length: 60 }, (_, at) => ({
    op: 'copy',
    from: '',
    path: `/x${at}`,
  }));
  t.throws(() => applyJsonPatch({ a: 'text' }, patch), { code: 'PATCH_TOO_LARGE' });
});

test('too many operations are refused', (t) => {
  const patch: JsonPatchOperation[] = Array.from({ length: 20_000 }, () => ({
    op: 'add',
    path: '/a',
    value: 1,
  }));
  t.throws(() => applyJsonPatch({}, patch), { code: 'PATCH_TOO_LARGE' });
});

test('a failing patch leaves the document as it was, and a patch is not changed by what follows in it', (t) => {
  const document = { a: { b: 1 } };
  const patch: JsonPatchOperation[] = [
    { op: 'add', path: '/x', value: { y: 1 } },
    { op: 'replace', path: '/x/y', value: 2 },
    { op: 'remove', path: '/nowhere' },
  ];
  t.throws(() => applyJsonPatch(document, patch), { code: 'INVALID_PATCH' });
  t.deepEqual(document, { a: { b: 1 } });
  t.deepEqual(patch[0], { op: 'add', path: '/x', value: { y: 1 } });
});

test('the body of a request is checked', (t) => {
  t.deepEqual(readJsonPatch([{ op: 'remove', path: '/a' }]), [{ op: 'remove', path: '/a' }]);
  for (const body of [
    {},
    null,
    [1],
    [{ op: 'toString', path: '/a' }],
    [{ op: 'add', path: '/a' }],
    [{ op: 'move', path: '/a' }],
  ])
    t.throws(() => readJsonPatch(body), { code: 'INVALID_PATCH' });
});

const keys = fc.constantFrom('a', 'b', 'a/b', '~', 'constructor', 'toString', 'length');
const { document } = fc.letrec<{ document: JsonObject; value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 0, 1, '', 'x', true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
  document: fc.dictionary(keys, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));

test('property: the difference, applied, gives the other document; none for equal ones', (t) => {
  fc.assert(
    fc.property(document, document, (from, to) => {
      t.deepEqual(applyJsonPatch(from, diffToJsonPatch(from, to)), to);
      t.deepEqual(diffToJsonPatch(from, from), []);
    }),
  );
});

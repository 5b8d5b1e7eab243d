import test from 'ava';
import fc from 'fast-check';
import { UserError } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';
import {
  difference,
  draftSet,
  equalSets,
  type FieldSet,
  insertPath,
  intersection,
  isEmptySet,
  pathsOf,
  union,
} from './field-set.ts';
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts';
import { pathText } from './path-element.ts';

const ELEMENTS = ['f:a', 'f:b', 'f:.', 'k:{"name":"x"}', 'v:"s"', 'v:1', 'i:0'];
const sets: fc.Arbitrary<FieldSet> = fc
  .array(fc.array(fc.constantFrom(...ELEMENTS), { minLength: 1, maxLength: 4 }), { maxLength: 8 })
  .map((paths) => {
    const set = draftSet();
    for (const path of paths) insertPath(set, path);
    return set;
  });

test('property: a set and its text are one', (t) => {
  fc.assert(fc.property(sets, (set) => equalSets(fromFieldsV1(toFieldsV1(set)), set)));
  t.pass();
});

test('property: sets of fields are sets of paths', (t) => {
  const texts = (set: FieldSet): readonly string[] =>
    pathsOf(set)
      .map((path) => path.join(' '))
      .sort();
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const [inA, inB] = [texts(a), texts(b)];
      t.deepEqual(texts(union(a, b)), [...new Set([...inA, ...inB])].sort());
      t.deepEqual(
        texts(intersection(a, b)),
        inA.filter((path) => inB.includes(path)),
      );
      t.deepEqual(
        texts(difference(a, b)),
        inA.filter((path) => !inB.includes(path)),
      );
      t.true(isEmptySet(difference(a, a)));
    }),
  );
});

test('a place and what stands below it are two things', (t) => {
  const set = draftSet();
  insertPath(set, ['f:labels']);
  insertPath(set, ['f:labels', 'f:app']);
  t.deepEqual(toFieldsV1(set), { 'f:labels': { '.': {}, 'f:app': {} } });
});

const texts: Record<string, readonly string[]> = {
  '.spec.replicas': ['f:spec', 'f:replicas'],
  '.spec.containers[name="c"].image': ['f:spec', 'f:containers', 'k:{"name":"c"}', 'f:image'],
  '.ports[containerPort=80,protocol="TCP"]': ['f:ports', 'k:{"containerPort":80,"protocol":"TCP"}'],
  '.metadata.finalizers[="x"]': ['f:metadata', 'f:finalizers', 'v:"x"'],
  '.metadata.annotations.a.b/c': ['f:metadata', 'f:annotations', 'f:a.b/c'],
};
for (const [text, path] of Object.entries(texts))
  test(`${text} is what kubectl prints`, (t) => {
    t.is(pathText(path), text);
  });

test('keys in another order are the same keys', (t) => {
  const written = fromFieldsV1({ 'k:{"protocol":"TCP", "containerPort":80}': {} });
  t.deepEqual(toFieldsV1(written), { 'k:{"containerPort":80,"protocol":"TCP"}': {} });
});

const refused: Record<string, JsonValue> = {
  'a list': [],
  'an element without a kind': { spec: {} },
  'keys that are no object': { 'k:1': {} },
  'a value that is no JSON': { 'v:x': {} },
  'an index that is none': { 'i:-1': {} },
  'the name __proto__': JSON.parse('{"f:__proto__":{}}'),
  'a value below an element': { 'f:a': 1 },
};
for (const [title, fields] of Object.entries(refused))
  test(`${title} is no set of fields`, (t) => {
    t.is(t.throws(() => fromFieldsV1(fields), { instanceOf: UserError })?.code, 'INVALID_MANAGED_FIELDS');
  });

test('a set of a thousand levels is refused', (t) => {
  let fields: JsonValue = {};
  for (let level = 0; level < 1_000; level += 1) fields = { 'f:a': fields };
  t.throws(() => fromFieldsV1(fields), { instanceOf: UserError });
});

import test from 'ava';
import fc from 'fast-check';
import {
  type InventoryRow,
  inventoryName,
  inventoryObject,
  inventoryRef,
  inventoryRow,
} from './inventory.ts';

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 });
const ref = fc.record({
  group: fc.constantFrom('', 'apps'),
  kind: word,
  namespace: fc.constantFrom('', 'shop'),
  name: word,
});
const version = fc.record({
  object: fc.record({
    apiVersion: fc.constant('v1'),
    kind: word,
    metadata: fc.record({ name: word }),
    data: fc.dictionary(word, fc.oneof(word, fc.integer(), fc.constant(null), fc.array(word))),
  }),
  commit: fc.constantFrom('c1', 'c2'),
});
const row: fc.Arbitrary<InventoryRow> = fc
  .record({
    ref,
    applied: version,
    good: fc.option(version),
    path: word,
    document: fc.nat(3),
    blob: word,
    finished: fc.boolean(),
  })
  .map((of) => ({
    ...of,
    source: 'main',
    // One commit has one version of an object.
    good: of.good !== null && of.good.commit === of.applied.commit ? of.applied : of.good,
  }));

test('a row is read back as it was written', (t) => {
  fc.assert(
    fc.property(row, (written) => {
      const stored = JSON.parse(JSON.stringify(inventoryObject(written)));
      t.deepEqual(inventoryRow(stored), JSON.parse(JSON.stringify(written)));
      t.is(stored.metadata.name, inventoryRef(written).name);
    }),
  );
});

test('two objects never share a row, nor two sources', (t) => {
  fc.assert(
    fc.property(ref, ref, (a, b) => {
      t.is(inventoryName('main', a) === inventoryName('main', b), JSON.stringify(a) === JSON.stringify(b));
      t.not(inventoryName('main', a), inventoryName('other', a));
      t.regex(inventoryName('main', a), /^[a-z0-9.]+$/);
    }),
  );
});

test('what another version wrote differently is no row rather than a wrong one', (t) => {
  const object = inventoryObject(fc.sample(row, 1)[0] as InventoryRow);
  const spec = object.spec as { readonly [field: string]: never };
  for (const broken of [
    undefined,
    {},
    { ...spec, ref: {} },
    { ...spec, applied: { commit: 'c' } },
    { ...spec, applied: { commit: 'c', object: {} } },
    { ...spec, path: 7 },
  ])
    t.is(inventoryRow({ ...object, spec: broken }), null);
  t.is(inventoryRow({ ...object, spec: { ...spec, good: 'nonsense' } })?.good, null);
});

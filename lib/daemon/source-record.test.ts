import test from 'ava';
import { type InventoryRow, inventoryObject } from '../plan/inventory.ts';
import { normalised } from '../plan/normalise.ts';
import { emptySourceState, sourceObject } from '../plan/source-state.ts';
import { refKey, refOf } from '../schema/object.ts';
import { localApi } from '../testing/local-api.ts';
import { manifestSet } from '../testing/plan-bench.ts';
import { loadSourceRecord } from './source-record.ts';

const caller = { user: 'test', fieldManager: 'test' };
const spec = { name: 'main', location: '/repositories/a', branch: 'main', path: '' };

const configMap = (name: string, value = 'one'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: ${value}}\n`;

test('another repository is followed from where the one before has led', async (t) => {
  const { client } = await localApi();
  await client.create(sourceObject({ ...emptySourceState(spec), revision: 'abc' }), caller);
  const other = { ...spec, location: '/repositories/b' };
  const { state } = await loadSourceRecord(client, caller, other);
  t.deepEqual(state.spec, other);
  t.is(state.revision, 'abc');
});

test('after a restart a row holds the object of the manifest, where both say the same', async (t) => {
  const { client } = await localApi();
  const desired = manifestSet({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  const rows = desired.objects.map(({ ref, object, path, document, blob }): InventoryRow => {
    const applied = { object: normalised(object), commit: 'abc' };
    return { source: 'main', ref, applied, path, document, blob, good: applied, finished: false };
  });
  for (const row of rows) await client.create(inventoryObject(row), caller);
  const record = await loadSourceRecord(client, caller, spec);
  const before = record.inventory;
  const changed = manifestSet({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b', 'two') });
  record.share(changed);
  const [a, b] = changed.objects.map(({ ref }) => record.inventory.get(refKey(ref)));
  t.is(a?.applied.object, changed.objects[0]?.object);
  t.is(a?.good, a?.applied);
  t.is(b, before.get('/ConfigMap/default/b'));
  t.deepEqual([...record.inventory], [...before]);
});

test('many rows are written in several transactions, those that belong together in one', async (t) => {
  const { client } = await localApi();
  const rowOf = (name: string): InventoryRow => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
    const applied = { object, commit: 'abc' };
    const place = { path: 'a.yaml', document: 0, blob: '' };
    return { source: 'main', ref: refOf(object), applied, ...place, good: null, finished: false };
  };
  const lists = Array.from({ length: 5 }, (_, list) =>
    Array.from({ length: 150 }, (__, at) => rowOf(`c-${list}-${at}`)),
  );
  for (const row of lists.flat()) await client.create(inventoryObject(row), caller);
  const written: number[] = [];
  const counting: typeof client = {
    ...client,
    transact(operations, by) {
      written.push(operations.length);
      return client.transact(operations, by);
    },
  };
  const record = await loadSourceRecord(counting, caller, spec);
  await record.writeRows(lists.map((rows) => rows.map((row) => ({ ...row, good: row.applied }))));
  t.deepEqual(written, [600, 150]);
  const stored = await loadSourceRecord(client, caller, spec);
  t.true([...stored.inventory.values()].every(({ good }) => good?.commit === 'abc'));
  t.deepEqual([...record.inventory], [...stored.inventory]);
});

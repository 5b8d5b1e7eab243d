import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import { localApi } from '../testing/local-api.ts';
import { isApiError } from './api-error.ts';
import type { Caller } from './client.ts';

const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'one' };
const configMap = (data: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'one', namespace: 'default' },
  data,
});
const outside = (fieldManager: string): Caller => ({ user: 'ann', fieldManager, tracksFields: true });
const inside: Caller = { user: 'system:pintle', fieldManager: 'pintle' };
const managersOf = (object: KubeObject | null): readonly string[] =>
  (object?.metadata.managedFields ?? []).map(
    ({ manager, operation }) => `${String(manager)} ${String(operation)}`,
  );

test('an apply makes what is not there, owns what it says, and lets go of what it no longer says', async (t) => {
  const { client } = await localApi();
  const apply = (data: Readonly<Record<string, string>>, manager = 'ann', force = false) =>
    client.patch(ref, { type: 'apply', object: configMap(data), force }, outside(manager));
  t.deepEqual((await apply({ a: '1', b: '2' })).data, { a: '1', b: '2' });
  const again = await apply({ a: '1', b: '2' });
  t.is(again.metadata.resourceVersion, (await client.get(ref, inside))?.metadata.resourceVersion);
  t.deepEqual((await apply({ a: '1' })).data, { a: '1' });

  const conflict = await t.throwsAsync(apply({ a: '2', c: '3' }, 'bob'));
  t.true(isApiError(conflict, 'Conflict'));
  t.like(conflict, {
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "ann"', field: '.data.a' }],
  });
  const forced = await apply({ a: '2', c: '3' }, 'bob', true);
  t.deepEqual(forced.data, { a: '2', c: '3' });
  t.deepEqual(managersOf(forced), ['bob Apply']);
});

test('what Pintle made has no managedFields until somebody else writes it, and is Pintle’s then', async (t) => {
  const { client } = await localApi();
  await client.create(configMap({ a: '1' }), inside);
  t.deepEqual(managersOf(await client.get(ref, inside)), []);
  const conflict = await t.throwsAsync(
    client.patch(ref, { type: 'apply', object: configMap({ a: '2' }), force: false }, outside('ann')),
  );
  t.like(conflict, {
    reason: 'Conflict',
    causes: [{ message: 'conflict with "pintle" using v1', field: '.data.a' }],
  });
  const untouched = await client.patch(ref, { type: 'merge', patch: {} }, outside('ann'));
  t.deepEqual(managersOf(untouched), [], 'a patch of nothing changes nothing');
  const patched = await client.patch(ref, { type: 'merge', patch: { data: { b: '2' } } }, outside('ann'));
  // The older entry comes first: whether a second has passed between them is chance.
  t.deepEqual(managersOf(patched).toSorted(), ['ann Update', 'pintle Update']);
  const healed = await client.update(configMap({ a: '1' }), inside);
  t.deepEqual(managersOf(healed), ['pintle Update'], 'who has nothing left is named no more');
});

test('an apply of an object that changed meanwhile, is another by now, or must be there and is not, is refused', async (t) => {
  const { client } = await localApi();
  const apply = (more: Partial<KubeObject['metadata']>, mustExist = false) => {
    const object = { ...configMap({ a: '1' }), metadata: { ...configMap({}).metadata, ...more } };
    return client.patch(ref, { type: 'apply', object, force: true, mustExist }, outside('ann'));
  };
  const refused = async (reason: 'Conflict' | 'NotFound', apply: Promise<unknown>): Promise<void> => {
    t.true(isApiError(await t.throwsAsync(apply), reason));
  };
  await refused('NotFound', apply({}, true));
  await refused('Conflict', apply({ uid: 'other' }));
  t.is(await client.get(ref, inside), null);
  const { uid = '', resourceVersion = '' } = (await apply({})).metadata;
  await refused('Conflict', apply({ uid: 'other' }));
  await refused('Conflict', apply({ resourceVersion: '1' }));
  const kept = await apply({ uid, resourceVersion }, true);
  t.deepEqual(managersOf(kept), ['ann Apply']);
});

test('an apply of another object, or of one that cannot be read, is refused', async (t) => {
  const { client } = await localApi();
  const other = { ...configMap({}), metadata: { name: 'two', namespace: 'default' } };
  const refused = await t.throwsAsync(
    client.patch(ref, { type: 'apply', object: other, force: false }, outside('ann')),
  );
  t.true(isApiError(refused, 'BadRequest'));
  const managed = { ...configMap({}), metadata: { name: 'one', namespace: 'default', managedFields: [{}] } };
  const spoilt = await t.throwsAsync(
    client.patch(ref, { type: 'apply', object: managed, force: false }, outside('ann')),
  );
  t.true(isApiError(spoilt, 'BadRequest'));
});

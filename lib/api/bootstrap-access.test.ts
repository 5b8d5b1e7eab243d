import test from 'ava';
import { localApi } from '../testing/local-api.ts';
import { bootstrapAccess } from './bootstrap-access.ts';
import type { Caller } from './client.ts';

const caller: Caller = { user: 'test', fieldManager: 'test' };
const ref = {
  group: 'rbac.authorization.k8s.io',
  kind: 'ClusterRole',
  namespace: '',
  name: 'system:aggregate-to-view',
};

test('default roles are made once, kept up to date, and left alone when they are somebody’s own', async (t) => {
  const { client, store } = await localApi();
  await bootstrapAccess(client);
  const view = await client.get(ref, caller);
  if (view === null) return t.fail();
  t.true(JSON.stringify(view.rules).includes('pods/log'));
  t.false(JSON.stringify(view.rules).includes('secrets'));
  const made = store.revision();
  await bootstrapAccess(client);
  t.is(store.revision(), made);

  await client.update({ ...view, rules: [] }, caller);
  await bootstrapAccess(client);
  t.deepEqual((await client.get(ref, caller))?.rules, view.rules);

  const own = {
    ...view.metadata,
    resourceVersion: '',
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' },
  };
  await client.update({ ...view, metadata: own, rules: [] }, caller);
  await bootstrapAccess(client);
  t.deepEqual((await client.get(ref, caller))?.rules ?? [], []);
});

test('a role that gathers others keeps what was gathered since', async (t) => {
  const { client } = await localApi();
  await bootstrapAccess(client);
  const admin = await client.get({ ...ref, name: 'admin' }, caller);
  if (admin === null) return t.fail();
  const rules = [{ verbs: ['get'], apiGroups: ['example.com'], resources: ['things'] }];
  await client.update({ ...admin, rules }, caller);
  await bootstrapAccess(client);
  t.deepEqual((await client.get({ ...ref, name: 'admin' }, caller))?.rules, rules);
});

import test from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import { tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';
import { ApiError } from '../api-error.ts';
import type { Caller, Client } from '../client.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const bob: Caller = { user: 'bob', groups: ['system:authenticated'], fieldManager: 'test' };
const rule = (verbs: readonly string[], resources: readonly string[] = ['pods']) => ({
  ...{ apiGroups: [''], resources, verbs },
});
const role = (name: string, more: object): KubeObject => ({
  ...{ apiVersion, kind: 'Role', metadata: { name, namespace: 'default' } },
  ...more,
});
const clusterRole = (name: string, more: object): KubeObject => ({
  ...{ apiVersion, kind: 'ClusterRole', metadata: { name } },
  ...more,
});
const binding = (name: string, to: { kind: string; name: string }, more: object = {}): KubeObject => ({
  ...{ apiVersion, kind: 'RoleBinding', metadata: { name, namespace: 'default' } },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...to },
  subjects: [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }],
  ...more,
});
const manageAccess = {
  apiGroups: ['rbac.authorization.k8s.io'],
  resources: ['roles', 'rolebindings'],
  verbs: ['*'],
};
const verbOn = (verb: string, resource: string, name: string) => ({
  ...{ apiGroups: ['rbac.authorization.k8s.io'], resources: [resource], resourceNames: [name] },
  verbs: [verb],
});

/** Bob may write roles and bindings in `default` but for the verbs that give more, and get pods there. */
async function world(more: readonly object[] = []): Promise<Client> {
  const { client } = await localApi();
  const own = {
    ...manageAccess,
    verbs: ['create', 'update', 'patch', 'delete', 'get'],
  };
  await client.create(role('own', { rules: [own, rule(['get']), ...more] }), tester);
  await client.create(binding('own', { kind: 'Role', name: 'own' }), tester);
  await client.create(clusterRole('reader', { rules: [rule(['get'])] }), tester);
  await client.create(clusterRole('writer', { rules: [rule(['get', 'delete'])] }), tester);
  await client.create(
    clusterRole('gathers', {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] },
    }),
    tester,
  );
  await client.create(
    {
      ...clusterRole('part', { rules: [rule(['delete'])] }),
      metadata: { name: 'part', labels: { part: 'yes' } },
    },
    tester,
  );
  return client;
}

const rows: readonly {
  readonly title: string;
  readonly object: KubeObject;
  readonly more?: readonly object[];
  readonly refused: null | 'Forbidden' | 'NotFound';
}[] = [
  { title: 'a role of what he holds', object: role('new', { rules: [rule(['get'])] }), refused: null },
  { title: 'a role of more', object: role('new', { rules: [rule(['get', 'list'])] }), refused: 'Forbidden' },
  {
    title: 'a role of more, which he may escalate',
    more: [verbOn('escalate', 'roles', 'new')],
    object: role('new', { rules: [rule(['list'])] }),
    refused: null,
  },
  {
    title: 'a role of more, where he may escalate another',
    more: [verbOn('escalate', 'roles', 'other')],
    object: role('new', { rules: [rule(['list'])] }),
    refused: 'Forbidden',
  },
  {
    title: 'a binding to what he holds',
    object: binding('new', { kind: 'ClusterRole', name: 'reader' }),
    refused: null,
  },
  {
    title: 'a binding to more',
    object: binding('new', { kind: 'ClusterRole', name: 'writer' }),
    refused: 'Forbidden',
  },
  {
    title: 'a binding to more, which he may bind',
    more: [verbOn('bind', 'clusterroles', 'writer')],
    object: binding('new', { kind: 'ClusterRole', name: 'writer' }),
    refused: null,
  },
  {
    title: 'a binding to more by gathering',
    object: binding('new', { kind: 'ClusterRole', name: 'gathers' }),
    refused: 'Forbidden',
  },
  {
    title: 'a binding to a role that is still to come',
    object: binding('new', { kind: 'Role', name: 'later' }),
    refused: 'NotFound',
  },
  {
    title: 'a role for the whole cluster of what he holds in a namespace',
    object: clusterRole('new', { rules: [rule(['get'])] }),
    refused: 'Forbidden',
  },
];
for (const { title, object, more = [], refused } of rows) {
  test(`${refused === null ? 'given' : 'refused'}: ${title}`, async (t) => {
    const client = await world(more);
    if (refused === null) {
      await client.create(object, bob);
      return t.pass();
    }
    const failure = await t.throwsAsync(client.create(object, bob), { instanceOf: ApiError });
    t.is(failure?.reason, refused);
    // The same for whoever is Pintle's own, or may do all.
    await client.create(object, tester);
  });
}

test('a role is judged however it is written, and what the garbage collector may do is not', async (t) => {
  const client = await world();
  const at = { group: 'rbac.authorization.k8s.io', kind: 'Role', namespace: 'default', name: 'own' };
  const rules = [rule(['*'], ['*'])];
  const made = await client.get(at, bob);
  t.truthy(made);
  const writes = [
    () => client.patch(at, { type: 'merge', patch: { rules } }, bob),
    () =>
      client.patch(at, { type: 'json', operations: [{ op: 'replace', path: '/rules', value: rules }] }, bob),
    () => client.patch(at, { type: 'strategic', patch: { rules } }, bob),
    () => client.patch(at, { type: 'apply', force: true, object: role('own', { rules }) }, bob),
    () => client.update({ ...(made as KubeObject), rules }, bob),
  ];
  for (const write of writes) {
    t.is((await t.throwsAsync(write(), { instanceOf: ApiError }))?.reason, 'Forbidden');
  }
  await client.patch(at, { type: 'merge', patch: { metadata: { finalizers: ['example.com/hold'] } } }, bob);
});

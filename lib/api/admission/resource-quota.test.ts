import test, { type ExecutionContext } from 'ava';
import { isApiError } from '../../api/api-error.ts';
import type { Client } from '../../api/client.ts';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { configMap, deployment, pod, ref, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';
import type { ResourceQuota } from '../quota/resource-quota.ts';

const quota = (hard: JsonObject, more: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'most', namespace: 'default' },
  spec: { hard, ...more },
});
const asking = (name: string, requests: object, more: object = {}): KubeObject =>
  pod(name, { containers: [{ name: 'main', image: 'host', resources: { requests } }], ...more });
const usedOf = async (client: Client): Promise<unknown> =>
  (await client.get<ResourceQuota>(ref('ResourceQuota', 'most'), tester))?.status?.used;

async function refused(t: ExecutionContext, work: Promise<unknown>, message: string): Promise<void> {
  const thrown = await t.throwsAsync(work, { any: true });
  t.true(isApiError(thrown, 'Forbidden'));
  t.is(messageOf(thrown), message);
}

test('a quota knows from the start what is taken, charges what comes, and refuses what is too much', async (t) => {
  const { client } = await localApi();
  await client.create(asking('first', { cpu: '500m' }), tester);
  const made = await client.create(quota({ pods: '2', 'requests.cpu': '1', 'count/pods': '5' }), tester);
  t.like(made, {
    status: {
      hard: { 'count/pods': '5', pods: '2', 'requests.cpu': '1' },
      used: { 'count/pods': '1', pods: '1', 'requests.cpu': '500m' },
    },
  });
  await refused(
    t,
    client.create(asking('large', { cpu: '600m' }), tester),
    'pods "large" is forbidden: exceeded quota: most, requested: requests.cpu=600m, used: requests.cpu=500m, limited: requests.cpu=1',
  );
  await client.create(asking('second', { cpu: '500m' }), { ...tester, dryRun: true });
  t.deepEqual(await usedOf(client), { 'count/pods': '1', pods: '1', 'requests.cpu': '500m' });
  await client.create(asking('second', { cpu: '500m' }), tester);
  await refused(
    t,
    client.create(asking('third', { cpu: '1m' }), tester),
    'pods "third" is forbidden: exceeded quota: most, requested: pods=1,requests.cpu=1m, used: pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1',
  );
});

test('what a quota limits has to be said by every container', async (t) => {
  const { client } = await localApi();
  await client.create(quota({ 'limits.memory': '1Gi', cpu: '1' }), tester);
  await refused(
    t,
    client.create(pod('a'), tester),
    'pods "a" is forbidden: failed quota: most: must specify cpu for: main; limits.memory for: main',
  );
});

test('writes of one transaction cannot have the same room', async (t) => {
  const { client } = await localApi();
  await client.create(quota({ configmaps: '2', 'count/deployments.apps': '1' }), tester);
  const two = [configMap('a'), configMap('b'), configMap('c')];
  await t.throwsAsync(
    client.transact(
      two.map((object) => ({ op: 'create', object })),
      tester,
    ),
    { any: true },
  );
  t.like(await usedOf(client), { configmaps: '0' });
  await client.create(deployment('one'), tester);
  await refused(
    t,
    client.create(deployment('two'), tester),
    'deployments.apps "two" is forbidden: exceeded quota: most, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1',
  );
});

test('a quota and what it counts can come together', async (t) => {
  const { client } = await localApi();
  const objects = [quota({ pods: '1' }), pod('a')];
  await client.transact(
    objects.map((object) => ({ op: 'create', object })),
    tester,
  );
  t.deepEqual(await usedOf(client), { pods: '1' });
});

for (const { title, scope, counts } of [
  { title: 'BestEffort', scope: { scopes: ['BestEffort'] }, counts: ['plain', 'bounded'] },
  { title: 'NotBestEffort', scope: { scopes: ['NotBestEffort'] }, counts: ['asking'] },
  { title: 'Terminating', scope: { scopes: ['Terminating'] }, counts: ['bounded'] },
  { title: 'NotTerminating', scope: { scopes: ['NotTerminating'] }, counts: ['plain', 'asking', 'critical'] },
  {
    title: 'a priority class',
    scope: {
      scopeSelector: {
        matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] }],
      },
    },
    counts: ['critical'],
  },
  {
    title: 'any but a priority class',
    scope: {
      scopeSelector: {
        matchExpressions: [
          { scopeName: 'PriorityClass', operator: 'NotIn', values: ['system-node-critical'] },
        ],
      },
    },
    counts: ['plain', 'bounded', 'asking'],
  },
  { title: 'PriorityClass', scope: { scopes: ['PriorityClass'] }, counts: ['critical'] },
  {
    title: 'no priority class, and bounded',
    scope: {
      scopeSelector: {
        matchExpressions: [
          { scopeName: 'PriorityClass', operator: 'DoesNotExist' },
          { scopeName: 'Terminating', operator: 'Exists' },
        ],
      },
    },
    counts: ['bounded'],
  },
  {
    title: 'CrossNamespacePodAffinity',
    scope: { scopes: ['CrossNamespacePodAffinity'] },
    counts: ['abroad'],
  },
] as const) {
  test(`a quota of the scope ${title} counts only its own`, async (t) => {
    const { client } = await localApi();
    // What looks into other namespaces asks for nothing, has no bound and no class either.
    const plainToo: readonly string[] = counts;
    const bestEffort = [
      ...counts,
      ...(title === 'BestEffort' ? ['critical'] : []),
      ...(plainToo.includes('plain') ? ['abroad'] : []),
    ];
    await client.create(quota({ pods: '10' }, scope), tester);
    await client.create(pod('plain'), tester);
    await client.create(pod('bounded', { activeDeadlineSeconds: 5 }), tester);
    await client.create(asking('asking', { cpu: '1' }), tester);
    await client.create(pod('critical', { priorityClassName: 'system-node-critical' }), tester);
    const term = { topologyKey: 'kubernetes.io/hostname', namespaces: ['other'], labelSelector: {} };
    const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
    await client.create(pod('abroad', { affinity: { podAffinity } }), tester);
    await client.create(configMap('other'), tester);
    t.deepEqual(await usedOf(client), { pods: String(bestEffort.length) });
  });
}

test('a quota of claims of a volume attributes class counts only those', async (t) => {
  const { client } = await localApi();
  const expression = { scopeName: 'VolumeAttributesClass', operator: 'In', values: ['fast'] };
  const scope = { scopeSelector: { matchExpressions: [expression] } };
  await client.create(quota({ persistentvolumeclaims: '1' }, scope), tester);
  const claim = (name: string, volumeAttributesClassName?: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      ...(volumeAttributesClassName !== undefined && { volumeAttributesClassName }),
    },
  });
  await client.create(claim('plain'), tester);
  await client.create(claim('fast', 'fast'), tester);
  t.deepEqual(await usedOf(client), { persistentvolumeclaims: '1' });
  await refused(
    t,
    client.create(claim('more', 'fast'), tester),
    'persistentvolumeclaims "more" is forbidden: exceeded quota: most, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=1, limited: persistentvolumeclaims=1',
  );
});

test('a Service that becomes reachable through nodes takes ports', async (t) => {
  const { client } = await localApi();
  await client.create(quota({ 'services.nodeports': '1', services: '2' }), tester);
  const spec = { ports: [{ port: 80 }] };
  const made = await client.create(
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec },
    tester,
  );
  t.deepEqual(await usedOf(client), { services: '1', 'services.nodeports': '0' });
  await client.update({ ...made, spec: { ...(made.spec as object), type: 'NodePort' } }, tester);
  t.deepEqual(await usedOf(client), { services: '1', 'services.nodeports': '1' });
});

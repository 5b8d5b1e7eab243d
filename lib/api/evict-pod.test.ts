import test from 'ava';
import type { JsonObject } from '../base/json.ts';
import { manualClock } from '../base/manual-clock.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Pod } from '../schema/types.gen.ts';
import { localApi } from '../testing/local-api.ts';
import { ApiError, isApiError } from './api-error.ts';
import { bindPod } from './bind-pod.ts';
import type { Caller } from './client.ts';
import { deleteCollection } from './delete-collection.ts';
import { evictions } from './evict-pod.ts';

const caller: Caller = { user: 'test', fieldManager: 'test' };
const pod = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'a', image: 'a:1' }] },
});
const refOf = (name: string) => ({ group: '', kind: 'Pod', namespace: 'default', name });
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

async function threePods() {
  const api = await localApi();
  for (const name of ['a', 'b', 'c']) {
    const made = await api.client.create(pod(name), caller);
    await api.client.update({ ...made, status: ready }, caller, { subresource: 'status' });
  }
  return api.client;
}

test('a budget spares as many as it says, of evictions at once too', async (t) => {
  const client = await threePods();
  await client.create(
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'default' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    },
    caller,
  );
  const { evict } = evictions(client, manualClock());
  const results = await Promise.allSettled(
    ['a', 'b', 'c'].map((name) => evict({ namespace: 'default', name }, {}, caller)),
  );
  t.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  );
  const [, refused] = results;
  t.true(refused?.status === 'rejected' && isApiError(refused.reason, 'TooManyRequests'));
  t.is((await client.list({ group: '', kind: 'Pod' }, {}, caller)).items.length, 2);
});

test('without a budget every pod may go; one that is gone is not found', async (t) => {
  const client = await threePods();
  const { evict } = evictions(client, manualClock());
  await evict({ namespace: 'default', name: 'a' }, {}, caller);
  const gone = await t.throwsAsync(evict({ namespace: 'default', name: 'a' }, {}, caller));
  t.true(isApiError(gone, 'NotFound'));
});

const budget = (spec: object): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
});
const held = ['example.com/held'];

const rows: readonly {
  readonly title: string;
  readonly budgets?: readonly KubeObject[];
  readonly status?: JsonObject;
  readonly deleting?: boolean;
  readonly refused?: 'TooManyRequests' | 'InternalError';
  /** Whether the pod says that it was disrupted. */
  readonly says: boolean;
}[] = [
  { title: 'a pod that runs says why it goes', says: true },
  {
    title: 'a budget of nothing spares none',
    budgets: [budget({ minAvailable: 3 })],
    refused: 'TooManyRequests',
    says: false,
  },
  {
    title: 'a pod that is pending asks no budget',
    budgets: [budget({ minAvailable: 3 })],
    status: { phase: 'Pending' },
    says: false,
  },
  {
    title: 'a pod that has ended asks no budget',
    budgets: [budget({ minAvailable: 3 })],
    status: { phase: 'Failed' },
    says: false,
  },
  {
    title: 'a pod on its way asks no budget',
    budgets: [budget({ minAvailable: 3 })],
    deleting: true,
    says: false,
  },
  {
    title: 'a pod that is not ready goes only where the budget is met without it',
    budgets: [budget({ minAvailable: 3 })],
    status: { phase: 'Running' },
    refused: 'TooManyRequests',
    says: false,
  },
  {
    title: 'and goes where it is met',
    budgets: [budget({ minAvailable: 2 })],
    status: { phase: 'Running' },
    says: true,
  },
  {
    title: 'or whenever the budget lets those go that are not ready',
    budgets: [budget({ minAvailable: 3, unhealthyPodEvictionPolicy: 'AlwaysAllow' })],
    status: { phase: 'Running' },
    says: true,
  },
  {
    title: 'two budgets for a pod are too many',
    budgets: [
      budget({ minAvailable: 0 }),
      { ...budget({ minAvailable: 0 }), metadata: { name: 'too', namespace: 'default' } },
    ],
    refused: 'InternalError',
    says: false,
  },
];
for (const { title, budgets = [], status, deleting = false, refused, says } of rows) {
  test(`an eviction: ${title}`, async (t) => {
    const client = await threePods();
    for (const each of budgets) await client.create(each, caller);
    const made = await client.get(refOf('a'), caller);
    if (made === null) return t.fail();
    const kept = { ...made, metadata: { ...made.metadata, finalizers: held } };
    const updated = await client.update(kept, caller);
    if (status !== undefined) await client.update({ ...updated, status }, caller, { subresource: 'status' });
    if (deleting) await client.delete(refOf('a'), {}, caller);
    const going = evictions(client, manualClock()).evict({ namespace: 'default', name: 'a' }, {}, caller);
    if (refused === undefined) await going;
    else t.true(isApiError(await t.throwsAsync(going), refused));
    const left = (await client.get(refOf('a'), caller)) as Pod | null;
    t.is(left?.metadata.deletionTimestamp !== undefined, refused === undefined);
    const said = left?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason;
    t.is(said, says ? 'EvictionByEvictionAPI' : undefined);
  });
}

test('a refused eviction names the budget; a version that is not that of the pod is a conflict', async (t) => {
  const client = await threePods();
  await client.create(budget({ minAvailable: 3 }), caller);
  const { evict } = evictions(client, manualClock());
  const refused = await t.throwsAsync(evict({ namespace: 'default', name: 'a' }, {}, caller));
  t.true(refused instanceof ApiError && refused.causes[0]?.reason === 'DisruptionBudget');
  await client.delete(
    { group: 'policy', kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' },
    {},
    caller,
  );
  const old = { preconditions: { resourceVersion: '1' } };
  const conflict = await t.throwsAsync(evict({ namespace: 'default', name: 'a' }, old, caller));
  t.true(isApiError(conflict, 'Conflict'));
  t.true((await client.get(refOf('a'), caller)) !== null);
});

test('a collection is deleted as far as its selector goes', async (t) => {
  const client = await threePods();
  const kind = { group: '', kind: 'Pod' };
  const of = { selection: { namespace: 'default', fieldSelector: 'metadata.name!=b' }, options: {} };
  const deleted = await deleteCollection(client, kind, of, caller);
  t.deepEqual(
    deleted.map(({ metadata }) => metadata.name),
    ['a', 'c'],
  );
  t.deepEqual(
    (await client.list(kind, {}, caller)).items.map(({ metadata }) => metadata.name),
    ['b'],
  );
});

test('a binding gives a pod its node, once', async (t) => {
  const client = await threePods();
  const body = { target: { kind: 'Node', name: 'box' } };
  const by = { caller, now: 0 };
  await bindPod(client, { namespace: 'default', name: 'a', body }, by);
  t.like(await client.get(refOf('a'), caller), { spec: { nodeName: 'box' } });
  const again = await t.throwsAsync(bindPod(client, { namespace: 'default', name: 'a', body }, by));
  t.true(isApiError(again, 'Conflict'));
  const nowhere = await t.throwsAsync(bindPod(client, { namespace: 'default', name: 'b', body: {} }, by));
  t.true(isApiError(nowhere, 'BadRequest'));
});

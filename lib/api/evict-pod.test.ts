import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import { localApi } from '../testing/local-api.ts';
import { isApiError } from './api-error.ts';
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
  const { evict } = evictions(client);
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
  const { evict } = evictions(client);
  await evict({ namespace: 'default', name: 'a' }, {}, caller);
  const gone = await t.throwsAsync(evict({ namespace: 'default', name: 'a' }, {}, caller));
  t.true(isApiError(gone, 'NotFound'));
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

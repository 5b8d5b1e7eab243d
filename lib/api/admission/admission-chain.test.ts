import test from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import type { Job, Pod } from '../../schema/types.gen.ts';
import { pod, ref, rejects, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';

const create = async (object: KubeObject, settings: object = {}): Promise<KubeObject> =>
  (await localApi({ settings })).client.create(object, tester);

test('a pod runs as the default service account of its namespace, or as one that is there', async (t) => {
  const made = (await create(pod('a'))) as Pod;
  t.is(made.spec?.serviceAccountName, 'default');
  await rejects(t, create(pod('a', { serviceAccountName: 'ghost' })), 'Forbidden');
});

test('a new pod is pending, and has its class of service', async (t) => {
  const limits = { cpu: '1', memory: '1Gi' };
  const spec = { containers: [{ name: 'main', image: 'host', resources: { limits } }] };
  t.like(await create(pod('a', spec)), { status: { phase: 'Pending', qosClass: 'Guaranteed' } });
  t.like(await create(pod('a')), { status: { phase: 'Pending', qosClass: 'BestEffort' } });
});

test('a priority class becomes a number', async (t) => {
  t.like(await create(pod('a')), { spec: { priority: 0, preemptionPolicy: 'PreemptLowerPriority' } });
  t.like(await create(pod('a', { priorityClassName: 'system-node-critical' })), {
    spec: { priority: 2_000_001_000 },
  });
  await rejects(t, create(pod('a', { priorityClassName: 'ghost' })), 'Forbidden');
  const { client } = await localApi();
  await client.create(
    {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 1_000,
      preemptionPolicy: 'Never',
    },
    tester,
  );
  t.like(await client.create(pod('a', { priorityClassName: 'high' }), tester), {
    spec: { priority: 1_000, preemptionPolicy: 'Never' },
  });
});

for (const { title, spec } of [
  { title: 'the network of the host', spec: { hostNetwork: true } },
  { title: 'files of the host', spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } },
  {
    title: 'privileges',
    spec: { containers: [{ name: 'main', image: 'host', securityContext: { privileged: true } }] },
  },
]) {
  test(`a pod that wants ${title} is forbidden, unless the owner of the machine allows it`, async (t) => {
    await rejects(t, create(pod('a', spec)), 'Forbidden');
    await t.notThrowsAsync(create(pod('a', spec), { allowHostAccess: true }));
  });
}

const job = (more: object = {}): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'a', namespace: 'default' },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'host' }] } },
    ...more,
  },
});

test('a Job selects its pods by its own uid', async (t) => {
  const made = (await create(job())) as Job;
  const uid = made.metadata.uid ?? '';
  t.deepEqual(made.spec?.selector?.matchLabels, { 'batch.kubernetes.io/controller-uid': uid });
  t.like(made.spec?.template.metadata?.labels, {
    'controller-uid': uid,
    'job-name': 'a',
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': 'a',
  });
  t.deepEqual(made.metadata.labels, made.spec?.template.metadata?.labels, 'its own labels are the same');
  const selector = { matchLabels: { mine: 'yes' } };
  await rejects(t, create(job({ selector })), 'Invalid');
});

test('the namespaces every cluster has cannot be deleted', async (t) => {
  const { client } = await localApi();
  await rejects(t, client.delete(ref('Namespace', 'default', ''), {}, tester), 'Forbidden');
});

test('a namespace keeps its name label and what holds it, whatever is written', async (t) => {
  const { client } = await localApi();
  const made = await client.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    tester,
  );
  const bare = { ...made, metadata: { ...made.metadata, labels: {} }, spec: { finalizers: [] } };
  const after: KubeObject = await client.update(bare, tester);
  t.like(after, {
    metadata: { labels: { 'kubernetes.io/metadata.name': 'shop' } },
    spec: { finalizers: ['kubernetes'] },
  });
  t.truthy(await client.get(ref('ServiceAccount', 'default', 'shop'), tester));
});

test('questions and commands are not kept', async (t) => {
  const review = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: { name: 'a' },
    spec: {},
  };
  await rejects(t, create(review), 'MethodNotAllowed');
});

test('a written old version comes back as the stored one', async (t) => {
  const old = {
    apiVersion: 'extensions/v1beta1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image: 'host' }] },
      },
    },
  };
  const { client } = await localApi();
  t.like(await client.create(old, tester), {
    apiVersion: 'apps/v1',
    spec: { selector: { matchLabels: { app: 'web' } } },
  });
  t.truthy(await client.get(ref('Deployment', 'web'), tester));
});

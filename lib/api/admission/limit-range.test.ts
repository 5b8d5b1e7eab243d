import test from 'ava';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { pod, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';

const range = (...limits: readonly JsonObject[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'bounds', namespace: 'default' },
  spec: { limits },
});
const asking = (...resources: readonly object[]): KubeObject =>
  pod('a', {
    containers: resources.map((each, at) => ({ name: `c${at}`, image: 'host', resources: each })),
  });
const claim = (storage: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'a', namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
});

test('containers get what they do not say, and the pod says so', async (t) => {
  const { client } = await localApi();
  await client.create(
    range({ type: 'Container', default: { memory: '64Mi', cpu: '1' }, defaultRequest: { cpu: '100m' } }),
    tester,
  );
  const made = (await client.create(asking({}, { limits: { cpu: '2' } }), tester)) as KubeObject & Pod;
  t.deepEqual(
    made.spec.containers.map(({ resources }) => resources),
    [
      // A range without a default request for memory has its default limit for that.
      { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } },
      { requests: { cpu: '2', memory: '64Mi' }, limits: { cpu: '2', memory: '64Mi' } },
    ],
  );
  t.is(
    made.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu, memory request for container c0; cpu, memory limit for container c0; memory request for container c1; memory limit for container c1',
  );
  t.is(made.status?.qosClass, 'Burstable');
});

type Row = { readonly item: JsonObject; readonly object: KubeObject; readonly says: string | null };
const rows: readonly Row[] = [
  {
    item: { type: 'Container', max: { cpu: '1' } },
    object: asking({ limits: { cpu: '2' } }),
    says: 'pods "a" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  },
  {
    item: { type: 'Container', min: { memory: '1Gi' } },
    object: asking({ requests: { memory: '1Mi' } }),
    says: 'pods "a" is forbidden: minimum memory usage per Container is 1Gi, but request is 1Mi',
  },
  {
    item: { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
    object: asking({ requests: { cpu: '100m' }, limits: { cpu: '500m' } }),
    says: 'pods "a" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000',
  },
  {
    item: { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
    object: asking({}),
    says: 'pods "a" is forbidden: cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
  },
  {
    item: { type: 'Pod', max: { cpu: '1' } },
    object: asking({ limits: { cpu: '600m' } }, { limits: { cpu: '600m' } }),
    says: 'pods "a" is forbidden: maximum cpu usage per Pod is 1, but limit is 1200m',
  },
  {
    item: { type: 'Pod', max: { cpu: '1' } },
    object: asking({}),
    says: 'pods "a" is forbidden: maximum cpu usage per Pod is 1.  No limit is specified',
  },
  { item: { type: 'Pod', max: { cpu: '2' } }, object: asking({ limits: { cpu: '1' } }), says: null },
  {
    item: { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
    object: claim('3Gi'),
    says: 'persistentvolumeclaims "a" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
  },
  {
    item: { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } },
    object: claim('1Mi'),
    says: 'persistentvolumeclaims "a" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
  },
];
for (const [at, { item, object, says }] of rows.entries()) {
  test(`bounds, row ${at}: ${says ?? 'what is within them is admitted'}`, async (t) => {
    const { client } = await localApi();
    await client.create(range(item), tester);
    const answer = await client.create(object, tester).then(() => null, messageOf);
    t.is(answer, says);
  });
}

test('all that is beyond a bound is told at once, and nothing is left', async (t) => {
  const { client } = await localApi();
  await client.create(range({ type: 'Container', max: { cpu: '1', memory: '1Gi' } }), tester);
  const answer = await client
    .create(asking({ limits: { cpu: '2', memory: '2Gi' } }), tester)
    .then(() => null, messageOf);
  t.regex(
    answer ?? '',
    /\[maximum cpu usage per Container is 1, but limit is 2, .*maximum memory usage per Container is 1Gi, but limit is 2Gi/,
  );
});

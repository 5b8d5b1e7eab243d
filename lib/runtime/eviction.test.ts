import test from 'ava';
import { conditionOf, nodeWorld, podOf, statusOf, user } from '../testing/node-world.ts';

const MEBI = 1024 * 1024;
const bounded = {
  volumes: [{ name: 'cache', emptyDir: { sizeLimit: '1Mi' } }],
  containers: [{ name: 'web', image: 'host', volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }],
};

test('a pod whose volume is over its limit is evicted: killed, Failed, told, its place given back', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('full', bounded, { volumeBytes: 2 * MEBI }), user);
  await w.client.create(podOf('within', bounded, { volumeBytes: MEBI }), user);
  await w.quiet();
  t.is(await w.phaseOf('full'), 'Running');
  await w.pass(30_000);
  const pod = await w.pod('full');
  t.like(pod?.status, { phase: 'Failed', reason: 'Evicted' });
  t.regex(pod?.status?.message ?? '', /"cache".*"1Mi"/);
  t.truthy(statusOf(pod)?.state?.terminated);
  t.is(conditionOf(pod, 'Ready')?.status, 'False');
  const [event] = await w.events('Evicted');
  t.is(event?.type, 'Warning');
  t.is(event?.message, pod?.status?.message);
  t.is(await w.phaseOf('within'), 'Running');
  t.deepEqual([...w.state.sandboxes.keys()], [(await w.pod('within'))?.metadata.uid]);
  await w.close();
});

test('an evicted pod stays so under any restart policy, and for a daemon that starts anew', async (t) => {
  const w = await nodeWorld();
  await w.client.create(
    podOf('full', { ...bounded, restartPolicy: 'Always' }, { volumeBytes: 2 * MEBI }),
    user,
  );
  await w.pass(30_000);
  const before = (await w.pod('full'))?.status;
  await w.restart();
  await w.pass(600_000);
  t.deepEqual((await w.pod('full'))?.status, before);
  t.is(w.starts().length, 1);
  t.is((await w.events('Evicted')).length, 1);
  await w.close();
});

test('a container that will not end is killed a second after the eviction', async (t) => {
  const w = await nodeWorld();
  const behaviour = { volumeBytes: 2 * MEBI, stopAfterMs: null };
  await w.client.create(podOf('full', { ...bounded, terminationGracePeriodSeconds: 600 }, behaviour), user);
  await w.pass(15_000);
  t.is(await w.phaseOf('full'), 'Failed');
  await w.close();
});

test('a container over its ephemeral-storage limit takes its pod with it', async (t) => {
  const w = await nodeWorld();
  const resources = { limits: { 'ephemeral-storage': '1Mi' } };
  const containers = [
    { name: 'web', image: 'host', resources: { limits: { 'ephemeral-storage': '1Gi' } } },
    { name: 'other', image: 'host', resources },
  ];
  const behaviour = { containers: { other: { diskBytes: 2 * MEBI } } };
  await w.client.create(podOf('a', { containers }, behaviour), user);
  await w.pass(15_000);
  const { status } = (await w.pod('a')) ?? {};
  t.like(status, { phase: 'Failed', reason: 'Evicted' });
  t.regex(status?.message ?? '', /Container other /);
  await w.close();
});

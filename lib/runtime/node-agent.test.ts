import test from 'ava';
import type { Node } from '../schema/types.gen.ts';
import { conditionOf, NODE, nodeSettings, nodeWorld, podOf, statusOf, user } from '../testing/node-world.ts';

test('a pod bound to the node runs, is ready, and has an address; the node stands in the API', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}), user);
  await w.quiet();
  const pod = await w.pod('a');
  t.is(pod?.status?.phase, 'Running');
  t.is(conditionOf(pod, 'Ready')?.status, 'True');
  t.is(statusOf(pod)?.restartCount, 0);
  t.is(pod?.status?.hostIP, nodeSettings.hostIP);
  t.truthy(pod?.status?.podIP);
  t.is(pod?.status?.qosClass, 'BestEffort');
  t.is((await w.events('Started')).length, 1);
  const node = await w.client.get<Node>({ group: '', kind: 'Node', namespace: '', name: NODE }, user);
  t.is(node?.status?.allocatable?.cpu, '4');
  t.is(node?.metadata.labels?.['kubernetes.io/hostname'], 'node-1');
  await w.close();
});

test('a crash loop restarts at once, then after 10, 20, 40, 80, 160, 300 and 300 seconds', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}, { exitAfterMs: 0, exitCode: 1 }), user);
  await w.quiet();
  const expected = [0, 10, 20, 40, 80, 160, 300, 300];
  let count = 1;
  for (const seconds of expected) {
    if (seconds > 0) {
      const before = await w.pod('a');
      t.is(statusOf(before)?.state?.waiting?.reason, 'CrashLoopBackOff');
      t.is(statusOf(before)?.lastState?.terminated?.exitCode, 1);
      await w.pass(seconds * 1000 - 1);
      t.is(statusOf(await w.pod('a'))?.restartCount, count - 1);
      await w.pass(1);
    }
    t.is(statusOf(await w.pod('a'))?.restartCount, count, `after ${seconds}s`);
    count += 1;
  }
  t.is((await w.pod('a'))?.status?.phase, 'Running');
  t.true(w.starts().every(([, times]) => times === 1));
  await w.close();
});

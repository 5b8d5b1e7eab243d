import test from 'ava';
import type { ContainerStatus, EphemeralContainer, Pod } from '../schema/types.gen.ts';
import {
  conditionOf,
  type NodeWorld,
  nodeWorld,
  podOf,
  refOfPod,
  statusOf,
  user,
} from '../testing/node-world.ts';

const add = (w: NodeWorld, ...ephemeralContainers: readonly EphemeralContainer[]): Promise<Pod> =>
  w.client.patch<Pod>(
    refOfPod('a'),
    { type: 'strategic', patch: { spec: { ephemeralContainers: [...ephemeralContainers] } } },
    user,
    { subresource: 'ephemeralcontainers' },
  );
const ephemeralOf = (pod: Pod | null, name = 'debugger'): ContainerStatus | undefined =>
  pod?.status?.ephemeralContainerStatuses?.find((status) => status.name === name);
const debuggerContainer: EphemeralContainer = { name: 'debugger', image: 'host', targetContainerName: 'web' };

test('an ephemeral container is started beside the others, and neither phase nor readiness count it', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}), user);
  await w.quiet();
  const before = await w.pod('a');
  await add(w, debuggerContainer);
  await w.quiet();
  const pod = await w.pod('a');
  t.truthy(ephemeralOf(pod)?.state?.running);
  t.is(ephemeralOf(pod)?.restartCount, 0);
  t.false(ephemeralOf(pod)?.ready);
  t.deepEqual(pod?.status?.containerStatuses, before?.status?.containerStatuses);
  t.deepEqual(conditionOf(pod, 'Ready'), conditionOf(before, 'Ready'));
  t.is(pod?.status?.phase, 'Running');
  await w.close();
});

test('one that has ended stays so, whatever the restart policy, and a daemon that starts anew does not start it', async (t) => {
  const w = await nodeWorld();
  await w.client.create(
    podOf(
      'a',
      { restartPolicy: 'Always' },
      { containers: { debugger: { exitAfterMs: 1_000, exitCode: 7 } } },
    ),
    user,
  );
  await w.quiet();
  await add(w, debuggerContainer);
  await w.pass(2_000);
  const ended = ephemeralOf(await w.pod('a'));
  t.is(ended?.state?.terminated?.exitCode, 7);
  await w.restart();
  await w.pass(600_000);
  const pod = await w.pod('a');
  t.deepEqual(ephemeralOf(pod)?.state, ended?.state);
  t.is(ephemeralOf(pod)?.restartCount, 0);
  t.is(conditionOf(pod, 'Ready')?.status, 'True');
  t.deepEqual(
    w
      .starts()
      .filter(([id]) => id.includes('.debugger.'))
      .map(([, times]) => times),
    [1],
  );
  await w.close();
});

test('it runs where the pod itself cannot get up: an init container that fails can be looked at', async (t) => {
  const w = await nodeWorld();
  await w.client.create(
    podOf(
      'a',
      { initContainers: [{ name: 'first', image: 'host' }] },
      { containers: { first: { exitAfterMs: 10, exitCode: 1 } } },
    ),
    user,
  );
  await w.pass(1_000);
  await add(w, debuggerContainer);
  await w.pass(1_000);
  const pod = await w.pod('a');
  t.truthy(ephemeralOf(pod)?.state?.running);
  t.is(pod?.status?.phase, 'Pending');
  t.is(conditionOf(pod, 'Initialized')?.message, 'containers with incomplete status: [first]');
  await w.close();
});

test('when the pod has done what it was for, an ephemeral container does not keep it', async (t) => {
  const w = await nodeWorld();
  await w.client.create(
    podOf('a', { restartPolicy: 'Never' }, { containers: { web: { exitAfterMs: 5_000, exitCode: 0 } } }),
    user,
  );
  await w.quiet();
  await add(w, debuggerContainer);
  await w.pass(60_000);
  const pod = await w.pod('a');
  t.is(pod?.status?.phase, 'Succeeded');
  t.truthy(ephemeralOf(pod)?.state?.terminated);
  t.is(statusOf(pod)?.state?.terminated?.exitCode, 0);
  await w.close();
});

test('a pod that is deleted takes it along', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}), user);
  await w.quiet();
  await add(w, debuggerContainer);
  await w.quiet();
  await w.client.delete(refOfPod('a'), {}, user);
  await w.pass(60_000);
  t.is(await w.pod('a'), null);
  await w.close();
});

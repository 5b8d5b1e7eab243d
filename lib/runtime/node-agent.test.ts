import test from 'ava';
import type { Node } from '../schema/types.gen.ts';
import {
  conditionOf,
  NODE,
  nodeSettings,
  nodeWorld,
  podOf,
  refOfPod,
  statusOf,
  user,
} from '../testing/node-world.ts';

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
  t.is(node?.metadata.labels?.['kubernetes.io/hostname'], NODE, 'its own name');
  t.is(node?.status?.nodeInfo?.kubeletVersion, 'v1.32.0+pintle');
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

test('a container that exits 0 under Always is restarted with the same back-off', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}, { exitAfterMs: 1000, exitCode: 0 }), user);
  await w.pass(1000);
  t.is(statusOf(await w.pod('a'))?.restartCount, 1);
  await w.pass(1000);
  const waiting = statusOf(await w.pod('a'));
  t.is(waiting?.state?.waiting?.reason, 'CrashLoopBackOff');
  t.is(waiting?.lastState?.terminated?.reason, 'Completed');
  t.false(waiting?.ready);
  await w.pass(10_000);
  t.is(statusOf(await w.pod('a'))?.restartCount, 2);
  await w.close();
});

for (const { restartPolicy, exitCode, phase, restarts } of [
  { restartPolicy: 'Never', exitCode: 0, phase: 'Succeeded', restarts: 0 },
  { restartPolicy: 'Never', exitCode: 3, phase: 'Failed', restarts: 0 },
  { restartPolicy: 'OnFailure', exitCode: 0, phase: 'Succeeded', restarts: 0 },
  { restartPolicy: 'OnFailure', exitCode: 3, phase: 'Running', restarts: 1 },
] as const) {
  test(`under ${restartPolicy} a container that exits ${exitCode} leaves the pod ${phase}`, async (t) => {
    const w = await nodeWorld();
    await w.client.create(podOf('a', { restartPolicy }, { exitAfterMs: 500, exitCode }), user);
    await w.pass(5000);
    const pod = await w.pod('a');
    t.is(pod?.status?.phase, phase);
    t.is(statusOf(pod)?.restartCount, restarts);
    if (phase === 'Succeeded') t.is(conditionOf(pod, 'Ready')?.reason, 'PodCompleted');
    await w.close();
  });
}

test('readiness follows its probe; a failing liveness probe restarts the container after its threshold', async (t) => {
  const w = await nodeWorld();
  const probe = { tcpSocket: { port: 80 }, periodSeconds: 5 };
  const container = { name: 'web', image: 'host', readinessProbe: probe, livenessProbe: probe };
  const behaviour = { readyAfterMs: 7000, livenessFailsAfterMs: 60_000 };
  await w.client.create(podOf('a', { containers: [container] }, behaviour), user);
  await w.quiet();
  t.is(conditionOf(await w.pod('a'), 'Ready')?.reason, 'ContainersNotReady');
  await w.pass(9000);
  t.is(conditionOf(await w.pod('a'), 'Ready')?.status, 'False');
  await w.pass(1000);
  t.is(conditionOf(await w.pod('a'), 'Ready')?.status, 'True');
  await w.pass(59_000);
  t.is(statusOf(await w.pod('a'))?.restartCount, 0, 'two failures are not three');
  await w.pass(1000);
  t.is(statusOf(await w.pod('a'))?.restartCount, 1);
  t.is(statusOf(await w.pod('a'))?.lastState?.terminated?.exitCode, 143);
  const told = [...(await w.events('Killing')), ...(await w.events('Unhealthy'))];
  t.deepEqual(new Set(told.map(({ reason }) => reason)), new Set(['Killing', 'Unhealthy']));
  for (const { source, involvedObject } of told) {
    t.deepEqual(source, { component: 'kubelet', host: 'node-1' });
    t.is(involvedObject.fieldPath, 'spec.containers{web}');
  }
  await w.close();
});

test('a startup probe holds back liveness and readiness until it has passed', async (t) => {
  const w = await nodeWorld();
  const probe = { tcpSocket: { port: 80 }, periodSeconds: 1 };
  const startupProbe = { ...probe, failureThreshold: 30 };
  const container = { name: 'web', image: 'host', startupProbe, livenessProbe: probe, readinessProbe: probe };
  await w.client.create(podOf('a', { containers: [container] }, { readyAfterMs: 20_000 }), user);
  await w.pass(19_000);
  t.like(statusOf(await w.pod('a')), { started: false, ready: false, restartCount: 0 });
  await w.pass(1500);
  t.like(statusOf(await w.pod('a')), { started: true, ready: true, restartCount: 0 });
  await w.close();
});

test('a startup probe that never passes restarts the container', async (t) => {
  const w = await nodeWorld();
  const startupProbe = { tcpSocket: { port: 80 }, periodSeconds: 2, failureThreshold: 3 };
  const container = { name: 'web', image: 'host', startupProbe };
  await w.client.create(podOf('a', { containers: [container] }, { readyAfterMs: 999_000 }), user);
  await w.pass(3900);
  t.is(statusOf(await w.pod('a'))?.restartCount, 0);
  await w.pass(200);
  t.is(statusOf(await w.pod('a'))?.restartCount, 1);
  await w.close();
});

test('init containers run one after another, sidecars start between them and stop last in reverse', async (t) => {
  const w = await nodeWorld();
  const spec = {
    restartPolicy: 'Never',
    initContainers: [
      { name: 'first', image: 'host' },
      { name: 'proxy', image: 'host', restartPolicy: 'Always' },
      { name: 'second', image: 'host' },
      { name: 'logger', image: 'host', restartPolicy: 'Always' },
    ],
  };
  const brief = { exitAfterMs: 1000, exitCode: 0 };
  const slow = { stopAfterMs: 500 };
  const containers = { first: brief, second: brief, proxy: slow, logger: slow, web: { exitAfterMs: 5000 } };
  await w.client.create(podOf('a', spec, { containers }), user);
  await w.pass(500);
  const pod = await w.pod('a');
  t.is(pod?.status?.phase, 'Pending');
  t.is(statusOf(pod)?.state?.waiting?.reason, 'PodInitializing');
  t.is(conditionOf(pod, 'Initialized')?.reason, 'ContainersNotInitialized');
  await w.pass(500);
  t.truthy(statusOf(await w.pod('a'), 'proxy')?.state?.running);
  t.truthy(statusOf(await w.pod('a'), 'second')?.state?.running);
  await w.pass(1000);
  t.is(await w.phaseOf('a'), 'Running');
  await w.pass(5000);
  t.truthy(statusOf(await w.pod('a'), 'proxy')?.state?.running);
  t.is(await w.phaseOf('a'), 'Running');
  await w.pass(500);
  t.is(statusOf(await w.pod('a'), 'logger')?.state?.terminated?.exitCode, 143);
  t.truthy(statusOf(await w.pod('a'), 'proxy')?.state?.running);
  await w.pass(600);
  t.is(await w.phaseOf('a'), 'Succeeded');
  await w.close();
});

test('an init container that fails under Never fails the pod, and nothing after it starts', async (t) => {
  const w = await nodeWorld();
  const spec = { restartPolicy: 'Never', initContainers: [{ name: 'first', image: 'host' }] };
  await w.client.create(podOf('a', spec, { containers: { first: { exitAfterMs: 10, exitCode: 1 } } }), user);
  await w.pass(1000);
  t.is(await w.phaseOf('a'), 'Failed');
  t.is(w.starts().length, 1);
  await w.close();
});

test('a deletion ends the containers within the grace period, then the pod and its sandbox are gone', async (t) => {
  const w = await nodeWorld();
  const spec = {
    terminationGracePeriodSeconds: 20,
    containers: [
      { name: 'web', image: 'host' },
      { name: 'deaf', image: 'host' },
    ],
  };
  await w.client.create(podOf('a', spec, { containers: { deaf: { stopAfterMs: null } } }), user);
  await w.quiet();
  await w.client.delete(refOfPod('a'), {}, user);
  await w.pass(1000);
  t.is(statusOf(await w.pod('a'))?.state?.terminated?.exitCode, 143);
  t.truthy(statusOf(await w.pod('a'), 'deaf')?.state?.running);
  await w.pass(18_500);
  t.not(await w.pod('a'), null);
  await w.pass(1000);
  t.is(await w.pod('a'), null);
  t.is(w.state.sandboxes.size + w.state.containers.size, 0);
  await w.close();
});

test('a preStop hook runs before the stop signal and within the grace period', async (t) => {
  const w = await nodeWorld();
  const lifecycle = { preStop: { sleep: { seconds: 5 } } };
  const spec = { containers: [{ name: 'web', image: 'host', lifecycle }] };
  await w.client.create(podOf('a', spec), user);
  await w.quiet();
  await w.client.delete(refOfPod('a'), {}, user);
  await w.pass(4900);
  t.truthy(statusOf(await w.pod('a'))?.state?.running);
  await w.pass(200);
  t.is(await w.pod('a'), null);
  await w.close();
});

test('a preStop hook longer than the grace period leaves the signal two seconds', async (t) => {
  const w = await nodeWorld();
  const lifecycle = { preStop: { sleep: { seconds: 50 } } };
  const spec = { terminationGracePeriodSeconds: 10, containers: [{ name: 'web', image: 'host', lifecycle }] };
  await w.client.create(podOf('a', spec, { stopAfterMs: null }), user);
  await w.quiet();
  await w.client.delete(refOfPod('a'), {}, user);
  await w.pass(11_900);
  t.not(await w.pod('a'), null);
  await w.pass(300);
  t.is(await w.pod('a'), null);
  await w.close();
});

test('a pod past its activeDeadlineSeconds is stopped and Failed', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', { activeDeadlineSeconds: 30 }), user);
  await w.pass(29_000);
  t.is(await w.phaseOf('a'), 'Running');
  await w.pass(2000);
  const pod = await w.pod('a');
  t.like(pod?.status, { phase: 'Failed', reason: 'DeadlineExceeded' });
  await w.close();
});

test('a missing ConfigMap key is named in the waiting reason, and the container starts once it is there', async (t) => {
  const w = await nodeWorld();
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } }];
  await w.client.create(podOf('a', { containers: [{ name: 'web', image: 'host', env }] }), user);
  await w.quiet();
  t.is(statusOf(await w.pod('a'))?.state?.waiting?.reason, 'CreateContainerConfigError');
  t.regex(statusOf(await w.pod('a'))?.state?.waiting?.message ?? '', /settings/);
  const metadata = { name: 'settings', namespace: 'default' };
  await w.client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { colour: 'red' } }, user);
  await w.pass(100);
  t.is(await w.phaseOf('a'), 'Running');
  await w.close();
});

test('a volume of a kind that is not supported is refused by name in the status', async (t) => {
  const w = await nodeWorld();
  const volumes = [{ name: 'data', nfs: { server: 'x', path: '/' } }];
  await w.client.create(podOf('a', { volumes }), user);
  await w.quiet();
  const waiting = statusOf(await w.pod('a'))?.state?.waiting;
  t.is(waiting?.reason, 'CreateContainerConfigError');
  t.regex(waiting?.message ?? '', /"data".*nfs/);
  t.is((await w.events('FailedMount')).length, 1);
  await w.close();
});

test('a ConfigMap volume is filled before the start and follows its ConfigMap', async (t) => {
  const w = await nodeWorld();
  const metadata = { name: 'page', namespace: 'default' };
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  const text = (): string => {
    const volume = [...w.state.volumes.values()][0]?.get('page');
    return volume?.kind === 'files' ? Buffer.from(volume.files[0]?.bytes ?? []).toString() : '';
  };
  const volumes = [{ name: 'page', configMap: { name: 'page' } }];
  await w.client.create(podOf('a', { volumes }), user);
  await w.quiet();
  t.is(statusOf(await w.pod('a'))?.state?.waiting?.reason, 'ContainerCreating');
  await w.client.create({ ...configMap, data: { 'index.html': 'one' } }, user);
  await w.pass(100);
  t.is(await w.phaseOf('a'), 'Running');
  t.is(text(), 'one');
  await w.client.update({ ...configMap, data: { 'index.html': 'two' } }, user);
  await w.quiet();
  t.is(text(), 'two');
  t.is(w.starts().length, 1);
  await w.close();
});

test('a node agent that starts anew adopts what runs: no start, no status change, no lost ready', async (t) => {
  const w = await nodeWorld();
  const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 5, initialDelaySeconds: 3 };
  await w.client.create(podOf('a', { containers: [{ name: 'web', image: 'host', readinessProbe }] }), user);
  await w.pass(10_000);
  const before = await w.pod('a');
  t.is(conditionOf(before, 'Ready')?.status, 'True');
  await w.restart();
  await w.pass(20_000);
  t.is((await w.pod('a'))?.metadata.resourceVersion, before?.metadata.resourceVersion);
  t.deepEqual(
    w.starts().map(([, times]) => times),
    [1],
  );
  await w.close();
});

test('pods deleted while nobody looked are ended when a node agent starts', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}), user);
  await w.quiet();
  await w.down();
  await w.client.delete(refOfPod('a'), { gracePeriodSeconds: 0 }, user);
  t.is(w.state.sandboxes.size, 1);
  await w.restart();
  await w.pass(2000);
  t.is(w.state.sandboxes.size, 0);
  await w.close();
});

test('containers whose machine forgot them count as unknown and start with the next number', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('always', {}), user);
  await w.client.create(podOf('never', { restartPolicy: 'Never' }), user);
  await w.quiet();
  await w.down();
  w.state.containers.clear();
  w.state.sandboxes.clear();
  await w.restart();
  await w.pass(1000);
  const status = statusOf(await w.pod('always'));
  t.is(status?.restartCount, 1);
  t.like(status?.lastState?.terminated, { exitCode: 137, reason: 'ContainerStatusUnknown' });
  t.is(await w.phaseOf('never'), 'Failed');
  await w.close();
});

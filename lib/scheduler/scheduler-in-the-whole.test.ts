import test from 'ava';
import { minuteMs, secondMs } from '../base/clock.ts';
import { conditionOf } from '../schema/conditions.ts';
import { LOCAL_PROVISIONER } from '../schema/local-volume.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Event, PersistentVolumeClaim, Pod } from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane, simpleNode } from '../testing/control-plane.ts';
import { testClaim, testClass, testPod, testVolume } from '../testing/scheduled-objects.ts';

const POD = { group: '', kind: 'Pod' };
const EVENT = { group: '', kind: 'Event' };
const CLAIM = { group: '', kind: 'PersistentVolumeClaim' };

/** As a user writes it: the API gives the rest. */
function written<T extends KubeObject>(object: T): T {
  const { name, namespace, labels } = object.metadata;
  const { status: _status, ...rest } = object;
  return { ...rest, metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }) } } as T;
}
const pod = (name: string, is: Parameters<typeof testPod>[1] = {}): Pod =>
  written(testPod(name, { image: 'one', ...is }));
const priorityClass = (name: string, value: number): KubeObject => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
});
const podNamed = (plane: ControlPlane, name: string): Pod | undefined =>
  plane.all<Pod>(POD).find(({ metadata }) => metadata.name === name);
const isOn = (plane: ControlPlane, name: string, node: string) => () =>
  podNamed(plane, name)?.spec.nodeName === node;

test('a pod of higher priority gets the room of lower ones, which are told why they go', async (t) => {
  const plane = await controlPlane({ nodes: [simpleNode('n', { cpu: '4' })] });
  for (const kind of [POD, EVENT]) plane.all(kind);
  await plane.apply(priorityClass('high', 1_000));
  await plane.apply(pod('keeper', { cpu: '2', priorityClassName: 'high' }));
  await plane.apply(pod('victim', { cpu: '2', terminationGracePeriodSeconds: 5 }));
  await plane.clock.runUntil(isOn(plane, 'victim', 'n'), { withinMs: minuteMs, what: 'the victim' });
  await plane.apply(pod('urgent', { cpu: '2', priorityClassName: 'high' }));
  await plane.clock.runUntil(() => podNamed(plane, 'victim')?.metadata.deletionTimestamp !== undefined, {
    withinMs: minuteMs,
    what: 'the victim on its way out',
  });
  t.like(conditionOf(podNamed(plane, 'victim')?.status?.conditions, 'DisruptionTarget'), {
    status: 'True',
    reason: 'PreemptionByScheduler',
  });
  t.is(podNamed(plane, 'urgent')?.status?.nominatedNodeName, 'n');
  t.is(podNamed(plane, 'urgent')?.spec.nodeName, undefined);
  // Less important than the pod that the room is kept for.
  await plane.apply(pod('late', { cpu: '1' }));
  await plane.clock.runUntil(isOn(plane, 'urgent', 'n'), { withinMs: minuteMs, what: 'the urgent pod' });
  await plane.clock.run(minuteMs);
  t.is(podNamed(plane, 'urgent')?.status?.nominatedNodeName, undefined);
  t.is(podNamed(plane, 'late')?.spec.nodeName, undefined);
  t.is(podNamed(plane, 'keeper')?.spec.nodeName, 'n');
  const reasons = plane
    .all<Event>(EVENT)
    .map(({ reason, involvedObject }) => `${involvedObject.name} ${reason}`);
  t.true(reasons.includes('victim Preempted'));
  t.false(reasons.includes('keeper Preempted'));
  await plane.stop();
});

test('a claim that waits for its first pod gets its volume where the pod goes, and then the pod goes there', async (t) => {
  const plane = await controlPlane({ nodes: [simpleNode('a'), simpleNode('b')] });
  for (const kind of [POD, CLAIM]) plane.all(kind);
  await plane.apply(testClass('late', { provisioner: 'kubernetes.io/no-provisioner' }));
  await plane.apply(testClass('here', { provisioner: LOCAL_PROVISIONER }));
  const volume = await plane.client.create(
    written(testVolume('on-b', { hosts: ['b'], nfs: { server: 's', path: '/' } })),
    plane.caller,
  );
  await plane.client.update({ ...volume, status: { phase: 'Available' } }, plane.caller, {
    subresource: 'status',
  });
  await plane.apply(written(testClaim('static')));
  await plane.apply(written(testClaim('made', { storageClassName: 'here' })));
  await plane.clock.run(minuteMs);
  const claims = (): readonly string[] =>
    plane
      .all<PersistentVolumeClaim>(CLAIM)
      .map(({ metadata, status }) => `${metadata.name} ${status?.phase}`);
  t.deepEqual(claims(), ['made Pending', 'static Pending'], 'nobody needs them yet');
  await plane.apply(pod('p', { claims: ['static', 'made'] }));
  await plane.clock.runUntil(isOn(plane, 'p', 'b'), { withinMs: minuteMs, what: 'the pod on its node' });
  t.deepEqual(claims(), ['made Bound', 'static Bound']);
  t.true(plane.idle());
  await plane.stop();
});

test('a pod whose claim is not there says so, and goes when it is', async (t) => {
  const plane = await controlPlane();
  plane.all(POD);
  await plane.apply(pod('p', { claims: ['data'] }));
  await plane.clock.run(10 * secondMs);
  t.is(
    conditionOf(podNamed(plane, 'p')?.status?.conditions, 'PodScheduled')?.message,
    '0/1 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  );
  await plane.apply(written(testClaim('data', { storageClassName: 'local' })));
  await plane.clock.runUntil(isOn(plane, 'p', 'node-1'), { withinMs: minuteMs, what: 'the pod on its node' });
  await plane.stop();
});

test('a gate is waited for, and its lifting is enough', async (t) => {
  const plane = await controlPlane();
  plane.all(POD);
  const gated = await plane.client.create(
    pod('p', { schedulingGates: [{ name: 'example.com/review' }] }),
    plane.caller,
  );
  await plane.clock.run(10 * minuteMs);
  t.like(conditionOf(podNamed(plane, 'p')?.status?.conditions, 'PodScheduled'), {
    status: 'False',
    reason: 'SchedulingGated',
  });
  const live = podNamed(plane, 'p') ?? gated;
  await plane.client.update({ ...live, spec: { ...live.spec, schedulingGates: [] } }, plane.caller);
  await plane.clock.run(0);
  t.is(podNamed(plane, 'p')?.spec.nodeName, 'node-1');
  await plane.stop();
});

test('a pod that waits for the company of another goes when that one has a node', async (t) => {
  const plane = await controlPlane();
  plane.all(POD);
  const near = {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } } },
      ],
    },
  };
  await plane.apply(pod('web', { affinity: near }));
  await plane.clock.run(10 * secondMs);
  t.is(podNamed(plane, 'web')?.spec.nodeName, undefined);
  await plane.apply(pod('db', { labels: { app: 'db' } }));
  await plane.clock.run(secondMs);
  t.is(podNamed(plane, 'web')?.spec.nodeName, 'node-1');
  await plane.stop();
});

test('one seed, one history, however late the informers are told', async (t) => {
  const run = async (seed: number, lagMaxMs: number): Promise<readonly string[]> => {
    const nodes = ['a', 'b', 'c'].map((name) => simpleNode(name, { cpu: '3' }));
    const plane = await controlPlane({ seed, nodes, lagMaxMs });
    plane.all(POD);
    await plane.clock.run(10 * secondMs);
    for (let at = 0; at < 12; at += 1) {
      await plane.apply(pod(`p${at}`, { cpu: at % 3 === 0 ? '1' : '500m', labels: { app: 'web' } }));
      await plane.clock.run(10 * secondMs);
    }
    await plane.clock.run(minuteMs);
    const placed = plane.all<Pod>(POD).map(({ metadata, spec }) => `${metadata.name} ${spec.nodeName}`);
    await plane.stop();
    return placed;
  };
  const first = await run(1, 0);
  t.deepEqual(await run(1, 0), first);
  t.deepEqual(await run(2, 3 * secondMs), first);
  t.true(first.every((line) => !line.endsWith('undefined')));
});

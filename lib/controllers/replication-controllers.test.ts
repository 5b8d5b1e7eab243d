import test from 'ava';
import { minuteMs } from '../base/clock.ts';
import { refOf } from '../schema/object.ts';
import { controllerOf } from '../schema/owner.ts';
import { isPodActive } from '../schema/pod-conditions.ts';
import type { Pod, ReplicationController } from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane } from '../testing/control-plane.ts';

const POD = { group: '', kind: 'Pod' };
const KIND = { group: '', kind: 'ReplicationController' };

const kubia = (replicas: number): ReplicationController => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'kubia', namespace: 'default' },
  spec: {
    replicas,
    template: {
      metadata: { name: '', labels: { app: 'kubia' } },
      spec: { containers: [{ name: 'kubia', image: 'kubia' }] },
    },
  },
});

const controller = (plane: ControlPlane): ReplicationController | undefined =>
  plane.all<ReplicationController>(KIND)[0];
const active = (plane: ControlPlane): readonly Pod[] => plane.all<Pod>(POD).filter(isPodActive);
const hasReady = (plane: ControlPlane, count: number) => (): boolean =>
  (controller(plane)?.status?.readyReplicas ?? 0) === count && active(plane).length === count;

test('a ReplicationController selects by its template, scales, and replaces what it lets go', async (t) => {
  const plane = await controlPlane({ seed: 1 });
  for (const kind of [POD, KIND]) plane.all(kind);
  await plane.apply(kubia(3));
  await plane.clock.runUntil(hasReady(plane, 3), { withinMs: minuteMs, what: 'three pods' });
  t.deepEqual(controller(plane)?.spec.selector, { app: 'kubia' });
  t.deepEqual(controller(plane)?.metadata.labels, { app: 'kubia' });
  t.deepEqual(controller(plane)?.status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    observedGeneration: 1,
  });

  const [first] = active(plane);
  if (first === undefined) return t.fail('there is no pod');
  const patch = { type: 'merge', patch: { metadata: { labels: { app: 'foo' } } } } as const;
  await plane.client.patch(refOf(first), patch, plane.caller);
  const isThree = (): boolean =>
    active(plane).filter(({ metadata }) => metadata.labels?.app === 'kubia').length === 3;
  await plane.clock.runUntil(isThree, { withinMs: minuteMs, what: 'one in its place' });
  const free = active(plane).find(({ metadata }) => metadata.uid === first.metadata.uid);
  t.is(free && controllerOf(free), undefined);

  const scale = { type: 'merge', patch: { spec: { replicas: 1 } } } as const;
  const ref = { ...KIND, namespace: 'default', name: 'kubia' };
  await plane.client.patch(ref, scale, plane.caller, { subresource: 'scale' });
  const isOne = (): boolean => controller(plane)?.status?.replicas === 1;
  await plane.clock.runUntil(isOne, { withinMs: minuteMs, what: 'one pod' });
  t.is(active(plane).length, 2);
  await plane.stop();
});

test('a ReplicationController takes the pods that another one left behind, and nothing is written after', async (t) => {
  const plane = await controlPlane({ seed: 2 });
  for (const kind of [POD, KIND]) plane.all(kind);
  await plane.apply(kubia(2));
  await plane.clock.runUntil(hasReady(plane, 2), { withinMs: minuteMs, what: 'two pods' });
  const names = active(plane).map(({ metadata }) => metadata.name);
  const ref = { ...KIND, namespace: 'default', name: 'kubia' };
  await plane.client.delete(ref, { propagation: 'Orphan' }, plane.caller);
  for (const pod of active(plane)) {
    const free = [{ op: 'add', path: '/metadata/ownerReferences', value: [] }] as const;
    await plane.client.patch(refOf(pod), { type: 'json', operations: free }, plane.caller);
  }
  const live = await plane.client.get(ref, plane.caller);
  if (live !== null) {
    const { finalizers: _finalizers, ...metadata } = live.metadata;
    await plane.client.update({ ...live, metadata: { ...metadata, finalizers: [] } }, plane.caller);
  }
  await plane.apply(kubia(2));
  await plane.clock.runUntil(hasReady(plane, 2), { withinMs: minuteMs, what: 'the two pods taken' });
  t.deepEqual(
    active(plane).map(({ metadata }) => metadata.name),
    names,
  );
  await plane.clock.run(minuteMs);
  const before = plane.changes();
  await plane.clock.run(minuteMs);
  t.is(plane.changes(), before);
  await plane.stop();
});

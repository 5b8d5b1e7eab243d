import test from 'ava';
import { hourMs, minuteMs, secondMs } from '../base/clock.ts';
import { conditionOf } from '../schema/conditions.ts';
import { isPodActive, isPodReady } from '../schema/pod-conditions.ts';
import type { Deployment, EndpointSlice, Event, Pod, ReplicaSet } from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane } from '../testing/control-plane.ts';
import { annotations, revisionOf } from './deployment/annotations.ts';

const POD = { group: '', kind: 'Pod' };
const REPLICA_SET = { group: 'apps', kind: 'ReplicaSet' };
const DEPLOYMENT = { group: 'apps', kind: 'Deployment' };
const SLICE = { group: 'discovery.k8s.io', kind: 'EndpointSlice' };

function web(image: string, spec: object = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { name: '', labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image }] },
      },
      ...spec,
    },
  };
}

/** Pods by image, those that count. */
function images(plane: ControlPlane): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { spec } of plane.all<Pod>(POD).filter(isPodActive)) {
    const image = spec.containers[0]?.image ?? '';
    counts[image] = (counts[image] ?? 0) + 1;
  }
  return counts;
}

const deployment = (plane: ControlPlane): Deployment | undefined => plane.all<Deployment>(DEPLOYMENT)[0];
const progressing = (plane: ControlPlane): string | undefined =>
  conditionOf(deployment(plane)?.status?.conditions, 'Progressing')?.reason;
const isDone = (plane: ControlPlane) => (): boolean => {
  const at = deployment(plane);
  return (
    at?.status?.observedGeneration === at?.metadata.generation &&
    progressing(plane) === 'NewReplicaSetAvailable' &&
    at?.status?.updatedReplicas === at?.spec.replicas &&
    at?.status?.replicas === at?.spec.replicas
  );
};

async function begin(seed: number, first: Deployment): Promise<ControlPlane> {
  const plane = await controlPlane({ seed });
  for (const kind of [POD, REPLICA_SET, DEPLOYMENT, SLICE, { group: '', kind: 'Event' }]) plane.all(kind);
  await plane.apply(first);
  await plane.clock.runUntil(isDone(plane), { withinMs: minuteMs, what: 'the first rollout' });
  return plane;
}

test('a Deployment comes up, rolls, breaks, and goes back to the ReplicaSet it had', async (t) => {
  const plane = await begin(1, web('one'));
  t.deepEqual(images(plane), { one: 4 });
  const [first] = plane.all<ReplicaSet>(REPLICA_SET);

  await plane.apply(web('two'));
  let fewest = 4;
  let most = 4;
  await plane.clock.runUntil(
    () => {
      const pods = plane.all<Pod>(POD).filter(isPodActive);
      fewest = Math.min(fewest, pods.filter(isPodReady).length);
      most = Math.max(most, pods.length);
      return isDone(plane)();
    },
    { withinMs: minuteMs, what: 'the second rollout' },
  );
  t.deepEqual(images(plane), { two: 4 });
  t.true(fewest >= 3, `25% of 4 may be missing, ${fewest} were there`);
  t.true(most <= 5, `25% of 4 may be too many, ${most} were there`);

  await plane.apply(web('broken', { progressDeadlineSeconds: 60 }));
  await plane.clock.runUntil(() => progressing(plane) === 'ProgressDeadlineExceeded', {
    withinMs: 2 * minuteMs,
    what: 'the deadline',
  });
  t.deepEqual(images(plane), { two: 3, broken: 2 });
  t.is(conditionOf(deployment(plane)?.status?.conditions, 'Available')?.status, 'True');

  await plane.apply(web('one', { progressDeadlineSeconds: 60 }));
  await plane.clock.runUntil(isDone(plane), { withinMs: minuteMs, what: 'going back' });
  t.deepEqual(images(plane), { one: 4 });
  const again = plane
    .all<ReplicaSet>(REPLICA_SET)
    .find(({ metadata }) => metadata.uid === first?.metadata.uid);
  t.is(again?.spec.replicas, 4);
  t.is(revisionOf(again ?? web('')), 4);
  t.is(again?.metadata.annotations?.[annotations.revisionHistory], '1');
  t.is(deployment(plane)?.metadata.annotations?.[annotations.revision], '4');
  t.is(plane.all(REPLICA_SET).length, 3);
  await plane.stop();
});

test('scaling in the middle of a rollout keeps both versions in proportion', async (t) => {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 2 } };
  const plane = await begin(2, web('one', { replicas: 10, strategy }));
  await plane.apply(web('broken', { replicas: 10, strategy }));
  await plane.clock.run(30 * secondMs);
  t.deepEqual(images(plane), { one: 8, broken: 4 });
  await plane.apply(web('broken', { replicas: 20, strategy }));
  await plane.clock.run(30 * secondMs);
  t.deepEqual(images(plane), { one: 15, broken: 7 });
  await plane.stop();
});

test('a paused Deployment scales and does not roll, and its clock stands still', async (t) => {
  const plane = await begin(3, web('one', { progressDeadlineSeconds: 60 }));
  await plane.apply(web('two', { progressDeadlineSeconds: 60, paused: true, replicas: 6 }));
  await plane.clock.run(hourMs);
  t.deepEqual(images(plane), { one: 6 });
  t.is(progressing(plane), 'DeploymentPaused');
  await plane.apply(web('two', { progressDeadlineSeconds: 60, paused: false, replicas: 6 }));
  await plane.clock.runUntil(isDone(plane), { withinMs: minuteMs, what: 'the rollout once resumed' });
  t.deepEqual(images(plane), { two: 6 });
  await plane.stop();
});

test('Recreate: no pod of the new version before the last of the old is gone', async (t) => {
  const strategy = { type: 'Recreate' };
  const plane = await begin(4, web('one', { strategy }));
  await plane.apply(web('two', { strategy }));
  let mixed = false;
  await plane.clock.runUntil(
    () => {
      const here = new Set(plane.all<Pod>(POD).map(({ spec }) => spec.containers[0]?.image));
      mixed ||= here.size > 1;
      return isDone(plane)() && images(plane).two === 4;
    },
    { withinMs: minuteMs, what: 'the new version' },
  );
  t.false(mixed);
  await plane.stop();
});

test('minReadySeconds: a pod counts as available when it has been ready for so long', async (t) => {
  const plane = await controlPlane({ seed: 5 });
  for (const kind of [POD, REPLICA_SET, DEPLOYMENT]) plane.all(kind);
  await plane.apply(web('one', { minReadySeconds: 30 }));
  await plane.clock.run(20 * secondMs);
  t.is(deployment(plane)?.status?.readyReplicas, 4);
  t.is(deployment(plane)?.status?.availableReplicas, undefined);
  await plane.clock.run(15 * secondMs);
  t.is(deployment(plane)?.status?.availableReplicas, 4);
  await plane.stop();
});

test('the history keeps as many old ReplicaSets as it is told', async (t) => {
  const plane = await begin(6, web('v0', { revisionHistoryLimit: 2 }));
  for (const image of ['v1', 'v2', 'v3', 'v4']) {
    await plane.apply(web(image, { revisionHistoryLimit: 2 }));
    await plane.clock.runUntil(() => isDone(plane)() && images(plane)[image] === 4, {
      withinMs: minuteMs,
      what: image,
    });
  }
  await plane.clock.run(secondMs);
  const kept = plane.all<ReplicaSet>(REPLICA_SET).map((set) => set.spec.template?.spec.containers[0]?.image);
  t.deepEqual(kept.toSorted(), ['v2', 'v3', 'v4']);
  await plane.stop();
});

test('a template that is refused is a condition and an event, and is tried again', async (t) => {
  const plane = await controlPlane({ seed: 7 });
  for (const kind of [POD, REPLICA_SET, DEPLOYMENT, { group: '', kind: 'Event' }]) plane.all(kind);
  const refused = web('one');
  const { template } = refused.spec;
  const account = { ...template, spec: { ...template.spec, serviceAccountName: 'nobody' } };
  await plane.apply({ ...refused, spec: { ...refused.spec, template: account } });
  await plane.clock.run(10 * secondMs);
  const failure = conditionOf(deployment(plane)?.status?.conditions, 'ReplicaFailure');
  t.is(failure?.reason, 'FailedCreate');
  t.true(plane.all<Event>({ group: '', kind: 'Event' }).some(({ reason }) => reason === 'FailedCreate'));
  const name = { name: 'nobody', namespace: 'default' };
  await plane.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: name });
  await plane.clock.runUntil(isDone(plane), { withinMs: minuteMs, what: 'the pods once they may be' });
  t.is(conditionOf(deployment(plane)?.status?.conditions, 'ReplicaFailure'), undefined);
  await plane.stop();
});

test('endpoints follow the ready pods of a rollout', async (t) => {
  const plane = await begin(8, web('one'));
  await plane.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await plane.clock.run(secondMs);
  const ready = (): number =>
    plane
      .all<EndpointSlice>(SLICE)
      .flatMap(({ endpoints = [] }) => endpoints)
      .filter(({ conditions }) => conditions?.ready).length;
  t.is(ready(), 4);
  await plane.apply(web('two'));
  await plane.clock.runUntil(() => isDone(plane)() && images(plane).two === 4, {
    withinMs: minuteMs,
    what: 'two',
  });
  await plane.clock.run(5 * secondMs);
  t.is(ready(), 4);
  t.is(plane.all(SLICE).length, 1);
  await plane.stop();
});

async function story(seed: number): Promise<string> {
  const plane = await begin(seed, web('one'));
  await plane.apply(web('two', { replicas: 7 }));
  await plane.clock.run(minuteMs);
  await plane.apply(web('broken', { progressDeadlineSeconds: 30 }));
  await plane.clock.run(minuteMs);
  await plane.apply(web('two', { replicas: 3, progressDeadlineSeconds: 30 }));
  await plane.clock.run(minuteMs);
  const trace = plane.trace();
  await plane.stop();
  return trace;
}

test('one seed gives one trace of all changes, another seed another', async (t) => {
  const trace = await story(11);
  t.is(await story(11), trace);
  t.not(await story(12), trace);
});

test('once a rollout is done nothing is written any more', async (t) => {
  const plane = await begin(9, web('one'));
  await plane.clock.run(5 * secondMs);
  t.true(plane.idle());
  const before = plane.changes();
  await plane.clock.run(hourMs);
  t.is(plane.changes(), before);
  await plane.stop();
});

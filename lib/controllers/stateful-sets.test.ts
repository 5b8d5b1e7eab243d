import test from 'ava';
import fc from 'fast-check';
import { minuteMs, secondMs } from '../base/clock.ts';
import { refOf } from '../schema/object.ts';
import { isPodActive, isPodReady } from '../schema/pod-conditions.ts';
import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
  StatefulSetSpec,
} from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane } from '../testing/control-plane.ts';

const POD = { group: '', kind: 'Pod' };
const CLAIM = { group: '', kind: 'PersistentVolumeClaim' };
const STATEFUL_SET = { group: 'apps', kind: 'StatefulSet' };
const REVISION = { group: 'apps', kind: 'ControllerRevision' };

const db = (image: string, spec: Partial<StatefulSetSpec> = {}): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    replicas: 3,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: {
      metadata: { name: '', labels: { app: 'db' } },
      spec: { containers: [{ name: 'db', image }] },
    },
    ...spec,
  },
});
const statefulSet = (plane: ControlPlane): StatefulSet | undefined => plane.all<StatefulSet>(STATEFUL_SET)[0];
const active = (plane: ControlPlane): readonly Pod[] => plane.all<Pod>(POD).filter(isPodActive);
const shown = (plane: ControlPlane): readonly string[] =>
  active(plane).map(({ metadata, spec }) => `${metadata.name} ${spec.containers[0]?.image}`);
const isDone = (plane: ControlPlane) => (): boolean => {
  const at = statefulSet(plane);
  const { status } = at ?? {};
  const wanted = at?.spec.replicas ?? 0;
  return (
    status?.observedGeneration === at?.metadata.generation &&
    status?.replicas === wanted &&
    (status.readyReplicas ?? 0) === wanted &&
    status.currentRevision === status.updateRevision
  );
};

async function begin(first: StatefulSet, seed = 1): Promise<ControlPlane> {
  const plane = await controlPlane({ seed });
  for (const kind of [POD, CLAIM, STATEFUL_SET, REVISION]) plane.all(kind);
  await plane.apply(first);
  return plane;
}
const until = (plane: ControlPlane, what: string, holds: () => boolean): Promise<unknown> =>
  plane.clock.runUntil(holds, { withinMs: 5 * minuteMs, what });

test('ordered: one after the other up, one after the other down, and each has its name', async (t) => {
  const plane = await begin(db('one'));
  const seen: string[] = [];
  await until(plane, 'three pods', () => {
    const names = active(plane)
      .map(({ metadata }) => metadata.name)
      .join(' ');
    if (seen.at(-1) !== names) seen.push(names);
    const unready = active(plane).filter((pod) => !isPodReady(pod)).length;
    if (unready > 1) throw new Error(`${unready} come up at once`);
    return isDone(plane)();
  });
  t.deepEqual(
    seen.filter((names) => names !== ''),
    ['db-0', 'db-0 db-1', 'db-0 db-1 db-2'],
  );
  const [pod] = active(plane);
  t.is(pod?.spec.hostname, 'db-0');
  t.is(pod?.spec.subdomain, 'db');
  t.is(pod?.metadata.labels?.['statefulset.kubernetes.io/pod-name'], 'db-0');
  t.is(pod?.metadata.labels?.['apps.kubernetes.io/pod-index'], '0');
  await plane.apply(db('one', { replicas: 1 }));
  await until(plane, 'one pod', () => plane.all(POD).length === 1);
  t.deepEqual(shown(plane), ['db-0 one']);
  await plane.clock.run(10 * secondMs);
  const before = plane.changes();
  await plane.clock.run(10 * minuteMs);
  t.is(plane.changes(), before, 'nothing is written once it is done');
  await plane.stop();
});

test('parallel: all at once; ordinals begin where they are told to', async (t) => {
  const plane = await begin(db('one', { podManagementPolicy: 'Parallel', ordinals: { start: 5 } }));
  await plane.clock.run(10);
  t.deepEqual(
    active(plane).map(({ metadata }) => metadata.name),
    ['db-5', 'db-6', 'db-7'],
  );
  await plane.stop();
});

test('a partition keeps lower ordinals at the old version, also when they are made anew', async (t) => {
  const plane = await begin(db('one'));
  await until(plane, 'the first version', isDone(plane));
  const rollingUpdate = { partition: 1 };
  await plane.apply(db('two', { updateStrategy: { type: 'RollingUpdate', rollingUpdate } }));
  await until(plane, 'two of the second version', () => statefulSet(plane)?.status?.updatedReplicas === 2);
  await plane.clock.run(30 * secondMs);
  t.deepEqual(shown(plane), ['db-0 one', 'db-1 two', 'db-2 two']);
  const [lowest] = active(plane);
  if (lowest !== undefined) await plane.client.delete(refOf(lowest), {}, plane.caller);
  await plane.clock.run(30 * secondMs);
  t.deepEqual(shown(plane), ['db-0 one', 'db-1 two', 'db-2 two']);
  t.not(statefulSet(plane)?.status?.currentRevision, statefulSet(plane)?.status?.updateRevision);
  await plane.apply(
    db('two', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } }),
  );
  await until(plane, 'all of the second version', isDone(plane));
  t.deepEqual(shown(plane), ['db-0 two', 'db-1 two', 'db-2 two']);
  await plane.stop();
});

test('OnDelete: the new version comes where somebody deletes the old', async (t) => {
  const plane = await begin(db('one', { updateStrategy: { type: 'OnDelete' } }));
  await until(plane, 'three pods', () => statefulSet(plane)?.status?.readyReplicas === 3);
  await plane.apply(db('two', { updateStrategy: { type: 'OnDelete' } }));
  await plane.clock.run(minuteMs);
  t.deepEqual(shown(plane), ['db-0 one', 'db-1 one', 'db-2 one']);
  const pod = active(plane)[1];
  if (pod !== undefined) await plane.client.delete(refOf(pod), {}, plane.caller);
  await plane.clock.run(10 * secondMs);
  t.deepEqual(shown(plane), ['db-0 one', 'db-1 two', 'db-2 one']);
  await plane.stop();
});

test('a broken version stops at the first pod, and going back waits until somebody deletes that one', async (t) => {
  const plane = await begin(db('one'));
  await until(plane, 'the first version', isDone(plane));
  await plane.apply(db('broken'));
  await plane.clock.run(minuteMs);
  t.deepEqual(shown(plane), ['db-0 one', 'db-1 one', 'db-2 broken']);
  await plane.apply(db('one'));
  await plane.clock.run(minuteMs);
  t.deepEqual(shown(plane), ['db-0 one', 'db-1 one', 'db-2 broken']);
  const pod = active(plane)[2];
  if (pod !== undefined) await plane.client.delete(refOf(pod), {}, plane.caller);
  await until(plane, 'the first version again', isDone(plane));
  t.deepEqual(shown(plane), ['db-0 one', 'db-1 one', 'db-2 one']);
  t.deepEqual(
    plane
      .all<ControllerRevision>(REVISION)
      .map(({ revision }) => revision)
      .toSorted(),
    [2, 3],
  );
  await plane.stop();
});

test('claims are made for each ordinal, mounted in the place of volumes of their name, and stay', async (t) => {
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const plane = await begin(db('one', { replicas: 2, volumeClaimTemplates: [claim] }));
  await until(plane, 'two pods', isDone(plane));
  const names = (): readonly string[] => plane.all(CLAIM).map(({ metadata }) => metadata.name);
  t.deepEqual(names(), ['data-db-0', 'data-db-1']);
  t.deepEqual(active(plane)[1]?.spec.volumes?.[0], {
    name: 'data',
    persistentVolumeClaim: { claimName: 'data-db-1' },
  });
  await plane.apply(db('one', { replicas: 1, volumeClaimTemplates: [claim] }));
  await until(plane, 'one pod', () => plane.all(POD).length === 1);
  t.deepEqual(names(), ['data-db-0', 'data-db-1']);
  await plane.stop();
});

test('claims of pods scaled away go with them where that is wanted, and the next pod gets a new one', async (t) => {
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const sized = (replicas: number): StatefulSet =>
    db('one', {
      replicas,
      volumeClaimTemplates: [claim],
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' },
    });
  const plane = await begin(sized(2));
  await until(plane, 'two pods', isDone(plane));
  await plane.apply(sized(1));
  await until(plane, 'one pod', () => plane.all(POD).length === 1);
  const left = plane.all(CLAIM).find(({ metadata }) => metadata.name === 'data-db-1');
  t.like(left?.metadata.ownerReferences?.[0], { kind: 'Pod', name: 'db-1', controller: true });
  // Nothing collects garbage here: the pod is not made while the claim of the one before it is there.
  await plane.apply(sized(2));
  await plane.clock.advance(minuteMs);
  t.is(plane.all(POD).length, 1);
  if (left !== undefined) {
    const update = { ...left, metadata: { ...left.metadata, finalizers: [] } };
    await plane.client.update(update, plane.caller);
    await plane.client.delete(refOf(left), {}, plane.caller);
  }
  await until(plane, 'two pods again', isDone(plane));
  t.is(plane.all(CLAIM).length, 2);
  await plane.stop();
});

test('property: never two pods of one ordinal, and never more down in a rollout than may be', async (t) => {
  const act = fc.record({
    image: fc.constantFrom('one', 'two', 'three'),
    replicas: fc.integer({ min: 0, max: 5 }),
    /** A pod that somebody deletes in the middle, by its place. */
    deleted: fc.option(fc.nat(4), { nil: null }),
  });
  const story = fc.record({
    seed: fc.integer({ min: 1, max: 1_000 }),
    policy: fc.constantFrom('OrderedReady', 'Parallel'),
    /** How many may be down in a rollout; null: it is not said. */
    maxUnavailable: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null }),
    acts: fc.array(act, { minLength: 1, maxLength: 4 }),
  });
  const run = fc.asyncProperty(story, async ({ seed, policy, maxUnavailable, acts }) => {
    const updateStrategy =
      maxUnavailable === null
        ? {}
        : { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } } };
    const more = { podManagementPolicy: policy, ...updateStrategy };
    const plane = await begin(db('zero', more), seed);
    await until(plane, 'the first version', isDone(plane));
    for (const { image, replicas, deleted } of acts) {
      const before = active(plane).length;
      await plane.apply(db(image, { ...more, replicas }));
      const victim = deleted === null ? undefined : active(plane)[deleted];
      if (victim !== undefined) await plane.client.delete(refOf(victim), {}, plane.caller);
      const down = (maxUnavailable ?? 1) + (victim === undefined ? 0 : 1);
      await until(plane, image, () => {
        const pods = plane.all<Pod>(POD);
        if (pods.length > Math.max(before, replicas)) throw new Error(`${pods.length} pods`);
        const ready = pods.filter(isPodActive).filter(isPodReady).length;
        const least = Math.min(before, replicas) - down;
        if (ready < least) throw new Error(`${ready} ready, of ${before} on the way to ${replicas}`);
        const here = pods.length === replicas && active(plane).length === replicas;
        return here && isDone(plane)() && shown(plane).every((text) => text.endsWith(` ${image}`));
      });
    }
    await plane.stop();
  });
  await t.notThrowsAsync(fc.assert(run, { numRuns: 25 }));
});

import test from 'ava';
import fc from 'fast-check';
import { minuteMs, secondMs } from '../base/clock.ts';
import { refOf } from '../schema/object.ts';
import { isPodActive, isPodReady } from '../schema/pod-conditions.ts';
import type {
  ControllerRevision,
  DaemonSet,
  DaemonSetUpdateStrategy,
  Node,
  Pod,
} from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane, simpleNode } from '../testing/control-plane.ts';

const POD = { group: '', kind: 'Pod' };
const DAEMON_SET = { group: 'apps', kind: 'DaemonSet' };
const REVISION = { group: 'apps', kind: 'ControllerRevision' };

const log = (image: string, updateStrategy?: DaemonSetUpdateStrategy): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'log', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'log' } },
    template: {
      metadata: { name: '', labels: { app: 'log' } },
      spec: { nodeSelector: { log: 'yes' }, containers: [{ name: 'log', image }] },
    },
    ...(updateStrategy && { updateStrategy }),
  },
});
const logged = (name: string): Node => {
  const node = simpleNode(name);
  return { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, log: 'yes' } } };
};

async function begin(names: readonly string[], first: DaemonSet, seed = 1): Promise<ControlPlane> {
  const plane = await controlPlane({ seed, nodes: names.map(logged) });
  for (const kind of [POD, DAEMON_SET, REVISION]) plane.all(kind);
  await plane.apply(first);
  await plane.clock.runUntil(isDone(plane, names.length), { withinMs: minuteMs, what: 'the first pods' });
  return plane;
}
const daemonSet = (plane: ControlPlane): DaemonSet | undefined => plane.all<DaemonSet>(DAEMON_SET)[0];
const active = (plane: ControlPlane): readonly Pod[] => plane.all<Pod>(POD).filter(isPodActive);
const isDone = (plane: ControlPlane, nodes: number) => (): boolean => {
  const at = daemonSet(plane);
  const { status } = at ?? {};
  return (
    status?.observedGeneration === at?.metadata.generation &&
    status?.desiredNumberScheduled === nodes &&
    (status.updatedNumberScheduled ?? 0) === nodes &&
    (status.numberAvailable ?? 0) === nodes
  );
};
const placed = (plane: ControlPlane): readonly string[] =>
  active(plane)
    .map(({ spec }) => `${spec.nodeName} ${spec.containers[0]?.image}`)
    .toSorted();
const patchNode = (plane: ControlPlane, name: string, metadata: object): Promise<unknown> => {
  const ref = { group: '', kind: 'Node', namespace: '', name };
  return plane.client.patch(ref, { type: 'merge', patch: { metadata: { ...metadata } } }, plane.caller);
};

test('a DaemonSet follows its nodes: one that comes, one that loses its label, one that gets it', async (t) => {
  const plane = await begin(['a', 'b'], log('one'));
  t.deepEqual(placed(plane), ['a one', 'b one']);
  await plane.addNode(logged('c'));
  await plane.clock.runUntil(isDone(plane, 3), { withinMs: minuteMs, what: 'a third node' });
  await patchNode(plane, 'a', { labels: { log: null } });
  await plane.clock.runUntil(isDone(plane, 2), { withinMs: minuteMs, what: 'a node less' });
  await plane.clock.run(5 * secondMs);
  t.deepEqual(placed(plane), ['b one', 'c one']);
  await patchNode(plane, 'a', { labels: { log: 'again' } });
  await plane.clock.run(5 * secondMs);
  t.deepEqual(placed(plane), ['b one', 'c one']);
  await patchNode(plane, 'a', { labels: { log: 'yes' } });
  await plane.clock.runUntil(isDone(plane, 3), { withinMs: minuteMs, what: 'the node again' });
  const before = plane.changes();
  await plane.clock.run(10 * minuteMs);
  t.is(plane.changes(), before, 'nothing is written once it is done');
  await plane.stop();
});

test('going back in history is a new number for an old revision, and the patch that undo sends does it', async (t) => {
  const plane = await begin(['a'], log('one'));
  await plane.apply(log('two'));
  await plane.clock.runUntil(() => isDone(plane, 1)() && placed(plane)[0] === 'a two', {
    withinMs: minuteMs,
    what: 'the second version',
  });
  const numbers = (): readonly number[] =>
    plane
      .all<ControllerRevision>(REVISION)
      .map(({ revision }) => revision)
      .toSorted();
  t.deepEqual(numbers(), [1, 2]);
  const first = plane.all<ControllerRevision>(REVISION).find(({ revision }) => revision === 1);
  const set = daemonSet(plane);
  if (first?.data === undefined || set === undefined) return t.fail('there is no first revision');
  await plane.client.patch(refOf(set), { type: 'strategic', patch: { ...Object(first.data) } }, plane.caller);
  await plane.clock.runUntil(() => isDone(plane, 1)() && placed(plane)[0] === 'a one', {
    withinMs: minuteMs,
    what: 'the first version again',
  });
  t.deepEqual(numbers(), [2, 3]);
  await plane.stop();
});

test('OnDelete: the new version comes where somebody deletes the old', async (t) => {
  const plane = await begin(['a', 'b'], log('one', { type: 'OnDelete' }));
  await plane.apply(log('two', { type: 'OnDelete' }));
  await plane.clock.run(minuteMs);
  t.deepEqual(placed(plane), ['a one', 'b one']);
  const pod = active(plane).find(({ spec }) => spec.nodeName === 'b');
  if (pod !== undefined) await plane.client.delete(refOf(pod), {}, plane.caller);
  await plane.clock.run(10 * secondMs);
  t.deepEqual(placed(plane), ['a one', 'b two']);
  await plane.stop();
});

test('a pod that fails at once is replaced ever more slowly', async (t) => {
  const ends = { afterMs: 10, exitCode: 1 };
  const plane = await controlPlane({
    nodes: [logged('a')],
    fateOf: () => ({ readyAfterMs: null, stopAfterMs: 10, ends }),
  });
  plane.all(POD);
  const seen = new Set<string>();
  const count = (): boolean => {
    for (const { metadata } of plane.all<Pod>(POD)) seen.add(metadata.name);
    return false;
  };
  await plane.apply(log('one'));
  const waited = plane.clock.runUntil(count, { withinMs: minuteMs, what: 'never' });
  await t.throwsAsync(waited);
  t.true(seen.size >= 5 && seen.size <= 8, `${seen.size} pods in a minute`);
  await plane.stop();
});

const strategies = fc.oneof(
  fc.record({ maxUnavailable: fc.constantFrom(1, 2, '50%'), maxSurge: fc.constant(0) }),
  fc.record({ maxUnavailable: fc.constant(0), maxSurge: fc.constantFrom(1, 2, '50%') }),
);
const boundOf = (value: number | string | undefined, nodes: number): number =>
  typeof value === 'string' ? Math.ceil(nodes / 2) : (value ?? 0);

test('property: a rollout never takes away or adds more than it may, and never two of one version on a node', async (t) => {
  const story = fc.record({
    nodes: fc.integer({ min: 1, max: 6 }),
    rollingUpdate: strategies,
    seed: fc.integer({ min: 1, max: 1_000 }),
    images: fc.array(fc.constantFrom('one', 'two', 'three'), { minLength: 1, maxLength: 3 }),
  });
  const run = fc.asyncProperty(story, async ({ nodes, rollingUpdate, seed, images }) => {
    const names = Array.from({ length: nodes }, (_, at) => `n${at}`);
    const strategy = { type: 'RollingUpdate', rollingUpdate };
    const plane = await begin(names, log('zero', strategy), seed);
    const missing = boundOf(rollingUpdate.maxUnavailable, nodes);
    const extra = boundOf(rollingUpdate.maxSurge, nodes);
    for (const image of images) {
      await plane.apply(log(image, strategy));
      const done = (): boolean => {
        const pods = active(plane);
        const up = new Set(pods.filter(isPodReady).map(({ spec }) => spec.nodeName));
        if (up.size < nodes - missing) throw new Error(`${nodes - up.size} of ${nodes} are missing`);
        if (pods.length > nodes + extra) throw new Error(`${pods.length} pods on ${nodes} nodes`);
        const versions = pods.map(({ spec }) => `${spec.nodeName} ${spec.containers[0]?.image}`);
        if (new Set(versions).size < versions.length) throw new Error(`twice: ${versions.join(', ')}`);
        return isDone(plane, nodes)() && placed(plane).every((text) => text.endsWith(image));
      };
      await plane.clock.runUntil(done, { withinMs: 5 * minuteMs, what: image });
    }
    await plane.stop();
  });
  await t.notThrowsAsync(fc.assert(run, { numRuns: 25 }));
});

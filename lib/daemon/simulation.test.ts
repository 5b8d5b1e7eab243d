import test, { type ExecutionContext } from 'ava';
import type { Deployment } from '../schema/types.gen.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import {
  healthyAt,
  person,
  type SimulatedWorld,
  simulatedWorld,
  type WorldOptions,
} from '../testing/simulated-world.ts';
import { isActive, isReady, podsOn, statusBranchLag } from '../testing/world-picture.ts';
import type { DaemonEvent } from './control-protocol.ts';

const deployment = { group: 'apps', kind: 'Deployment', namespace: 'default', name: 'web' } as const;
const configMap = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: value}\n`;

/** A world with a daemon that runs and one commit that is live. */
async function running(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  options: WorldOptions = {},
): Promise<{ readonly world: SimulatedWorld; readonly first: string }> {
  const world = simulatedWorld(options);
  t.teardown(() => world.kill());
  await world.start();
  const first = await world.push(files, 'First');
  await world.until(healthyAt(first), 'the first commit to be live');
  return { world, first };
}

function told<T extends DaemonEvent['type']>(
  world: SimulatedWorld,
  type: T,
): readonly Extract<DaemonEvent, { readonly type: T }>[] {
  return world.events.filter(
    (event): event is Extract<DaemonEvent, { readonly type: T }> => event.type === type,
  );
}

test('push, roll, scale, revert: each commit becomes true and the status branch says so', async (t) => {
  const { world } = await running(t, { 'web.yaml': simulatedManifest({}) });
  const template = (): readonly (string | undefined)[] => [
    ...new Set(podsOn(world.disk).map((pod) => pod.metadata.labels?.['pod-template-hash'])),
  ];
  const [firstTemplate] = template();
  const second = await world.push({ 'web.yaml': simulatedManifest({ version: 'two', replicas: 4 }) });
  await world.until(healthyAt(second), 'the second commit to be live');
  await world.pass(10_000);
  t.is(podsOn(world.disk).length, 4);
  t.not(template()[0], firstTemplate);
  const third = await world.push({ 'web.yaml': simulatedManifest({}) }, 'Revert');
  await world.until(healthyAt(third), 'the revert to be live');
  await world.pass(10_000);
  t.deepEqual(template(), [firstTemplate], 'the template of before has its ReplicaSet again');
  t.is(podsOn(world.disk).filter(isReady).length, 3);
  t.is(await statusBranchLag(world), null);
  t.deepEqual(told(world, 'trouble'), []);
});

test('a rollout that does not go on is held when its deadline has passed, and released by other manifests', async (t) => {
  const { world, first } = await running(t, { 'web.yaml': simulatedManifest({ deadlineSeconds: 30 }) });
  const pushedAtMs = world.clock.now();
  const behaviour = { readyAfterMs: 10_000, exitAfterMs: 100, exitCode: 1 };
  const bad = await world.push({
    'web.yaml': simulatedManifest({ deadlineSeconds: 30, version: 'two', behaviour }),
  });
  await world.until(({ holds }) => holds.length > 0, 'the hold');
  const tookMs = world.clock.now() - pushedAtMs;
  t.true(tookMs >= 30_000 && tookMs < 35_000, `held after ${tookMs} ms`);
  const held = await world.until(({ health }) => health === 'Healthy', 'the good version to be back');
  t.like(held.holds[0], { mode: 'hold', failedRevision: bad, goodRevisions: [first] });
  t.is(held.sync, 'OutOfSync');
  await world.pass(600_000);
  t.is(world.daemon().report()?.holds.length, 1, 'it stays held');
  const mended = await world.push({
    'web.yaml': simulatedManifest({ deadlineSeconds: 30, version: 'three' }),
  });
  const live = await world.until(healthyAt(mended), 'the mended commit to be live');
  t.deepEqual(live.holds, []);
});

test('a commit that supersedes a rollout in flight is rolled out, and the failed one in between leaves no hold', async (t) => {
  const { world } = await running(t, { 'web.yaml': simulatedManifest({ deadlineSeconds: 30 }) });
  const behaviour = { readyAfterMs: 1_000_000_000 };
  await world.push({ 'web.yaml': simulatedManifest({ deadlineSeconds: 30, version: 'two', behaviour }) });
  await world.pass(20_000);
  t.is(podsOn(world.disk).filter(isActive).length, 4, 'it is under way');
  const third = await world.push({
    'web.yaml': simulatedManifest({ deadlineSeconds: 30, version: 'three' }),
  });
  const live = await world.until(healthyAt(third), 'the newer commit to be live', 60_000);
  await world.pass(60_000);
  t.deepEqual(live.holds, []);
  t.is(podsOn(world.disk).length, 3);
  t.deepEqual(told(world, 'hold'), []);
});

test('drift is healed at once; a field changed over and over is left alone until ten minutes have passed', async (t) => {
  const { world } = await running(t, { 'web.yaml': simulatedManifest({}) });
  const scale = async (replicas: number): Promise<void> => {
    const patch = { spec: { replicas } };
    await world.daemon().client.patch(deployment, { type: 'merge', patch }, person);
  };
  const replicas = (): unknown => world.disk.objects<Deployment>('/apps/deployments/')[0]?.spec.replicas;
  for (let round = 1; round <= 5; round += 1) {
    await scale(7);
    await world.pass(2_000);
    t.is(replicas(), 3, `healed ${round} times`);
  }
  const firstHealMs = world.clock.now() - 10_000;
  await scale(7);
  await world.pass(60_000);
  t.is(replicas(), 7, 'the sixth time it is left alone');
  t.is(world.daemon().report()?.sync, 'OutOfSync');
  await world.until(({ sync, health }) => sync === 'Synced' && health === 'Healthy', 'healing to go on');
  t.is(replicas(), 3);
  t.true(world.clock.now() - firstHealMs >= 600_000);
  t.is(told(world, 'object').filter((event) => event.heals).length, 6);
});

test('emptying a source waits for approval, whatever else the commit says', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const { world } = await running(
    t,
    Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name)])),
  );
  const live = (): number => world.disk.objects('//configmaps/default/').length;
  await world.push({
    ...Object.fromEntries(names.slice(1).map((name) => [`${name}.yaml`, null])),
    'i.yaml': configMap('i'),
  });
  const held = await world.until(({ pruneHolds }) => pruneHolds.length === 1, 'the prune to wait');
  t.is(live(), 9);
  await world.pass(600_000);
  t.is(live(), 9, 'it waits for good');
  await world.daemon().handlers.approve({ id: held.pruneHolds[0]?.id ?? null });
  await world.until(({ pruneHolds, sync }) => pruneHolds.length === 0 && sync === 'Synced', 'the prune');
  t.is(live(), 2);
});

test('while any file does not parse nothing is pruned, and the sound rest is applied', async (t) => {
  const { world } = await running(t, { 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  const live = (): readonly string[] =>
    world.disk.objects('//configmaps/default/').map(({ metadata }) => metadata.name);
  await world.push({ 'a.yaml': 'apiVersion: v1\n kind: [', 'b.yaml': null, 'c.yaml': configMap('c') });
  await world.until(({ problems }) => problems.length > 0, 'the broken file to be told');
  await world.pass(10_000);
  t.deepEqual(live(), ['a', 'b', 'c']);
  const mended = await world.push({ 'a.yaml': configMap('a') });
  await world.until(healthyAt(mended), 'the mended commit');
  t.deepEqual(live(), ['a', 'c']);
});

test('while an autoscaler targets a workload its replicas are not healed, not even when git drops the field', async (t) => {
  const autoscaler = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 10
`;
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  await world.push({ 'web.yaml': simulatedManifest({ replicas: 3 }), 'hpa.yaml': autoscaler });
  await world.until(({ sync }) => sync === 'Synced', 'the commit to be applied');
  await world.pass(5_000);
  const patch = { spec: { replicas: 5 } };
  await world.daemon().client.patch(deployment, { type: 'merge', patch }, person);
  await world.pass(10_000);
  const replicas = async (): Promise<unknown> => {
    const live = await world.daemon().client.get<Deployment>(deployment, person);
    return live?.spec.replicas;
  };
  t.is(await replicas(), 5);
  const dropped = await world.push({ 'web.yaml': simulatedManifest({ replicas: null }) });
  await world.until(
    ({ revision, sync }) => revision === dropped && sync === 'Synced',
    'the field to be dropped',
  );
  await world.pass(10_000);
  t.is(await replicas(), 5);
});

test('a daemon that was down does not count the time against a rollout', async (t) => {
  const { world } = await running(t, { 'web.yaml': simulatedManifest({ deadlineSeconds: 30 }) });
  const behaviour = { readyAfterMs: 20_000 };
  const slow = await world.push({
    'web.yaml': simulatedManifest({ deadlineSeconds: 30, version: 'two', behaviour, replicas: 1 }),
  });
  await world.pass(5_000);
  world.kill();
  await world.pass(3_600_000);
  await world.start();
  await world.until(healthyAt(slow), 'the rollout to end');
  t.deepEqual(told(world, 'hold'), []);
});

test('one seed is one run, to the last event; another seed is another', async (t) => {
  const run = async (seed: number): Promise<string> => {
    const { world } = await running(t, { 'web.yaml': simulatedManifest({}) }, { seed });
    const bad = await world.push({
      'web.yaml': simulatedManifest({
        deadlineSeconds: 30,
        version: 'two',
        behaviour: { readyAfterMs: 10_000, exitAfterMs: 100, exitJitterMs: 900, exitCode: 1 },
      }),
    });
    await world.until(
      ({ holds, health, revision }) => revision === bad && holds.length === 1 && health === 'Healthy',
      'the hold',
    );
    world.kill();
    await world.start();
    await world.pass(60_000);
    await world.stop();
    return world.trace();
  };
  const [once, twice, other] = [await run(7), await run(7), await run(8)];
  t.is(once, twice);
  t.not(once, other);
});

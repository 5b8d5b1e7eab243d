import test, { type ExecutionContext } from 'ava';
import type { KubeObject } from '../schema/object.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt, person, type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';
import { isReady, podsOn } from '../testing/world-picture.ts';

/** The web application with its ConfigMap under another name: each version has its own, as generators make them. */
function versioned(options: Parameters<typeof simulatedManifest>[0] & { readonly version: string }): string {
  const name = `web-${options.version}`;
  return simulatedManifest({ deadlineSeconds: 30, ...options })
    .replace(
      'metadata: {name: web, namespace: default}\ndata:',
      `metadata: {name: ${name}, namespace: default}\ndata:`,
    )
    .replace('configMapRef: {name: web}', `configMapRef: {name: ${name}}`);
}

async function running(
  t: ExecutionContext,
): Promise<{ readonly world: SimulatedWorld; readonly first: string }> {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const first = await world.push({ 'web.yaml': versioned({ version: 'one' }) }, 'First');
  await world.until(healthyAt(first), 'the first commit to be live');
  // What is healthy is marked good by the pass after.
  await world.pass(1_000);
  return { world, first };
}

const configMaps = (world: SimulatedWorld): readonly string[] =>
  world.disk
    .objects<KubeObject>('//configmaps/default/')
    .map(({ metadata }) => metadata.name)
    .sort();
const never = { readyAfterMs: 1_000_000_000 };

test('a ConfigMap that a commit drops stays until the rollout beside it has ended, then goes by itself', async (t) => {
  const { world } = await running(t);
  const second = await world.push({ 'web.yaml': versioned({ version: 'two' }) });
  const rolling = await world.until(
    ({ revision, pruneHolds }) => revision === second && pruneHolds.length === 1,
    'the old ConfigMap to wait',
  );
  t.is(rolling.pruneHolds[0]?.reason, 'after-rollout');
  t.is(rolling.sync, 'OutOfSync');
  t.deepEqual(configMaps(world), ['web-one', 'web-two']);
  await world.until(healthyAt(second), 'the second commit to be live');
  t.deepEqual(configMaps(world), ['web-two']);
  const { revisions } = (await world.daemon().handlers.history()) as {
    readonly revisions: readonly { readonly pruned: number }[];
  };
  t.is(revisions[0]?.pruned, 1, 'the history counts what a revision deleted later');
});

test('a rollout that fails is taken back to pods that find what they had, even when the daemon restarts in between', async (t) => {
  const { world, first } = await running(t);
  await world.push({ 'web.yaml': versioned({ version: 'two', behaviour: never }) });
  await world.pass(10_000);
  world.kill();
  await world.start();
  const held = await world.until(
    ({ holds, health }) => holds.length === 1 && health === 'Healthy',
    'the good version to be back',
    120_000,
  );
  t.deepEqual(held.holds[0]?.goodRevisions, [first]);
  t.true(configMaps(world).includes('web-one'), 'it was not deleted');
  const [pod] = podsOn(world.disk).filter(isReady);
  await world
    .daemon()
    .client.delete(
      { group: '', kind: 'Pod', namespace: 'default', name: pod?.metadata.name ?? '' },
      {},
      person,
    );
  await world.pass(30_000);
  t.is(podsOn(world.disk).filter(isReady).length, 3, 'a new pod of the good version starts');
  const mended = await world.push({ 'web.yaml': versioned({ version: 'three' }) });
  await world.until(healthyAt(mended), 'the mended commit to be live');
  t.deepEqual(configMaps(world), ['web-three'], 'nothing of the failed version is left');
});

test('a held component keeps what the failing commit dropped, drift and deletion put right', async (t) => {
  const { world } = await running(t);
  await world.push({ 'web.yaml': versioned({ version: 'two', behaviour: never }) });
  await world.until(
    ({ holds, health }) => holds.length === 1 && health === 'Healthy',
    'the good version to be back',
    120_000,
  );
  await world
    .daemon()
    .client.delete({ group: '', kind: 'ConfigMap', namespace: 'default', name: 'web-one' }, {}, person);
  await world.pass(5_000);
  t.true(configMaps(world).includes('web-one'), 'it is there again');
});

test('where a failure is only told nothing waits for the rollout to end', async (t) => {
  const world = simulatedWorld({ settings: { policy: 'report' } });
  t.teardown(() => world.kill());
  await world.start();
  const first = await world.push({ 'web.yaml': versioned({ version: 'one' }) });
  await world.until(healthyAt(first), 'the first commit to be live');
  await world.pass(1_000);
  await world.push({ 'web.yaml': versioned({ version: 'two', behaviour: never }) });
  await world.until(({ holds }) => holds.length === 1, 'the failure to be told', 120_000);
  await world.until(({ pruneHolds }) => pruneHolds.length === 0, 'the old ConfigMap to go');
  t.deepEqual(configMaps(world), ['web-two']);
});

test('a failure that was only told is told no longer once it has passed', async (t) => {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const slow = await world.push({
    'web.yaml': versioned({ version: 'one', behaviour: { readyAfterMs: 40_000 } }),
  });
  const told = await world.until(({ holds }) => holds.length === 1, 'the failure to be told', 120_000);
  t.is(told.holds[0]?.mode, 'report', 'there is nothing to go back to');
  const well = await world.until(healthyAt(slow), 'the slow rollout to end', 300_000);
  await world.pass(1_000);
  t.deepEqual(world.daemon().report()?.holds ?? well.holds, []);
});

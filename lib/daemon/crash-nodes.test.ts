import test from 'ava';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt, type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';
import { doubled, isActive, isReady, orphans, podsOn } from '../testing/world-picture.ts';

const OTHER = 'node-1-2';
/** More than a stop or a start makes: with the last ones nobody dies. */
const CALLS_MAX = 5;

const stateOf = async (world: SimulatedWorld): Promise<unknown> => {
  const nodes = await world.daemon().handlers.nodeList();
  return Array.isArray(nodes) ? nodes[1] : undefined;
};

/** Switches the node, dying before or after a call of it; the next daemon is asked again. */
async function switchDying(
  world: SimulatedWorld,
  work: (world: SimulatedWorld) => Promise<void>,
  at: { readonly call: number; readonly side: 'before' | 'after' },
): Promise<boolean> {
  world.kill();
  let calls = -1;
  await world.start(({ side }) => {
    if (calls < 0 || side !== at.side) return false;
    calls += 1;
    return calls > at.call;
  });
  calls = 0;
  await work(world);
  if (!world.life().over) {
    calls = -1;
    return false;
  }
  await world.start();
  await work(world);
  return true;
}

for (const side of ['before', 'after'] as const) {
  test(`a node is stopped and started, whichever call the daemon dies ${side}`, async (t) => {
    t.timeout(120_000);
    let deaths = 0;
    for (let call = 0; call < CALLS_MAX; call += 1) {
      const world = simulatedWorld({ nodes: 2, seed: call + 1 });
      await world.start();
      const commit = await world.push({ 'web.yaml': simulatedManifest({ replicas: 4 }) });
      await world.until(healthyAt(commit), 'the commit to be live');
      const at = { call, side };
      if (await switchDying(world, (of) => of.loseNode(OTHER), at)) deaths += 1;
      t.like(await stateOf(world), { state: 'stopped' });
      await world.pass(400_000);
      t.is(podsOn(world.disk).filter((pod) => isActive(pod) && isReady(pod)).length, 4);
      if (await switchDying(world, (of) => of.returnNode(OTHER), at)) deaths += 1;
      t.like(await stateOf(world), { state: 'running' });
      await world.pass(30_000);
      t.is(podsOn(world.disk).length, 4, `call ${call}`);
      t.deepEqual([...orphans(world), ...doubled(world)], []);
      world.kill();
    }
    t.true(deaths > 2, `${deaths} deaths`);
  });
}

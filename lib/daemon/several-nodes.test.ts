import test from 'ava';
import type { Node, Pod } from '../schema/types.gen.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt, person, type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';
import { podsOn } from '../testing/world-picture.ts';

const nodesOf = async (world: SimulatedWorld): Promise<readonly Node[]> =>
  (await world.daemon().client.list<Node>({ group: '', kind: 'Node' }, {}, person)).items;
const nodesWithPods = (world: SimulatedWorld): readonly (string | undefined)[] =>
  [...new Set(podsOn(world.disk).map(({ spec }: Pod) => spec.nodeName))].sort();

test('three nodes share the machine; each has its own name, lease and part of the pods', async (t) => {
  const world = simulatedWorld({ nodes: 3 });
  t.teardown(() => world.kill());
  await world.start();
  const commit = await world.push({ 'web.yaml': simulatedManifest({ replicas: 6 }) });
  await world.until(healthyAt(commit), 'the commit to be live');
  const nodes = await nodesOf(world);
  t.deepEqual(
    nodes.map(({ metadata, status }) => [
      metadata.name,
      metadata.labels?.['kubernetes.io/hostname'],
      status?.allocatable?.cpu,
    ]),
    ['node-1', 'node-1-2', 'node-1-3'].map((name) => [name, name, '1333m']),
  );
  const leases = await world
    .daemon()
    .client.list({ group: 'coordination.k8s.io', kind: 'Lease' }, { namespace: 'kube-node-lease' }, person);
  t.is(leases.items.length, 3);
  t.deepEqual(nodesWithPods(world), ['node-1', 'node-1-2', 'node-1-3']);
});

test('a node that was stopped stays so when the daemon starts anew', async (t) => {
  const world = simulatedWorld({ nodes: 2 });
  t.teardown(() => world.kill());
  await world.start();
  await world.loseNode('node-1-2');
  world.kill();
  await world.start();
  t.deepEqual(await world.daemon().handlers.nodeList(), [
    { name: 'node-1', state: 'running' },
    { name: 'node-1-2', state: 'stopped' },
  ]);
  await world.returnNode('node-1-2');
  t.deepEqual(
    world
      .daemon()
      .nodes.all()
      .map(({ nodeName }) => nodeName),
    ['node-1', 'node-1-2'],
  );
});

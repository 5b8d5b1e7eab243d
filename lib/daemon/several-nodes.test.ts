import test from 'ava';
import type { Node, Pod } from '../schema/types.gen.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt, person, type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';
import { isActive, isReady, podsOn } from '../testing/world-picture.ts';

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
    { name: 'node-1', state: 'running', declared: false },
    { name: 'node-1-2', state: 'stopped', declared: false },
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

const nodeNamed = async (world: SimulatedWorld, name: string): Promise<Node | undefined> =>
  (await nodesOf(world)).find(({ metadata }) => metadata.name === name);
const podsOfNode = (world: SimulatedWorld, name: string): readonly Pod[] =>
  podsOn(world.disk).filter(({ spec }) => spec.nodeName === name);
const running = (world: SimulatedWorld): number =>
  [...world.machine.containers.values()].filter(({ endsAtMs }) => endsAtMs > world.clock.now()).length;

test('a lost node: unknown after fifty seconds, its pods not ready, then evicted and made elsewhere; it returns empty', async (t) => {
  const world = simulatedWorld({ nodes: 3 });
  t.teardown(() => world.kill());
  await world.start();
  const commit = await world.push({ 'web.yaml': simulatedManifest({ replicas: 6 }) });
  await world.until(healthyAt(commit), 'the commit to be live');
  const lost = podsOfNode(world, 'node-1-3');
  t.is(lost.length, 2);
  await world.loseNode('node-1-3');
  await world.pass(40_000);
  const ready = async (): Promise<string | undefined> =>
    (await nodeNamed(world, 'node-1-3'))?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  t.is(await ready(), 'True', 'nobody knows yet');
  await world.pass(15_000);
  t.is(await ready(), 'Unknown');
  const taints = (await nodeNamed(world, 'node-1-3'))?.spec.taints;
  t.deepEqual(
    taints?.map(({ key, effect }) => `${key}:${effect}`),
    ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'],
  );
  t.true(podsOfNode(world, 'node-1-3').every((pod) => !isReady(pod)));
  await world.pass(240_000);
  t.is(podsOfNode(world, 'node-1-3').filter(isActive).length, 2, 'they are borne for five minutes');
  await world.pass(70_000);
  t.true(podsOfNode(world, 'node-1-3').every(({ metadata }) => metadata.deletionTimestamp !== undefined));
  t.is(podsOfNode(world, 'node-1-3').length, 2, 'nobody can say that they have ended');
  t.is(podsOn(world.disk).filter((pod) => isActive(pod) && isReady(pod)).length, 6);
  t.is(running(world), 8, 'on the lost node they run on');
  world.kill();
  await world.start();
  await world.returnNode('node-1-3');
  await world.pass(20_000);
  t.is(await ready(), 'True');
  t.deepEqual((await nodeNamed(world, 'node-1-3'))?.spec.taints ?? [], []);
  t.deepEqual(podsOfNode(world, 'node-1-3'), []);
  t.is(running(world), 6);
});

test('fewer nodes than before: those that are gone leave neither Node nor pod nor container', async (t) => {
  const first = simulatedWorld({ nodes: 3 });
  t.teardown(() => first.kill());
  await first.start();
  const commit = await first.push({ 'web.yaml': simulatedManifest({ replicas: 6 }) });
  await first.until(healthyAt(commit), 'the commit to be live');
  await first.stop();
  const world = simulatedWorld({ nodes: 1, from: first.durable() });
  t.teardown(() => world.kill());
  await world.start();
  t.deepEqual(nodesWithPods(world).slice(1), [], 'nobody takes them for running');
  await world.pass(20_000);
  t.deepEqual(
    (await nodesOf(world)).map(({ metadata }) => metadata.name),
    ['node-1'],
  );
  t.deepEqual(nodesWithPods(world), ['node-1']);
  t.is(podsOn(world.disk).filter(isReady).length, 6);
  t.is(running(world), 6);
});

const nodeManifest = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: Node\nmetadata:\n  name: ${name}\n  labels: {disk: fast}\n  annotations: {pintle.dev/capacity-cpu: "8", pintle.dev/capacity-memory: 2Gi}\nspec:\n  taints: [{key: dedicated, value: x, effect: NoSchedule}]\n${more}`;

test('a Node of the repository is a node of the machine, with labels, taints and capacity, until it goes', async (t) => {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const commit = await world.push({ 'node.yaml': nodeManifest('fast-1') });
  await world.until(healthyAt(commit), 'the node to be there');
  await world.pass(15_000);
  const node = await nodeNamed(world, 'fast-1');
  t.like(node?.metadata.labels, { disk: 'fast', 'kubernetes.io/hostname': 'fast-1' });
  t.like(node?.status?.allocatable, { cpu: '8', memory: '2Gi' });
  t.deepEqual(
    world
      .daemon()
      .nodes.all()
      .map(({ nodeName }) => nodeName),
    ['node-1', 'fast-1'],
  );
  await world.loseNode('fast-1');
  await world.pass(60_000);
  const lost = await nodeNamed(world, 'fast-1');
  t.deepEqual(
    lost?.spec.taints?.map(({ key }) => key),
    ['dedicated', 'node.kubernetes.io/unreachable', 'node.kubernetes.io/unreachable'],
    'what controllers add is no drift',
  );
  t.deepEqual(
    world.events.filter((event) => event.type === 'object' && event.heals),
    [],
  );
  await world.returnNode('fast-1');
  const gone = await world.push({
    'node.yaml': null,
    'other.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
  });
  await world.until(healthyAt(gone), 'the node to go');
  await world.pass(30_000);
  t.is(await nodeNamed(world, 'fast-1'), undefined);
  t.deepEqual(await world.daemon().handlers.nodeList(), [
    { name: 'node-1', state: 'running', declared: false },
  ]);
});

test('a Node that says nothing but its name is one more node', async (t) => {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const commit = await world.push({ 'node.yaml': 'apiVersion: v1\nkind: Node\nmetadata: {name: bare}\n' });
  await world.until(healthyAt(commit), 'the node to be there');
  await world.pass(15_000);
  t.like((await nodeNamed(world, 'bare'))?.status?.allocatable, { cpu: '2' });
  t.like((await nodeNamed(world, 'node-1'))?.status?.allocatable, { cpu: '2' });
});

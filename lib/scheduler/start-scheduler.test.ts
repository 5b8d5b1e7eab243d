import test from 'ava';
import { secondMs } from '../base/clock.ts';
import { conditionOf } from '../schema/conditions.ts';
import type { Event, Pod } from '../schema/types.gen.ts';
import { controlPlane, simpleNode } from '../testing/control-plane.ts';

const POD = { group: '', kind: 'Pod' };
const EVENT = { group: '', kind: 'Event' };
const pod = (name: string, cpu: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'one', resources: { requests: { cpu } } }] },
});

test('a pod without room waits and says why, until another pod is gone', async (t) => {
  const plane = await controlPlane({ nodes: [simpleNode('n', { cpu: '2' })] });
  for (const kind of [POD, EVENT]) plane.all(kind);
  await plane.apply(pod('first', '2'));
  await plane.clock.run(secondMs);
  await plane.apply(pod('second', '1'));
  await plane.clock.run(secondMs);
  const [first, second] = plane.all<Pod>(POD);
  t.is(first?.spec.nodeName, 'n');
  t.like(conditionOf(second?.status?.conditions, 'PodScheduled'), {
    status: 'False',
    reason: 'Unschedulable',
    message:
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  });
  t.true(plane.all<Event>(EVENT).some(({ reason }) => reason === 'FailedScheduling'));
  const before = plane.changes();
  await plane.clock.run(600 * secondMs);
  t.is(plane.changes(), before, 'waiting writes nothing');

  await plane.client.delete({ ...POD, namespace: 'default', name: 'first' }, {}, plane.caller);
  await plane.clock.run(60 * secondMs);
  const [left] = plane.all<Pod>(POD);
  t.is(left?.metadata.name, 'second');
  t.is(left?.spec.nodeName, 'n');
  t.is(conditionOf(left?.status?.conditions, 'PodScheduled')?.status, 'True');
  await plane.stop();
});

test('a pod waits for a node to come', async (t) => {
  const plane = await controlPlane({ nodes: [] });
  plane.all(POD);
  await plane.apply(pod('a', '1'));
  await plane.clock.run(secondMs);
  t.is(plane.all<Pod>(POD)[0]?.spec.nodeName, undefined);
  await plane.addNode(simpleNode('late'));
  await plane.clock.run(secondMs);
  t.is(plane.all<Pod>(POD)[0]?.spec.nodeName, 'late');
  await plane.stop();
});

test('a late informer never has the scheduler give the same room twice', async (t) => {
  const plane = await controlPlane({
    seed: 3,
    lagMaxMs: 3 * secondMs,
    nodes: [simpleNode('n', { cpu: '3' })],
  });
  plane.all(POD);
  for (let at = 0; at < 9; at += 1) {
    await plane.apply(pod(`p${at}`, '1'));
    await plane.clock.run(secondMs);
  }
  await plane.clock.run(60 * secondMs);
  t.is(plane.all<Pod>(POD).filter(({ spec }) => spec.nodeName === 'n').length, 3);
  t.true(plane.idle());
  await plane.stop();
});

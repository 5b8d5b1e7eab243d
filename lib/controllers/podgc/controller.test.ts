import test from 'ava';
import { secondMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import { controlPlane } from '../../testing/control-plane.ts';
import { podGarbageController } from './controller.ts';

const NODE = { group: '', kind: 'Node', namespace: '', name: 'one' };
const POD = { group: '', kind: 'Pod' };
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'one' } } as const;
const podOn = (nodeName: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName, containers: [{ name: 'main', image: 'host' }] },
});

test('a pod whose node is not there is forgotten after a while, and one whose node is there is not', async (t) => {
  const plane = await controlPlane({ controllers: [podGarbageController()], nodes: [] });
  await plane.apply(node);
  await plane.apply(podOn('one', 'stays'));
  await plane.apply(podOn('none', 'goes'));
  const left = () => plane.all(POD).map(({ metadata }) => metadata.name);
  await plane.clock.run(timings.absentNodeGraceMs - secondMs);
  t.deepEqual(left(), ['goes', 'stays']);
  await plane.clock.run(2 * secondMs);
  t.deepEqual(left(), ['stays']);
  await plane.stop();
});

test('a node that was missing, came back and is missing again is given its time anew', async (t) => {
  const plane = await controlPlane({ controllers: [podGarbageController()], nodes: [] });
  await plane.apply(podOn('one', 'first'));
  await plane.clock.run(timings.absentNodeGraceMs + secondMs);
  t.deepEqual(plane.all(POD), []);
  await plane.apply(node);
  await plane.clock.run(secondMs);
  await plane.client.delete(NODE, {}, plane.caller);
  await plane.apply(podOn('one', 'second'));
  await plane.clock.run(timings.absentNodeGraceMs - secondMs);
  t.is(plane.all(POD).length, 1);
  await plane.clock.run(2 * secondMs);
  t.deepEqual(plane.all(POD), []);
  await plane.stop();
});

import test from 'ava';
import { silentLog } from '../base/log.ts';
import { manualClock } from '../base/manual-clock.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Event } from '../schema/types.gen.ts';
import { localApi } from '../testing/local-api.ts';
import { eventRecorder } from './event-recorder.ts';

const caller = { user: 'tester', fieldManager: 'test' };
const note = { type: 'Normal', reason: 'Seen', message: 'it is there' } as const;

async function setUp() {
  const clock = manualClock();
  const { client } = await localApi({ clock });
  const name = { name: 'one', namespace: 'default' };
  const object = await client.create<KubeObject>(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: name },
    caller,
  );
  const recorder = (component: string) => eventRecorder({ client, clock, log: silentLog(), component });
  const events = async (): Promise<readonly Event[]> =>
    (await client.list<Event>({ group: '', kind: 'Event' }, {}, caller)).items;
  return { clock, client, object, recorder, events };
}

test('an event names its object, its teller and its time, and is counted when told again', async (t) => {
  const { clock, object, recorder, events } = await setUp();
  const recording = recorder('first');
  recording.record(object, note);
  await recording.flush();
  clock.advance(5_000);
  recording.record(object, note);
  t.false(recording.idle());
  await recording.flush();
  t.true(recording.idle());
  const [event, ...others] = await events();
  t.deepEqual(others, []);
  t.like(event, {
    count: 2,
    reason: 'Seen',
    firstTimestamp: '2026-01-05T00:00:00Z',
    lastTimestamp: '2026-01-05T00:00:05Z',
  });
  t.like(event?.involvedObject, { kind: 'ConfigMap', name: 'one', uid: object.metadata.uid });
  t.deepEqual(event?.source, { component: 'first' });
  t.false('reportingInstance' in (event ?? {}));
});

test('an event names the part of its object it is about, and the node it was told from', async (t) => {
  const { client, clock, object, events } = await setUp();
  const recording = eventRecorder({ client, clock, log: silentLog(), component: 'kubelet', host: 'node-1' });
  for (const name of ['a', 'b', 'a'])
    recording.record(object, { ...note, fieldPath: `spec.containers{${name}}` });
  await recording.flush();
  const told = await events();
  t.deepEqual(told.map(({ involvedObject, count }) => [involvedObject.fieldPath, count]).toSorted(), [
    ['spec.containers{a}', 2],
    ['spec.containers{b}', 1],
  ]);
  for (const { source, reportingInstance } of told)
    t.deepEqual([source, reportingInstance], [{ component: 'kubelet', host: 'node-1' }, 'node-1']);
});

test('two that tell of one object in the same millisecond are two events', async (t) => {
  const { object, recorder, events } = await setUp();
  const both = [recorder('first'), recorder('second')];
  for (const each of both) each.record(object, note);
  for (const each of both) await each.flush();
  t.is((await events()).length, 2);
});

test('an event that has lived out its time is told anew', async (t) => {
  const { client, object, recorder, events } = await setUp();
  const recording = recorder('first');
  recording.record(object, note);
  await recording.flush();
  const [event] = await events();
  await client.delete(
    { group: '', kind: 'Event', namespace: 'default', name: event?.metadata.name ?? '' },
    {},
    caller,
  );
  recording.record(object, note);
  await recording.flush();
  t.deepEqual(
    (await events()).map(({ count }) => count),
    [1],
  );
});

test('an event that cannot be written is dropped, and nobody is bothered', async (t) => {
  const { object, recorder, events } = await setUp();
  const recording = recorder('first');
  recording.record({ ...object, metadata: { ...object.metadata, namespace: 'nowhere' } }, note);
  await t.notThrowsAsync(recording.flush());
  t.deepEqual(await events(), []);
});

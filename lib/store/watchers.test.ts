import test from 'ava';
import type { StoreEvent } from './store.ts';
import { watchers } from './watchers.ts';

const event = (revision: number, key = `/a/${revision}`): StoreEvent => ({
  ...{ key, revision, value: new Uint8Array([revision]), previous: null },
});

test('Watchers of one prefix get one and the same array, so that what is made of it can be made once.', async (t) => {
  const all = watchers();
  const heard: (readonly StoreEvent[])[] = [];
  for (let at = 0; at < 3; at += 1) all.add('/a/', [], (events) => heard.push(events));
  all.add('/b/', [], () => t.fail('of another prefix'));
  all.publish([event(1), event(2)]);
  t.deepEqual(heard, [], 'never synchronously');
  await null;
  t.is(heard.length, 3);
  t.is(new Set(heard).size, 1);
  t.deepEqual(
    heard[0]?.map(({ revision }) => revision),
    [1, 2],
  );
});

test('What is published before a watcher is called comes in order, the replay first, in one call.', async (t) => {
  const all = watchers();
  const heard: number[][] = [];
  all.add('/a/', [event(1)], (events) => heard.push(events.map(({ revision }) => revision)));
  all.publish([event(2)]);
  all.publish([event(3), event(4, '/b/4')]);
  await null;
  t.deepEqual(heard, [[1, 2, 3]]);
  all.publish([event(5)]);
  await null;
  t.deepEqual(heard, [[1, 2, 3], [5]]);
});

test('Who has closed hears nothing, not even of what was published before.', async (t) => {
  const all = watchers();
  const watch = all.add('/a/', [], () => t.fail('it is closed'));
  all.publish([event(1)]);
  watch.close();
  await null;
  all.publish([event(2)]);
  await null;
  t.pass();
});

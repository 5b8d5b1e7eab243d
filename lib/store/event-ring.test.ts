import test from 'ava';
import { eventRing } from './event-ring.ts';
import type { StoreEvent } from './store.ts';

const event = (revision: number, key = '/a', size = 10): StoreEvent => ({
  key,
  revision,
  value: new Uint8Array(size),
  previous: null,
});
const revisions = (events: readonly StoreEvent[]): readonly number[] => events.map((each) => each.revision);

test('it replays what came after a revision, of one prefix', (t) => {
  const ring = eventRing(5);
  ring.push([event(6, '/a'), event(6, '/b'), event(7, '/a')]);
  t.deepEqual(revisions(ring.after(5, '/')), [6, 6, 7]);
  t.deepEqual(revisions(ring.after(6, '/a')), [7]);
  t.deepEqual(revisions(ring.after(5, '/b')), [6]);
  t.deepEqual(revisions(ring.after(7, '/')), []);
});

test('nothing before it began can be replayed', (t) => {
  t.throws(() => eventRing(5).after(4, '/'), { code: 'STORE_EXPIRED' });
});

for (const { title, bounds, size } of [
  { title: 'events', bounds: { eventsMax: 3, bytesMax: 1_000_000 }, size: 10 },
  { title: 'bytes', bounds: { eventsMax: 1_000, bytesMax: 3 * 102 }, size: 100 },
]) {
  test(`the oldest go when there are too many ${title}; a batch that is half gone is gone`, (t) => {
    const ring = eventRing(0, bounds);
    ring.push([event(1, '/a', size), event(1, '/b', size), event(2, '/a', size), event(3, '/a', size)]);
    t.throws(() => ring.after(0, '/'), { code: 'STORE_EXPIRED' });
    t.deepEqual(revisions(ring.after(1, '/')), [2, 3]);
    for (let revision = 4; revision < 100; revision += 1) ring.push([event(revision, '/a', size)]);
    t.deepEqual(revisions(ring.after(96, '/')), [97, 98, 99]);
    t.throws(() => ring.after(95, '/'), { code: 'STORE_EXPIRED' });
  });
}

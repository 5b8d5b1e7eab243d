import test from 'ava';
import { pinnedLists } from './pinned-lists.ts';
import type { Entry } from './store.ts';

const entries = (count: number): readonly Entry[] =>
  Array.from({ length: count }, (_, at) => ({ key: `/k${at}`, value: new Uint8Array(1), revision: 1 }));
const bounds = { listsMax: 2, entriesMax: 10 };

test('a pin gives what follows a key', (t) => {
  const pins = pinnedLists(bounds);
  pins.pin('/', 1, entries(4));
  t.is(pins.rest('/', 1, '/k1')?.from, 2);
  t.is(pins.rest('/', 2, '/k1'), undefined);
  t.is(pins.rest('/k', 1, '/k1'), undefined);
});

test('the oldest pin goes when there are too many lists', (t) => {
  const pins = pinnedLists(bounds);
  for (const revision of [1, 2, 3]) pins.pin('/', revision, entries(1));
  t.is(pins.rest('/', 1, ''), undefined);
  t.truthy(pins.rest('/', 2, ''));
  t.truthy(pins.rest('/', 3, ''));
});

test('and when they hold too many entries', (t) => {
  const pins = pinnedLists(bounds);
  pins.pin('/', 1, entries(6));
  pins.pin('/', 2, entries(6));
  t.is(pins.rest('/', 1, ''), undefined);
  t.truthy(pins.rest('/', 2, ''));
});

import { isDeepStrictEqual } from 'node:util';
import type { ExecutionContext, TestFn } from 'ava';
import fc from 'fast-check';
import type { Entry, Revision, Store, StoreEvent, Write } from '../store/store.ts';
import { tries } from './thoroughness.ts';
import { until } from './until.ts';

/** A store to test, empty when opened. */
export type StoreUnderTest = { readonly store: Store; readonly dispose: () => Promise<void> };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | null | undefined): string | null | undefined =>
  value === null || value === undefined ? value : new TextDecoder().decode(value);
const put = (key: string, value: string, expect?: Write['expect']): Write =>
  expect === undefined ? { key, value: bytes(value) } : { key, value: bytes(value), expect };
const remove = (key: string): Write => ({ key, value: null });
const shown = (entries: readonly Entry[]): readonly string[] =>
  entries.map((entry) => `${entry.key}=${text(entry.value)}@${entry.revision}`);
const shownEvents = (events: readonly StoreEvent[]): readonly string[] =>
  events.map((event) => `${event.key}:${text(event.previous)}>${text(event.value)}@${event.revision}`);

/** What every Store promises. Registers its tests with `test`. */
export function storeContract(test: TestFn, name: string, open: () => Promise<StoreUnderTest>): void {
  const check = (title: string, body: (t: ExecutionContext, store: Store) => Promise<void>): void => {
    test(`${name}: ${title}`, async (t) => {
      const { store, dispose } = await open();
      try {
        await body(t, store);
      } finally {
        await dispose();
      }
    });
  };

  check('a batch is one revision, and is read back with it', async (t, store) => {
    t.is(await store.append([put('/a', '1'), put('/b', '2')]), 1);
    t.is(await store.append([put('/a', '3')]), 2);
    t.deepEqual(shown(store.list('/').entries), ['/a=3@2', '/b=2@1']);
    t.is(store.revision(), 2);
    t.is(store.read('/c'), undefined);
  });

  check('reads see nothing before it is durable, queued reads see it at once', async (t, store) => {
    const done = store.append([put('/a', '1')]);
    t.is(store.read('/a'), undefined);
    t.is(store.revision(), 0);
    t.is(text(store.readQueued('/a')?.value), '1');
    await done;
    t.is(text(store.read('/a')?.value), '1');
  });

  check('the batch is built for the revision it gets', async (t, store) => {
    const build = (revision: Revision): readonly Write[] => [put(`/at-${revision}`, 'x')];
    const revisions = await Promise.all([store.append(build), store.append(build), store.append(build)]);
    t.deepEqual(revisions, [1, 2, 3]);
    t.deepEqual(shown(store.list('/at-').entries), ['/at-1=x@1', '/at-2=x@2', '/at-3=x@3']);
  });

  check('compare-and-swap counts queued writes and refuses at once', async (t, store) => {
    const first = store.append([put('/a', '1', 'absent')]);
    const second = store.append([put('/a', '2', 1)]);
    await t.throwsAsync(store.append([put('/a', '3', 1), put('/b', 'never')]), { code: 'STORE_CONFLICT' });
    await t.throwsAsync(store.append([put('/a', '3', 'absent')]), { code: 'STORE_CONFLICT' });
    t.deepEqual(await Promise.all([first, second]), [1, 2]);
    t.deepEqual(shown(store.list('/').entries), ['/a=2@2']);
    await store.append([remove('/a')]);
    await store.append([put('/a', '4', 'absent')]);
    t.deepEqual(shown(store.list('/').entries), ['/a=4@4']);
  });

  check('a build that throws writes nothing and leaves the store usable', async (t, store) => {
    const refuse = (): never => {
      throw new RangeError('no');
    };
    await t.throwsAsync(store.append(refuse), { instanceOf: RangeError });
    t.is(await store.append([put('/a', '1')]), 1);
  });

  check('an empty batch waits for those before it and makes no revision', async (t, store) => {
    void store.append([put('/a', '1')]);
    t.is(await store.append([]), 1);
    t.is(text(store.read('/a')?.value), '1');
    t.is(store.revision(), 1);
  });

  check('lists are sorted, limited to their prefix, and paged over one snapshot', async (t, store) => {
    await store.append(['/p/c', '/p/a', '/p/d', '/q/x', '/p/b'].map((key) => put(key, 'old')));
    const first = store.list('/p/', { limit: 2 });
    t.deepEqual(shown(first.entries), ['/p/a=old@1', '/p/b=old@1']);
    t.is(first.next, '/p/b');
    t.is(first.remaining, 2);
    await store.append([put('/p/c', 'new'), remove('/p/d'), put('/p/bb', 'new')]);
    const second = store.list('/p/', { limit: 1, after: '/p/b', at: first.revision });
    t.deepEqual(shown(second.entries), ['/p/c=old@1']);
    t.is(second.remaining, 1);
    const third = store.list('/p/', { limit: 5, after: '/p/c', at: first.revision });
    t.deepEqual(shown(third.entries), ['/p/d=old@1']);
    t.is(third.next, undefined);
    t.throws(() => store.list('/q/', { limit: 1, at: store.revision() + 1 }), { code: 'STORE_EXPIRED' });
  });

  check('a list of a revision past is as it was, whole or from any key on', async (t, store) => {
    await store.append(['/p/a', '/p/b', '/p/c', '/q/x'].map((key) => put(key, 'one')));
    await store.append([put('/p/b', 'two'), remove('/p/c'), put('/p/d', 'two')]);
    await store.append([put('/p/b', 'three'), put('/p/c', 'three'), remove('/p/a')]);
    const values = (at: Revision, after?: string): readonly string[] =>
      store
        .list('/p/', { at, ...(after && { after }) })
        .entries.map(({ key, value }) => `${key}=${text(value)}`);
    t.deepEqual(values(0), []);
    t.deepEqual(values(1), ['/p/a=one', '/p/b=one', '/p/c=one']);
    t.deepEqual(values(2), ['/p/a=one', '/p/b=two', '/p/d=two']);
    t.deepEqual(values(3), ['/p/b=three', '/p/c=three', '/p/d=two']);
    t.deepEqual(values(1, '/p/a'), ['/p/b=one', '/p/c=one']);
    // A list that goes on without a snapshot holds on to its rest; the whole of that revision is more.
    store.list('/p/', { limit: 1, after: '/p/b' });
    await store.append([remove('/p/b')]);
    const page = store.list('/p/', { limit: 2, at: 3 });
    t.deepEqual(
      page.entries.map(({ key }) => key),
      ['/p/b', '/p/c'],
    );
    t.is(page.remaining, 1);
    t.is(page.revision, 3);
  });

  check(
    'a watch replays what came after its revision, then follows, per prefix and in order',
    async (t, store) => {
      await store.append([put('/p/a', '1')]);
      await store.append([put('/p/a', '2'), put('/q/a', '1')]);
      const seen: string[] = [];
      const watch = store.watch('/p/', 1, (events) => seen.push(...shownEvents(events)));
      t.deepEqual(seen, []);
      await store.append([remove('/p/a')]);
      await until(() => seen.length >= 2, { what: 'two events' });
      t.deepEqual(seen, ['/p/a:1>2@2', '/p/a:2>null@3']);
      watch.close();
      await store.append([put('/p/b', '1')]);
      t.is(seen.length, 2);
    },
  );

  check('a watch from a revision that was never reached is expired', async (t, store) => {
    t.throws(() => store.watch('/', 7, () => {}), { code: 'STORE_EXPIRED' });
  });

  check('a watch whose revision fell out of the ring is expired, others are not', async (t, store) => {
    const batch = Array.from({ length: 6_000 }, (_, at) => put(`/k${at}`, 'x'));
    for (let round = 0; round < 4; round += 1) await store.append(batch);
    t.throws(() => store.watch('/', 1, () => {}), { code: 'STORE_EXPIRED' });
    t.notThrows(() => store.watch('/', 3, () => {}).close());
  });

  check('deleting what is not there is no event', async (t, store) => {
    const seen: string[] = [];
    store.watch('/', 0, (events) => seen.push(...shownEvents(events)));
    await store.append([remove('/ghost')]);
    await store.append([put('/a', '1')]);
    await until(() => seen.length > 0, { what: 'an event' });
    t.deepEqual(seen, ['/a:null>1@2']);
  });

  check('after close, appends are refused', async (t, store) => {
    const last = store.append([put('/a', '1')]);
    await store.close();
    t.is(await last, 1);
    await t.throwsAsync(store.append([put('/b', '1')]), { code: 'STORE_CLOSED' });
  });

  test(`${name}: any history agrees with a map, and list then watch misses and repeats nothing`, async (t) => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, (history) => agreesWithModel(open, history)),
      {
        numRuns: tries(25),
      },
    );
    t.pass();
  });
}

/** Random writes to few keys, so that they meet. `await`: whether the writer waits before the next step. */
export type Step = { readonly keys: readonly number[]; readonly value: number; readonly wait: boolean };
export const historyArbitrary: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    keys: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
    value: fc.nat(9),
    wait: fc.boolean(),
  }),
  { maxLength: 40 },
);

/** A value of 0 deletes. */
export function writesOf(step: Step): readonly Write[] {
  return step.keys.map((key) => (step.value === 0 ? remove(`/m/${key}`) : put(`/m/${key}`, `${step.value}`)));
}

async function agreesWithModel(open: () => Promise<StoreUnderTest>, history: readonly Step[]): Promise<void> {
  const { store, dispose } = await open();
  const model = new Map<string, string>();
  const followed = new Map<string, string>();
  const startAt = Math.floor(history.length / 2);
  const revisions: Revision[] = [];
  const torn: string[] = [];
  const apply = (events: readonly StoreEvent[]): void => {
    for (const event of events) {
      revisions.push(event.revision);
      // One event missed or repeated, and what was before is not what is held.
      if ((followed.get(event.key) ?? null) !== text(event.previous)) torn.push(event.key);
      if (event.value === null) followed.delete(event.key);
      else followed.set(event.key, text(event.value) ?? '');
    }
  };
  try {
    for (const [at, step] of history.entries()) {
      if (at === startAt) {
        const page = store.list('/m/');
        for (const entry of page.entries) followed.set(entry.key, text(entry.value) ?? '');
        store.watch('/m/', page.revision, apply);
      }
      const done = store.append(writesOf(step));
      for (const key of step.keys) {
        if (step.value === 0) model.delete(`/m/${key}`);
        else model.set(`/m/${key}`, `${step.value}`);
      }
      if (step.wait) await done;
    }
    await store.append([]);
    await new Promise((resolve) => setImmediate(resolve));
    const stored = new Map(store.list('/m/').entries.map((entry) => [entry.key, text(entry.value) ?? '']));
    if (!isDeepStrictEqual(sorted(stored), sorted(model)))
      throw new Error('the store differs from the model');
    if (history.length > 0 && !isDeepStrictEqual(sorted(followed), sorted(model))) {
      throw new Error('list and watch differ from the model');
    }
    if (torn.length > 0) throw new Error(`missed or repeated: ${torn.join(' ')}`);
    if (revisions.some((revision, at) => at > 0 && revision < (revisions[at - 1] ?? 0))) {
      throw new Error('events out of order');
    }
  } finally {
    await dispose();
  }
}

function sorted(map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

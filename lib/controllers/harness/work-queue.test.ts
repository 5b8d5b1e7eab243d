import test from 'ava';
import { manualClock } from '../../base/manual-clock.ts';
import { type Key, type WorkQueue, workQueue } from './work-queue.ts';

function setUp(): {
  readonly queue: WorkQueue;
  readonly clock: ReturnType<typeof manualClock>;
  takeAll(): Key[];
} {
  const clock = manualClock(0);
  const queue = workQueue({ clock, onReady: () => {} });
  const takeAll = (): Key[] => {
    const taken: Key[] = [];
    for (let key = queue.take(); key !== undefined; key = queue.take()) taken.push(key);
    return taken;
  };
  return { queue, clock, takeAll };
}

test('a key that is added many times is taken once, oldest first', (t) => {
  const { queue, takeAll } = setUp();
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  t.deepEqual(takeAll(), ['a', 'b', 'c']);
});

test('a key that is added while it is worked on comes back when it is done, once', (t) => {
  const { queue, takeAll } = setUp();
  queue.add('a');
  t.is(queue.take(), 'a');
  queue.add('a');
  queue.add('a');
  t.is(queue.take(), undefined);
  t.false(queue.idle());
  queue.done('a');
  t.deepEqual(takeAll(), ['a']);
  queue.done('a');
  t.true(queue.idle());
});

test('back-off doubles from 5 ms and starts over once it went well', (t) => {
  const { queue, clock, takeAll } = setUp();
  const dueAt: (number | null)[] = [];
  for (let tries = 0; tries < 4; tries += 1) {
    queue.retry('a');
    dueAt.push((clock.nextTimerAt() ?? 0) - clock.now());
    clock.advance(1_000);
    t.deepEqual(takeAll(), ['a']);
    queue.done('a');
  }
  t.deepEqual(dueAt, [5, 10, 20, 40]);
  queue.forget('a');
  queue.retry('a');
  t.is((clock.nextTimerAt() ?? 0) - clock.now(), 5);
});

test('a later delay replaces an earlier one, and none takes it away', (t) => {
  const { queue, clock, takeAll } = setUp();
  queue.delay('a', 100);
  queue.delay('a', 300);
  clock.advance(200);
  t.deepEqual(takeAll(), []);
  t.true(queue.idle(), 'what is delayed does not count');
  queue.delay('a', null);
  clock.advance(1_000);
  t.deepEqual(takeAll(), []);
});

test('a closed queue takes nothing and sets no timer', (t) => {
  const { queue, clock, takeAll } = setUp();
  queue.delay('a', 100);
  queue.add('b');
  queue.close();
  queue.add('c');
  queue.delay('d', 100);
  queue.retry('e');
  clock.advance(1_000);
  t.deepEqual(takeAll(), []);
});

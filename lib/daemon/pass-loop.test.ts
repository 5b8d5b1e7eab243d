import test from 'ava';
import { timings } from '../base/limits.ts';
import { manualClock } from '../base/manual-clock.ts';
import { passLoop } from './pass-loop.ts';

/** A loop whose passes take `passMs`, and fail while `failing` is true. */
function scene(options: { readonly passMs?: number } = {}) {
  const clock = manualClock(0);
  const startedAt: number[] = [];
  const failures: number[] = [];
  const state = { failing: false, running: 0, most: 0 };
  const during = async (durationMs: number): Promise<void> => {
    state.running += 1;
    state.most = Math.max(state.most, state.running);
    await new Promise<void>((resolve) => void clock.setTimer(durationMs, resolve));
    state.running -= 1;
  };
  const loop = passLoop({
    clock,
    async pass() {
      startedAt.push(clock.now());
      await during(options.passMs ?? 0);
      if (state.failing) throw new Error('the world');
    },
    onFailure: (_, count) => failures.push(count),
  });
  return { clock, loop, startedAt, failures, state, during };
}

test('of several pokes the nearest counts, and makes one pass', async (t) => {
  const { clock, loop, startedAt } = scene();
  loop.poke(500);
  loop.poke(100);
  loop.poke(300);
  await clock.run(1_000);
  t.deepEqual(startedAt, [100]);
  t.true(loop.idle());
});

test('a poke while a pass runs makes one more, after it', async (t) => {
  const { clock, loop, startedAt, state } = scene({ passMs: 1_000 });
  loop.poke(0);
  await clock.run(100);
  loop.poke(10);
  loop.poke(20);
  t.false(loop.idle());
  await clock.run(5_000);
  t.deepEqual(startedAt, [0, 1_000]);
  t.is(state.most, 1);
});

test('a pass that fails is tried again, later each time, but a poke comes sooner; success starts anew', async (t) => {
  const { clock, loop, startedAt, failures, state } = scene();
  state.failing = true;
  loop.poke(0);
  await clock.run(8_000);
  const [first, second] = [timings.passRetryMinMs, 3 * timings.passRetryMinMs];
  t.deepEqual(startedAt, [0, first, second, 7 * timings.passRetryMinMs]);
  t.deepEqual(failures, [1, 2, 3, 4]);
  state.failing = false;
  loop.poke(10);
  await clock.run(100);
  t.is(startedAt.length, 5);
  await clock.run(600_000);
  t.is(startedAt.length, 5, 'the retry that was due is not made');
  state.failing = true;
  loop.poke(0);
  await clock.run(10);
  t.is(failures.at(-1), 1);
});

test('the wait between failures has an end', async (t) => {
  const { clock, loop, startedAt, state } = scene();
  state.failing = true;
  loop.poke(0);
  await clock.run(3_600_000);
  const gaps = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0));
  t.is(Math.max(...gaps), timings.passRetryMaxMs);
});

test('passes that are asked for calmly, however often, leave two thirds of the time to others', async (t) => {
  const { clock, loop, startedAt } = scene({ passMs: 1_000 });
  loop.pokeCalmly();
  for (let at = 0; at < 2_000; at += 1) {
    await clock.run(10);
    loop.pokeCalmly();
  }
  const gaps = startedAt.slice(2).map((at, index) => at - (startedAt[index + 1] ?? 0));
  t.is(startedAt[0], timings.driftDelayMs);
  t.true(
    gaps.every((gap) => gap >= timings.passRestMaxMs && gap <= 3_100),
    gaps.join(),
  );
  loop.poke(0);
  await clock.run(1_500);
  t.true((startedAt.at(-1) ?? 0) >= clock.now() - 1_500, 'a hurry is not held up');
});

test('exclusive work waits for the pass that runs, and no pass starts beside it', async (t) => {
  const { clock, loop, startedAt, state, during } = scene({ passMs: 1_000 });
  loop.poke(0);
  await clock.run(100);
  const order: string[] = [];
  const work = loop.exclusive(async () => {
    order.push(`work at ${clock.now()}`);
    await during(500);
    return 'done';
  });
  const other = loop.exclusive(async () => {
    await during(500);
    throw new Error('refused');
  });
  loop.poke(10);
  await clock.run(10_000);
  t.is(await work, 'done');
  await t.throwsAsync(other, { message: 'refused' });
  t.deepEqual(order, ['work at 1000']);
  t.deepEqual(startedAt, [0, 2_000]);
  t.is(state.most, 1);
  t.true(loop.idle());
});

test('a loop that is stopped waits for its pass and starts none', async (t) => {
  const { clock, loop, startedAt } = scene({ passMs: 1_000 });
  loop.poke(0);
  await clock.run(100);
  loop.poke(10);
  let stopped = false;
  void loop.stop().then(() => {
    stopped = true;
  });
  await clock.run(100);
  t.false(stopped);
  await clock.run(10_000);
  t.true(stopped);
  loop.poke(0);
  await clock.run(10_000);
  t.deepEqual(startedAt, [0]);
});

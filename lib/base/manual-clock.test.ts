import test from 'ava';
import { clockContract } from '../testing/clock-contract.ts';
import { systemClock } from './clock.ts';
import { manualClock } from './manual-clock.ts';

clockContract(test, 'manual clock', () => {
  const clock = manualClock();
  return { clock, pass: (durationMs) => clock.run(durationMs) };
});

clockContract(test, 'system clock', () => ({
  clock: systemClock(),
  pass: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
}));

test('advancing fires what falls due, each at its own time, and stops at the end', (t) => {
  const clock = manualClock(0);
  const fired: string[] = [];
  clock.setTimer(30, () => fired.push(`b@${clock.now()}`));
  clock.setTimer(10, () => {
    fired.push(`a@${clock.now()}`);
    clock.setTimer(5, () => fired.push(`c@${clock.now()}`));
  });
  t.is(clock.nextTimerAt(), 10);
  clock.advance(20);
  t.deepEqual(fired, ['a@10', 'c@15']);
  t.is(clock.now(), 20);
  clock.advance(20);
  t.deepEqual(fired, ['a@10', 'c@15', 'b@30']);
  t.is(clock.nextTimerAt(), null);
});

test('running until a condition jumps from timer to timer; in vain it says what was waited for', async (t) => {
  const clock = manualClock(0);
  let count = 0;
  const tick = (): void => {
    count += 1;
    clock.setTimer(1_000, () => void Promise.resolve().then(tick));
  };
  tick();
  await clock.runUntil(() => count === 100, { withinMs: 200_000, what: 'a hundred ticks' });
  t.is(clock.now(), 99_000);
  await t.throwsAsync(
    clock.runUntil(() => false, { withinMs: 5_000, what: 'nothing' }),
    { message: /nothing/ },
  );
});

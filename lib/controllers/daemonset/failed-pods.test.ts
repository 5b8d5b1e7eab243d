import test from 'ava';
import { hourMs, minuteMs, secondMs } from '../../base/clock.ts';
import { failedPods } from './failed-pods.ts';

test('a pod that fails again and again waits twice as long each time, and at most a quarter of an hour', (t) => {
  const failed = failedPods();
  t.is(failed.retryAt('a'), null);
  const delays: number[] = [];
  let now = 0;
  for (let times = 0; times < 12; times += 1) {
    failed.replaced('a', now);
    const until = failed.retryAt('a') ?? 0;
    delays.push(until - now);
    now = until;
  }
  t.deepEqual(
    delays.slice(0, 4),
    [1, 2, 4, 8].map((seconds) => seconds * secondMs),
  );
  t.is(delays.at(-1), 15 * minuteMs);
  t.is(failed.retryAt('b'), null);
});

test('one that has been well for long starts over', (t) => {
  const failed = failedPods();
  failed.replaced('a', 0);
  failed.replaced('a', secondMs);
  failed.replaced('a', hourMs);
  t.is(failed.retryAt('a'), hourMs + secondMs);
});

import { cpus, totalmem } from 'node:os';
import test from 'ava';
import { manualClock } from '../base/manual-clock.ts';
import { machineUsage } from './machine-usage.ts';

test('the machine uses what its processors were busy with since the sample before', async (t) => {
  const clock = manualClock();
  const times = { busyMs: 0, totalMs: 0 };
  const usage = machineUsage(clock, () => ({ ...times }));
  const millis = cpus().length * 1000;
  await clock.run(10_000);
  Object.assign(times, { busyMs: 2_500, totalMs: 10_000 });
  const first = usage();
  t.is(first.cpuMillis, millis / 4);
  t.is(first.windowMs, 10_000);
  t.true(first.memoryBytes > 0 && first.memoryBytes < totalmem());
  await clock.run(100);
  Object.assign(times, { busyMs: 2_600, totalMs: 10_100 });
  t.is(usage(), first, 'a sample so soon would be noise');
  await clock.run(9_900);
  Object.assign(times, { busyMs: 12_500, totalMs: 20_000 });
  t.is(usage().cpuMillis, millis);
});

test('processors that did not move use nothing', (t) => {
  t.is(machineUsage(manualClock(), () => ({ busyMs: 5, totalMs: 10 }))().cpuMillis, 0);
});

import test from 'ava';
import { systemClock } from '../../../base/clock.ts';
import { needsRoot } from '../../../testing/needs-root.ts';
import { IpBatch } from './ip-batch.ts';

const tested = needsRoot(['ip']) ? test : test.skip;

tested(
  'every command of a batch runs; those that fail are told with their words, in their place',
  async (t) => {
    const batch = new IpBatch(systemClock());
    t.teardown(() => batch.close());
    const show = 'link show dev lo';
    t.deepEqual(await batch.run([show]), []);
    const failures = await batch.run([show, 'link show dev pintle-none', show, 'nonsense', show]);
    t.deepEqual(
      failures.map(({ command }) => command),
      ['link show dev pintle-none', 'nonsense'],
    );
    t.regex(failures[0]?.message ?? '', /pintle-none/);
    const both = await Promise.all([batch.run(['nonsense']), batch.run([show])]);
    t.deepEqual(
      both.map((some) => some.length),
      [1, 0],
    );
  },
);

tested('one that ended is started again', async (t) => {
  const batch = new IpBatch(systemClock());
  await batch.run([]);
  batch.close();
  t.is((await batch.run(['nonsense'])).length, 1);
  batch.close();
});

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../../testing/temporary-directory.ts';
import { networkPlans } from './network-plan.ts';
import { type PodRecord, PodRecords } from './pod-records.ts';

const record = (podUid: string, podIP: string): PodRecord => ({
  podUid,
  podIP,
  netns: `ns-${podUid}`,
  link: `v-${podUid}`,
  bootId: 'boot',
});
const [plan] = networkPlans({ links: [], ranges: [] });

test('records survive, addresses go round, and what is not a record is swept away', async (t) => {
  if (plan === undefined) return t.fail();
  const directory = await temporaryDirectory(t);
  const records = new PodRecords(directory);
  records.load();
  for (const podUid of ['a', 'b']) records.put(record(podUid, records.freeAddress(plan)));
  t.deepEqual(
    records.all().map(({ podIP }) => podIP),
    ['10.244.0.2', '10.244.0.3'],
  );
  records.remove('a');
  t.is(records.freeAddress(plan), '10.244.0.4');
  writeFileSync(join(directory, 'half.json'), '{"podUid":');
  writeFileSync(join(directory, 'c.json'), JSON.stringify(record('../d', '10.244.0.9')));
  writeFileSync(join(directory, 'e.json.new'), '{}');
  const next = new PodRecords(directory);
  next.load();
  t.deepEqual(next.all(), [record('b', '10.244.0.3')]);
  t.deepEqual(readdirSync(directory), ['b.json']);
  t.is(next.freeAddress(plan), '10.244.0.4');
});

test('a full range says so, and has room again when a pod goes', async (t) => {
  if (plan === undefined) return t.fail();
  const records = new PodRecords(await temporaryDirectory(t));
  records.load();
  for (let at = 0; at < 253; at += 1) records.put(record(`p${at}`, records.freeAddress(plan)));
  t.is(new Set(records.all().map(({ podIP }) => podIP)).size, 253);
  t.throws(() => records.freeAddress(plan), { code: 'NO_POD_ADDRESS' });
  records.remove('p7');
  t.is(records.freeAddress(plan), '10.244.0.9');
});

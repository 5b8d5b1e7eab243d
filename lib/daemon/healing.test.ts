import test from 'ava';
import { limits, timings } from '../base/limits.ts';
import type { PlannedChange } from '../plan/plan.ts';
import { backedOffFields, type HealingRecord, recordHealing } from './healing.ts';

const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' };
const live = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data: {},
  list: [{ a: 1 }, { a: 1 }],
};
const heal = (...paths: readonly string[]): PlannedChange => ({
  ...{
    action: 'patch',
    ref,
    resourceVersion: '1',
    live,
    result: live,
    desired: live,
    heals: true,
    restartsPods: false,
  },
  operations: paths.map((path) => ({ op: 'replace', path, value: 'x' })),
});

/** Heals a field at each of these times; what is backed off after the last. */
function after(times: readonly number[], ...paths: readonly string[]) {
  let record: HealingRecord = new Map();
  for (const at of times) record = recordHealing(record, [heal(...paths)], at);
  return { record, ...backedOffFields(record, times.at(-1) ?? 0) };
}

const key = '/ConfigMap/default/a#/data/key';
const most = limits.healsBeforeBackoff;
const times = (count: number, stepMs = 1_000): readonly number[] =>
  Array.from({ length: count }, (_, at) => at * stepMs);

test('a field healed too often within the window is left alone until the window has passed', (t) => {
  t.deepEqual([...after(times(most - 1), '/data/key').fields], []);
  const { record, fields, nextAtMs } = after(times(most), '/data/key');
  t.deepEqual([...fields], [key]);
  t.is(nextAtMs, timings.healWindowMs);
  t.deepEqual([...backedOffFields(record, timings.healWindowMs - 1).fields], [key]);
  t.deepEqual(backedOffFields(record, timings.healWindowMs), { fields: new Set(), nextAtMs: null });
});

test('as many heals over a longer time are no fight', (t) => {
  t.deepEqual([...after(times(50, timings.healWindowMs / (most - 1)), '/data/key').fields], []);
});

test('fields count alone; those of one list together, once a patch', (t) => {
  const { fields } = after(times(most), '/data/key', '/list/0/a', '/list/1/a');
  t.deepEqual([...fields].sort(), [key, '/ConfigMap/default/a#/list'].sort());
  t.deepEqual([...after(times(most - 1), '/list/0/a', '/list/1/a').fields], []);
});

test('what is no healing is not counted, and what has left the window is forgotten', (t) => {
  let record = recordHealing(
    new Map(),
    [{ ...heal('/data/key'), heals: false } as PlannedChange, { action: 'create', ref, object: live }],
    0,
  );
  t.is(record.size, 0);
  record = recordHealing(record, [heal('/data/key')], 0);
  t.is(record.size, 1);
  t.is(recordHealing(record, [], timings.healWindowMs).size, 0);
});

test('of several fields the one that may be healed first says when', (t) => {
  let record: HealingRecord = new Map();
  for (const at of times(most)) record = recordHealing(record, [heal('/data/key')], at);
  for (const at of times(most)) record = recordHealing(record, [heal('/data/other')], at + 60_000);
  t.is(backedOffFields(record, 70_000).nextAtMs, timings.healWindowMs);
});

test('the record is bounded', (t) => {
  const paths = Array.from({ length: limits.healedFieldsMax + 5 }, (_, at) => `/data/k${at}`);
  t.is(recordHealing(new Map(), [heal(...paths)], 0).size, limits.healedFieldsMax);
});

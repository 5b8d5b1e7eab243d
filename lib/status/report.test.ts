import test from 'ava';
import type { ComponentHold } from '../plan/hold.ts';
import { ReportBench } from '../testing/report-bench.ts';
import type { StatusReport } from './report.ts';

const configMap = (name: string, value = 'one', more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${more}}\ndata: {key: ${value}}\n`;
const pod = (phase: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${phase.toLowerCase()}}\nspec: {containers: [{name: a, image: host}]}\n`;

const rows = (report: StatusReport): readonly string[] =>
  report.objects.map(
    ({ ref, sync, syncReason, health }) => `${ref.name} ${sync} ${syncReason} ${health.state}`,
  );

test('no commit yet is a state', (t) => {
  const report = new ReportBench().reportOf(null, { head: null });
  t.like(report, { sync: 'NoRevision', health: 'Healthy', objects: [] });
});

test('an applied commit is in sync, and the source is as healthy as the worst of its objects', (t) => {
  const bench = new ReportBench();
  const files = { 'a.yaml': configMap('a'), 'p.yaml': pod('Failed') };
  bench.commit(files);
  bench.change('/Pod/default/failed', (object) => ({ ...object, status: { phase: 'Failed' } }));
  const report = bench.reportOf(files);
  t.deepEqual(rows(report), ['a Synced  Healthy', 'failed Synced  Degraded']);
  t.like(report, { sync: 'Synced', health: 'Degraded', counts: { Healthy: 1, Degraded: 1, Progressing: 0 } });
});

test('a commit that is not applied yet is out of sync, though every object is as it was', (t) => {
  const bench = new ReportBench();
  const files = { 'a.yaml': configMap('a') };
  bench.commit(files);
  t.is(bench.reportOf(files, { head: 'a newer one' }).sync, 'OutOfSync');
});

test('a new object with errors is shown with its file, missing, blocked and why', (t) => {
  const report = new ReportBench().reportOf({ 'deploy/a.yaml': configMap('a', '[]') });
  t.deepEqual(rows(report), ['a Blocked invalid Missing']);
  t.like(report.objects[0], { path: 'deploy/a.yaml', commit: null, live: null });
  t.regex(report.objects[0]?.syncDetail ?? '', /^deploy\/a\.yaml:\d+:\d+ wrong-type/);
  t.is(report.sync, 'OutOfSync');
});

test('an object whose new version has errors keeps the commit and file it is live from', (t) => {
  const bench = new ReportBench();
  bench.commit({ 'a.yaml': configMap('a') });
  const report = bench.reportOf({ 'b.yaml': configMap('a', '[]') });
  t.deepEqual(rows(report), ['a Blocked invalid Healthy']);
  t.like(report.objects[0], { path: 'a.yaml', commit: 'commit-1' });
});

test('an object that is gone is missing; a Job that finished and went by its TTL is not', (t) => {
  const bench = new ReportBench();
  const job =
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: host}]}}}\n';
  const files = { 'a.yaml': configMap('a'), 'j.yaml': job };
  bench.commit(files);
  bench.live.clear();
  for (const [key, row] of bench.inventory)
    bench.inventory.set(key, { ...row, finished: row.ref.kind === 'Job' });
  const report = bench.reportOf(files);
  t.deepEqual(rows(report), ['a Synced  Missing', 'once Synced  Healthy']);
});

test('a deletion that waits, and one that an annotation keeps', (t) => {
  const bench = new ReportBench();
  const kept = ', annotations: {pintle.dev/prune: disabled}';
  bench.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b', 'one', kept) });
  const report = bench.reportOf({});
  t.deepEqual(rows(report), ['a OutOfSync prune-held Healthy', 'b Kept prune-disabled Healthy']);
  t.not(report.objects[0]?.syncDetail, '');
  t.is(report.sync, 'OutOfSync');
});

test('what only an annotation keeps does not make a source out of sync', (t) => {
  const bench = new ReportBench();
  const kept = ', annotations: {pintle.dev/prune: disabled}';
  bench.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b', 'one', kept) });
  t.is(bench.reportOf({ 'a.yaml': configMap('a') }).sync, 'Synced');
});

test('what an annotation keeps from being reconciled is as wanted, whether it is there or not', (t) => {
  const bench = new ReportBench();
  const off = ', annotations: {pintle.dev/reconcile: disabled}';
  bench.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  const report = bench.reportOf({
    'a.yaml': configMap('a'),
    'b.yaml': configMap('b', 'two', off),
    'c.yaml': configMap('c', 'one', off),
  });
  t.deepEqual(rows(report), [
    'a Synced  Healthy',
    'b Blocked reconcile-disabled Healthy',
    'c Blocked reconcile-disabled Suspended',
  ]);
  t.like(report, { sync: 'Synced', health: 'Suspended' });
});

test('a held object says so, and what was seen', (t) => {
  const bench = new ReportBench();
  bench.commit({ 'a.yaml': configMap('a') });
  bench.markGood();
  bench.commit({ 'a.yaml': configMap('a', 'two') });
  const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' };
  const hold: ComponentHold = {
    ...{ refs: [ref], failedDigest: '', failedRevision: 'commit-2', goodRevisions: ['commit-1'], cause: ref },
    ...{ evidence: 'it did not start', sinceMs: 0, mode: 'hold' },
  };
  const files = { 'a.yaml': configMap('a', 'two') };
  const { plan } = bench.plan(files);
  const blocked = [{ ref, reason: 'held-after-failure' as const, detail: hold.evidence }];
  const report = bench.reportOf(files, { holds: [hold], plan: { ...plan, blocked } });
  t.deepEqual(rows(report), ['a Held held-after-failure Healthy']);
  t.is(report.objects[0]?.syncDetail, 'it did not start');
});

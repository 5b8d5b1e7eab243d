import test from 'ava';
import type { StatusReport } from '../status/report.ts';
import { ReportBench } from '../testing/report-bench.ts';
import { announcements } from './announce-report.ts';

const configMap = (name: string, value = 'one'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: ${value}}\n`;
const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: host}]}\n';
const files = { 'a.yaml': configMap('a'), 'p.yaml': pod };

function scene() {
  const bench = new ReportBench();
  bench.commit(files);
  return bench;
}

const said = (before: StatusReport | null, after: StatusReport): readonly string[] =>
  announcements(before, after).map((event) => {
    switch (event.type) {
      case 'health':
        return `${event.object} ${event.state} ${event.reason}`.trim();
      case 'summary':
        return `${event.health} ${event.healthy}/${event.total} ${event.sync}`;
      default:
        return event.type;
    }
  });

test('at first everything is said, then nothing while nothing happens', (t) => {
  const report = scene().reportOf(files);
  t.deepEqual(said(null, report), [
    'ConfigMap default/a Healthy',
    'Pod default/p Progressing Pending',
    'Progressing 1/2 Synced',
  ]);
  t.deepEqual(said(report, { ...report, atMs: report.atMs + 1 }), []);
});

test('a change of health is said with the sum, a change of its message alone is not', (t) => {
  const bench = scene();
  const before = bench.reportOf(files);
  bench.change('/Pod/default/p', (object) => ({ ...object, status: { phase: 'Failed', message: 'once' } }));
  const failed = bench.reportOf(files);
  t.deepEqual(said(before, failed), ['Pod default/p Degraded Failed', 'Degraded 1/2 Synced']);
  bench.change('/Pod/default/p', (object) => ({ ...object, status: { phase: 'Failed', message: 'twice' } }));
  t.deepEqual(said(failed, bench.reportOf(files)), []);
});

test('problems are said with each commit, and once', (t) => {
  const bench = scene();
  const broken = { ...files, 'b.yaml': configMap('b', '[]') };
  const before = bench.reportOf(files);
  const first = bench.reportOf(broken, { head: 'h2' });
  t.true(said(before, first).includes('problem'));
  t.false(said(first, bench.reportOf(broken, { head: 'h2' })).includes('problem'));
  t.true(said(first, bench.reportOf(broken, { head: 'h3' })).includes('problem'));
});

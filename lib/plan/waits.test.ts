import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import { actionsOf, blocksOf, PlanBench } from '../testing/plan-bench.ts';
import type { PlanInput } from './decide-plan.ts';
import type { Standing } from './standing.ts';

const settings = (name: string, annotations: Readonly<Record<string, string>> = {}, value = 'one'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  annotations: ${JSON.stringify(annotations)}\ndata: {key: ${value}}\n`;
const after = (text: string): Readonly<Record<string, string>> => ({ 'pintle.dev/depends-on': text });
const wave = (text: string): Readonly<Record<string, string>> => ({ 'pintle.dev/sync-wave': text });
const claim = (mode: 'now' | 'used'): string =>
  `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: ${mode}, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n`;
const user = `apiVersion: apps/v1
kind: Deployment
metadata: {name: db}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: host, command: [db]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`;

/** What is not named here is well. */
function standing(states: Readonly<Record<string, Standing['state']>>): Partial<PlanInput> {
  return {
    standing: ({ metadata }) => ({ state: states[metadata.name] ?? 'ready', reason: 'Said' }),
    waitsForConsumer: ({ spec }) => JSON.stringify(spec).includes('used'),
  };
}

test('what depends on another comes once that one is well', (t) => {
  const bench = new PlanBench();
  const files = { 'a.yaml': settings('a', after('cm/b')), 'b.yaml': settings('b') };
  const first = bench.commit(files, standing({ b: 'not-ready' }));
  t.deepEqual(actionsOf(first), ['create ConfigMap default/b']);
  t.deepEqual(blocksOf(first), ['waits ConfigMap a']);
  t.deepEqual(bench.commit(files, standing({ b: 'not-ready' })).plan.changes, []);
  t.deepEqual(bench.commit(files, standing({ b: 'awaits-others' })).plan.changes, []);
  t.deepEqual(actionsOf(bench.commit(files, standing({}))), ['create ConfigMap default/a']);
});

test('waves come one after the other, lowest first; what lacks only what others bring keeps none waiting', (t) => {
  const bench = new PlanBench();
  const files = {
    'a.yaml': settings('a', wave('1')),
    'b.yaml': settings('b'),
    'c.yaml': settings('c', wave('-1')),
    'd.yaml': settings('d', wave('7')),
  };
  const named = (states: Parameters<typeof standing>[0]): readonly string[] =>
    bench.commit(files, standing(states)).plan.changes.map(({ ref }) => ref.name);
  t.deepEqual(named({}), ['c']);
  t.deepEqual(named({ c: 'not-ready' }), []);
  t.deepEqual(named({ c: 'awaits-others' }), ['b']);
  t.deepEqual(named({ b: 'not-ready' }), []);
  t.deepEqual(named({}), ['a']);
  t.deepEqual(named({}), ['d']);
  t.deepEqual(named({ c: 'not-ready' }), [], 'a wave that is not well later changes nothing that is there');
});

test('a change waits as a creation does; what is put right does not', (t) => {
  const bench = new PlanBench();
  const files = (value: string): Readonly<Record<string, string>> => ({
    'a.yaml': settings('a', after('cm/b'), value),
    'b.yaml': settings('b', {}, value),
  });
  bench.commit(files('one'));
  bench.commit(files('one'));
  const second = bench.commit(files('two'));
  t.deepEqual(actionsOf(second), ['patch ConfigMap default/b']);
  t.deepEqual(blocksOf(second), ['waits ConfigMap a']);
  t.deepEqual(actionsOf(bench.commit(files('two'))), ['patch ConfigMap default/a']);
  bench.live.delete('/ConfigMap/default/a');
  const unwell = standing({ b: 'not-ready' });
  t.deepEqual(actionsOf(bench.commit(files('two'), unwell)), ['create ConfigMap default/a']);
  bench.put({ ...bench.object('/ConfigMap/default/a'), data: { key: 'drifted' } });
  t.deepEqual(actionsOf(bench.plan(files('two'), unwell)), ['patch ConfigMap default/a']);
});

test('who waits for an object that cannot be applied waits', (t) => {
  const bench = new PlanBench();
  const invalid = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {key: 1}\n';
  const files = {
    'a.yaml': settings('a', after('cm/b')),
    'b.yaml': invalid,
    'c.yaml': settings('c', wave('1')),
    'd.yaml': settings('d'),
  };
  const result = bench.commit(files);
  t.deepEqual(actionsOf(result), ['create ConfigMap default/d']);
  t.deepEqual(blocksOf(bench.commit(files)), [
    'invalid ConfigMap b',
    'waits ConfigMap a',
    'waits ConfigMap c',
  ]);
});

test('an object that is left alone on request keeps no wave waiting, but who names it', (t) => {
  const bench = new PlanBench();
  const files = {
    'a.yaml': settings('a', { 'pintle.dev/reconcile': 'disabled' }),
    'b.yaml': settings('b', wave('1')),
    'c.yaml': settings('c', after('cm/a')),
  };
  const result = bench.commit(files);
  t.deepEqual(blocksOf(result), ['reconcile-disabled ConfigMap a', 'waits ConfigMap b', 'waits ConfigMap c']);
  bench.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } });
  t.deepEqual(actionsOf(bench.commit(files)), ['create ConfigMap default/c']);
  t.deepEqual(actionsOf(bench.commit(files)), ['create ConfigMap default/b']);
});

test('a new workload waits for its claim to be bound, unless the class waits for it', (t) => {
  const now = new PlanBench();
  const files = { 'd.yaml': user, 'c.yaml': claim('now') };
  t.deepEqual(actionsOf(now.commit(files, standing({}))), ['create PersistentVolumeClaim default/data']);
  t.deepEqual(actionsOf(now.commit(files, standing({ data: 'not-ready' }))), []);
  t.deepEqual(actionsOf(now.commit(files, standing({}))), ['create Deployment default/db']);
  const used = new PlanBench();
  t.is(
    used.commit({ 'd.yaml': user, 'c.yaml': claim('used') }, standing({ data: 'not-ready' })).plan.changes
      .length,
    2,
  );
  const nobodys = new PlanBench();
  t.deepEqual(actionsOf(nobodys.commit({ 'd.yaml': user }, standing({}))), ['create Deployment default/db']);
});

test('who waits for itself, for a circle or by words that cannot be read is never applied, and harms nobody else', (t) => {
  const bench = new PlanBench();
  const files = {
    'a.yaml': settings('a', after('cm/a')),
    'b.yaml': settings('b', after('cm/c')),
    'c.yaml': settings('c', after('cm/b')),
    'd.yaml': settings('d', after('what')),
    'e.yaml': settings('e', wave('soon')),
    'f.yaml': settings('f'),
  };
  t.deepEqual(actionsOf(bench.commit(files)), ['create ConfigMap default/f']);
  t.deepEqual(bench.commit(files).plan.changes, []);
  t.is(bench.plan(files).plan.blocked.filter(({ reason }) => reason === 'waits').length, 5);
});

test('what is waited for need not be of the source', (t) => {
  const bench = new PlanBench();
  const files = { 'a.yaml': settings('a', after('deploy/other/db')) };
  t.deepEqual(actionsOf(bench.commit(files)), []);
  const db: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'db', namespace: 'other' },
  };
  bench.put(db);
  t.deepEqual(actionsOf(bench.commit(files, standing({ db: 'not-ready' }))), []);
  t.deepEqual(actionsOf(bench.commit(files)), ['create ConfigMap default/a']);
});

test('nothing is made in a namespace that is being deleted', (t) => {
  const bench = new PlanBench();
  const files = { 'a.yaml': settings('a') };
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
  bench.put({ ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  t.deepEqual(blocksOf(bench.commit(files)), ['terminating ConfigMap a']);
  bench.put(namespace);
  t.deepEqual(actionsOf(bench.commit(files)), ['create ConfigMap default/a']);
});

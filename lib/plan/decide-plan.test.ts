import test from 'ava';
import { isObject, type JsonObject } from '../base/json.ts';
import { applyJsonPatch } from '../schema/json-patch.ts';
import type { KubeObject } from '../schema/object.ts';
import { actionsOf, blocksOf, PlanBench } from '../testing/plan-bench.ts';
import { contentDigest } from './hold.ts';
import { normalise } from './normalise.ts';
import type { PruneHoldReason } from './plan.ts';

const configMap = (name: string, value = 'one', more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}data:\n  key: ${value}\n`;

const deployment = (
  options: {
    readonly image?: string;
    readonly replicas?: string;
    readonly selector?: string;
    readonly annotation?: string;
  } = {},
): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {${options.annotation ?? ''}}
spec:
  ${options.replicas === undefined ? '' : `replicas: ${options.replicas}`}
  selector: {matchLabels: {app: ${options.selector ?? 'web'}}}
  template:
    metadata: {labels: {app: ${options.selector ?? 'web'}}}
    spec:
      containers:
      - name: web
        image: ${options.image ?? 'host'}
        command: [node]
        envFrom: [{configMapRef: {name: settings}}]
`;

const autoscaler = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
`;

const spec = (object: KubeObject): JsonObject => (isObject(object.spec) ? object.spec : {});

test('a first commit creates everything, in apply order; the next pass changes nothing', (t) => {
  const bench = new PlanBench();
  const files = { 'web.yaml': deployment(), 'settings.yaml': configMap('settings') };
  const first = bench.commit(files);
  t.deepEqual(
    first.plan.changes.map(({ action, ref }) => [action, ref.kind]),
    [
      ['create', 'ConfigMap'],
      ['create', 'Deployment'],
    ],
  );
  const second = bench.plan(files);
  t.deepEqual(actionsOf(second), []);
  t.deepEqual(second.plan.rows, []);
  t.is(second.plan.unchangedCount, 2);
});

test('no commit yet changes nothing, whatever the inventory holds', (t) => {
  const bench = new PlanBench();
  bench.commit({ 'a.yaml': configMap('a') });
  t.deepEqual(actionsOf(bench.plan(null)), []);
});

test('what git sets wins, what git removes goes, what only live has stays', (t) => {
  const bench = new PlanBench();
  bench.commit({ 'a.yaml': `${configMap('a')}  gone: soon\n` });
  const live = bench.object('/ConfigMap/default/a');
  bench.put({ ...live, data: { key: 'drifted', gone: 'soon', mine: 'kept' } });
  bench.commit({ 'a.yaml': configMap('a', 'two') });
  t.deepEqual(bench.object('/ConfigMap/default/a').data, { key: 'two', mine: 'kept' });
});

test('drift is put right and said to be healing; a backed-off field is left alone', (t) => {
  const bench = new PlanBench();
  const files = { 'a.yaml': configMap('a') };
  bench.commit(files);
  bench.put({ ...bench.object('/ConfigMap/default/a'), data: { key: 'drifted' } });
  const healing = bench.plan(files);
  t.deepEqual(actionsOf(healing), ['patch ConfigMap default/a']);
  t.true(healing.plan.changes.every((change) => change.action === 'patch' && change.heals));
  const calm = bench.plan(files, { backedOff: new Set(['/ConfigMap/default/a#/data/key']) });
  t.deepEqual(actionsOf(calm), []);
  t.deepEqual(blocksOf(calm), ['healing-backed-off ConfigMap a']);
});

test("while an HPA targets a workload its replicas are live's, even when git drops the field", (t) => {
  const bench = new PlanBench();
  bench.commit({
    'web.yaml': deployment({ replicas: '2' }),
    'hpa.yaml': autoscaler,
    's.yaml': configMap('settings'),
  });
  const live = bench.object('apps/Deployment/default/web');
  bench.put({ ...live, spec: { ...spec(live), replicas: 4 } });
  for (const replicas of ['2', '3', undefined]) {
    const files = {
      'web.yaml': deployment(replicas === undefined ? {} : { replicas }),
      'hpa.yaml': autoscaler,
      's.yaml': configMap('settings'),
    };
    t.deepEqual(actionsOf(bench.commit(files)), [], String(replicas));
    t.is(spec(bench.object('apps/Deployment/default/web')).replicas, 4);
  }
});

test("the rules of a role that gathers others are live's, whatever git says of them", (t) => {
  const bench = new PlanBench();
  const role = (rules: string): string =>
    `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: one}}]}
${rules}`;
  bench.commit({ 'role.yaml': role('rules: []') });
  const live = bench.object('rbac.authorization.k8s.io/ClusterRole//all');
  const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];
  bench.put({ ...live, rules });
  for (const said of ['rules: []', '', 'rules: [{verbs: [list], apiGroups: [""], resources: [pods]}]']) {
    t.deepEqual(actionsOf(bench.commit({ 'role.yaml': role(said) })), [], said);
    t.deepEqual(bench.object('rbac.authorization.k8s.io/ClusterRole//all').rules, rules);
  }
});

test('an invalid object holds back what is tied to it and nothing else', (t) => {
  const bench = new PlanBench();
  bench.commit({
    'web.yaml': deployment(),
    's.yaml': configMap('settings'),
    'other.yaml': configMap('other'),
  });
  const result = bench.plan({
    'web.yaml': deployment({ replicas: 'many' }),
    's.yaml': configMap('settings', 'two'),
    'other.yaml': configMap('other', 'two'),
  });
  t.deepEqual(actionsOf(result), ['patch ConfigMap default/other']);
  t.deepEqual(blocksOf(result), ['component-blocked ConfigMap settings', 'invalid Deployment web']);
});

test('an object with errors is not pruned, nor is anything while a file does not parse', (t) => {
  const bench = new PlanBench();
  bench.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'c.yaml': configMap('c') });
  const result = bench.plan({ 'a.yaml': configMap('a'), 'b.yaml': 'kind: [' });
  t.deepEqual(actionsOf(result), []);
  t.deepEqual(
    result.plan.pruneHolds.map(({ reason }) => reason),
    ['file-unparsed'],
  );
  const invalid = bench.plan({
    'a.yaml': configMap('a'),
    'b.yaml': configMap('b', '[]'),
    'c.yaml': configMap('c'),
  });
  t.deepEqual(blocksOf(invalid), ['invalid ConfigMap b']);
  t.deepEqual(invalid.plan.pruneHolds, []);
});

const pruneCases: Record<string, { before: number; after: number; held: PruneHoldReason | null }> = {
  'one of three goes': { before: 3, after: 2, held: null },
  'most of a small source goes': { before: 5, after: 1, held: null },
  'most of a larger source waits': { before: 12, after: 5, held: 'most-of-source' },
  'half of a larger source goes': { before: 12, after: 6, held: null },
  'emptying waits, however small': { before: 1, after: 0, held: 'source-emptied' },
};
for (const [title, { before, after, held }] of Object.entries(pruneCases)) {
  test(`prune: ${title}`, (t) => {
    const bench = new PlanBench();
    const files = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`${at}.yaml`, configMap(`c${at}`)]));
    bench.commit(files(before));
    const result = bench.plan(files(after));
    t.is(result.plan.pruneHolds[0]?.reason ?? null, held);
    t.is(result.plan.changes.length, held === null ? before - after : 0);
    const id = result.plan.pruneHolds[0]?.id;
    if (id === undefined) return;
    t.is(bench.plan(files(after), { approvals: new Set([id]) }).plan.changes.length, before - after);
    t.is(bench.plan(files(after), { approvals: new Set(['another']) }).plan.changes.length, 0);
  });
}

test('a namespace with strangers in it waits; its own objects go', (t) => {
  const bench = new PlanBench();
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
  const inShop = configMap('a', 'one', '  namespace: shop\n');
  bench.commit({ 'n.yaml': namespace, 'a.yaml': inShop, 'b.yaml': configMap('b') });
  bench.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine', namespace: 'shop' } });
  const result = bench.commit({ 'b.yaml': configMap('b') });
  t.deepEqual(actionsOf(result), ['prune ConfigMap shop/a']);
  t.deepEqual(
    result.plan.pruneHolds.map(({ reason }) => reason),
    ['namespace-not-empty'],
  );
});

test('annotations are honoured from git and from live', (t) => {
  const off = 'pintle.dev/reconcile: disabled';
  const bench = new PlanBench();
  bench.commit({ 'web.yaml': deployment(), 's.yaml': configMap('settings') });
  const fromGit = bench.plan({
    'web.yaml': deployment({ image: 'host:2', annotation: off }),
    's.yaml': configMap('settings'),
  });
  t.deepEqual(blocksOf(fromGit), ['reconcile-disabled Deployment web']);
  const live = bench.object('/ConfigMap/default/settings');
  bench.put({ ...live, metadata: { ...live.metadata, annotations: { 'pintle.dev/prune': 'disabled' } } });
  const kept = bench.plan({ 'web.yaml': deployment() });
  t.deepEqual(actionsOf(kept), []);
  t.deepEqual(
    kept.plan.pruneSkipped.map(({ ref }) => ref.name),
    ['settings'],
  );
});

test('an immutable field blocks, and is replaced where the manifest says so', (t) => {
  const bench = new PlanBench();
  const rest = { 's.yaml': configMap('settings') };
  bench.commit({ 'web.yaml': deployment(), ...rest });
  const blocked = bench.plan({ 'web.yaml': deployment({ selector: 'other' }), ...rest });
  t.deepEqual(blocksOf(blocked), ['immutable-field Deployment web']);
  const files = {
    'web.yaml': deployment({ selector: 'other', annotation: 'pintle.dev/replace: allowed' }),
    ...rest,
  };
  t.deepEqual(actionsOf(bench.commit(files)), ['replace Deployment default/web']);
  t.deepEqual(actionsOf(bench.commit(files)), ['create Deployment default/web']);
  t.deepEqual(actionsOf(bench.commit(files)), []);
});

test('a Job that finished and was removed by its TTL is not drift; one that was not is created again', (t) => {
  const job =
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  ttlSecondsAfterFinished: 1\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: a, image: host, command: [node]}]\n';
  const bench = new PlanBench();
  bench.commit({ 'job.yaml': job });
  bench.live.clear();
  t.deepEqual(actionsOf(bench.plan({ 'job.yaml': job })), ['create Job default/once']);
  for (const [key, row] of bench.inventory) bench.inventory.set(key, { ...row, finished: true });
  t.deepEqual(actionsOf(bench.plan({ 'job.yaml': job })), []);
  t.deepEqual(actionsOf(bench.plan({ 'job.yaml': job.replace('node', 'other') })), [
    'create Job default/once',
  ]);
});

test('a held component stays at its good version until what git says of it changes', (t) => {
  const bench = new PlanBench();
  const good = { 'web.yaml': deployment(), 's.yaml': configMap('settings') };
  const bad = { 'web.yaml': deployment({ image: 'host:bad' }), 's.yaml': configMap('settings', 'bad') };
  bench.commit(good);
  for (const [key, row] of bench.inventory) bench.inventory.set(key, { ...row, good: row.applied });
  const failed = bench.commit(bad);
  const refs = failed.components.find((component) => component.length === 2) ?? [];
  t.is(refs.length, 2);
  const badObjects = new Map(
    bench.plan(bad).plan.desiredCount > 0
      ? [...bench.inventory].map(([key, row]) => [key, row.applied.object])
      : [],
  );
  const failedDigest = contentDigest(
    refs,
    (ref) => badObjects.get(`${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`) ?? null,
  );
  const hold = {
    refs,
    failedDigest,
    failedRevision: 'commit-2',
    goodRevisions: ['commit-1'],
    cause: refs[0] ?? { group: '', kind: '', namespace: '', name: '' },
    evidence: 'it did not start',
    sinceMs: 0,
    mode: 'hold' as const,
  };
  const back = bench.commit(bad, { holds: [hold] });
  t.deepEqual(actionsOf(back), ['patch ConfigMap default/settings', 'patch Deployment default/web']);
  t.deepEqual(bench.object('/ConfigMap/default/settings').data, { key: 'one' });
  t.deepEqual(blocksOf(back), ['held-after-failure ConfigMap settings', 'held-after-failure Deployment web']);
  t.deepEqual(actionsOf(bench.commit(bad, { holds: [hold] })), [], 'it stays');
  const mended = bench.commit(
    { ...bad, 'web.yaml': deployment({ image: 'host:mended' }) },
    { holds: [hold] },
  );
  t.deepEqual(mended.standingHolds, []);
  t.deepEqual(actionsOf(mended), ['patch ConfigMap default/settings', 'patch Deployment default/web']);
});

test('an object on its way out is waited for', (t) => {
  const bench = new PlanBench();
  const files = { 'a.yaml': configMap('a') };
  bench.commit(files);
  const live = bench.object('/ConfigMap/default/a');
  bench.put({ ...live, metadata: { ...live.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  t.deepEqual(blocksOf(bench.plan(files)), ['terminating ConfigMap a']);
});

test('normalise folds stringData, drops status, nulls and server metadata', (t) => {
  const object = normalise({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a', uid: 'x', creationTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '1' },
    stringData: { b: 'text' },
    data: { a: 'YQ==', n: null },
    status: { phase: 'x' },
  });
  t.deepEqual(object, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a' },
    data: { a: 'YQ==', b: 'dGV4dA==' },
  });
});

test('an autoscaler that goes gives the replicas back to git, however much is remembered', (t) => {
  const bench = new PlanBench();
  const web = { 'web.yaml': deployment({ replicas: '2' }), 's.yaml': configMap('settings') };
  bench.commit({ ...web, 'hpa.yaml': autoscaler });
  const live = bench.object('apps/Deployment/default/web');
  bench.put({ ...live, spec: { ...spec(live), replicas: 4 } });
  const { memory } = bench.plan({ ...web, 'hpa.yaml': autoscaler });
  const gone = bench.commit(web, { memory });
  t.deepEqual(actionsOf(gone), ['prune HorizontalPodAutoscaler default/web']);
  t.deepEqual(actionsOf(bench.commit(web, { memory: gone.memory })), ['patch Deployment default/web']);
  t.is(spec(bench.object('apps/Deployment/default/web')).replicas, 2);
});

for (const apiVersion of ['apps/v1', 'apps/v1beta1', 'extensions/v1beta1', undefined]) {
  test(`an autoscaler finds its target written as ${apiVersion}`, (t) => {
    const bench = new PlanBench();
    const hpa = `apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 5, scaleTargetRef: {${apiVersion === undefined ? '' : `apiVersion: ${apiVersion}, `}kind: Deployment, name: web}}
`;
    const files = {
      'web.yaml': deployment({ replicas: '2' }),
      's.yaml': configMap('settings'),
      'hpa.yaml': hpa,
    };
    bench.commit(files);
    const live = bench.object('apps/Deployment/default/web');
    bench.put({ ...live, spec: { ...spec(live), replicas: 4 } });
    t.deepEqual(actionsOf(bench.plan(files)), []);
  });
}

test('of an object that is written twice, once with errors, neither copy is applied: which was meant?', (t) => {
  const bench = new PlanBench();
  const result = bench.plan({ 'a.yaml': configMap('a'), 'b.yaml': configMap('a', '[]') });
  t.deepEqual(actionsOf(result), []);
  t.deepEqual(blocksOf(result), ['invalid ConfigMap a']);
  t.is(result.plan.blocked[0]?.path, 'b.yaml');
  t.is(result.plan.desiredCount, 1);
  t.deepEqual(result.plan.rows, []);
});

test('a new object with errors is blocked with its file, place and rule', (t) => {
  const { plan } = new PlanBench().plan({ 'web.yaml': deployment({ replicas: 'many' }) });
  t.is(plan.blocked[0]?.path, 'web.yaml');
  t.regex(plan.blocked[0]?.detail ?? '', /^web\.yaml:\d+:\d+ /);
});

test('references that a commit drops still tie: an error holds back what it left, too', (t) => {
  const bench = new PlanBench();
  bench.commit({ 'web.yaml': deployment(), 's.yaml': configMap('settings') });
  const without = deployment({ replicas: 'many' }).replace(/envFrom:.*\n/, '\n');
  const result = bench.plan({ 'web.yaml': without });
  t.deepEqual(actionsOf(result), []);
  t.deepEqual(blocksOf(result), ['component-blocked ConfigMap settings', 'invalid Deployment web']);
  t.deepEqual(result.plan.droppedRows, []);
});

test('a hold stands while what git says of its objects cannot be read', (t) => {
  const bench = new PlanBench();
  const files = (image: string) => ({ 'web.yaml': deployment({ image }), 's.yaml': configMap('settings') });
  bench.commit(files('host:1'));
  bench.markGood();
  const { components } = bench.commit(files('host:bad'));
  const refs = components.find((component) => component.length === 2) ?? [];
  const said = new Map([...bench.inventory].map(([key, { applied }]) => [key, applied.object]));
  const hold = {
    refs,
    failedDigest: contentDigest(
      refs,
      (ref) => said.get(`${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`) ?? null,
    ),
    failedRevision: 'commit-2',
    goodRevisions: ['commit-1'],
    cause: refs[1] ?? { group: '', kind: '', namespace: '', name: '' },
    evidence: 'it did not start',
    sinceMs: 0,
    mode: 'hold' as const,
  };
  const holds = [hold];
  t.is(bench.plan(files('host:bad'), { holds }).standingHolds.length, 1, 'it says the same');
  const unparsed = bench.plan({ ...files('host:bad'), 'web.yaml': 'kind: [' }, { holds });
  t.is(unparsed.standingHolds.length, 1, 'its file does not parse');
  const rejected = bench.plan(
    { ...files('host:bad'), 'web.yaml': deployment({ replicas: 'many' }) },
    { holds },
  );
  t.is(rejected.standingHolds.length, 1, 'it has errors');
  t.is(bench.plan({ 's.yaml': configMap('settings') }, { holds }).standingHolds.length, 0, 'it is gone');
  t.is(bench.plan(files('host:3'), { holds }).standingHolds.length, 0, 'it says something else');
});

test('a prune that the API refuses is told, and holds nothing else back', (t) => {
  const bench = new PlanBench();
  bench.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'c.yaml': configMap('c') });
  const refused = new Map([['/ConfigMap/default/b', 'it is protected']]);
  const result = bench.plan({ 'a.yaml': configMap('a') }, { refused });
  t.deepEqual(actionsOf(result), ['prune ConfigMap default/c']);
  t.deepEqual(blocksOf(result), ['refused ConfigMap b']);
  t.deepEqual(
    result.plan.droppedRows.map(({ name }) => name),
    ['c'],
  );
});

test('fields of one list are healed together or not at all', (t) => {
  const bench = new PlanBench();
  const files = { 'web.yaml': deployment(), 's.yaml': configMap('settings') };
  bench.commit(files);
  const live = bench.object('apps/Deployment/default/web');
  const drifted = applyJsonPatch(live as JsonObject, [
    { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'other' },
    { op: 'add', path: '/spec/template/spec/containers/0/command/-', value: 'more' },
    { op: 'add', path: '/spec/template/metadata/labels/app', value: 'web' },
    { op: 'replace', path: '/spec/revisionHistoryLimit', value: 3 },
  ]);
  bench.put(drifted as KubeObject);
  const list = 'apps/Deployment/default/web#/spec/template/spec/containers';
  const [change] = bench.plan(files, { backedOff: new Set([list]) }).plan.changes;
  t.is(change, undefined, 'only the list differs from git');
  const both = bench.plan(files, { backedOff: new Set(['apps/Deployment/default/web#/spec/other']) });
  t.deepEqual(actionsOf(both), ['patch Deployment default/web']);
});

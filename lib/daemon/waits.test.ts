import test, { type ExecutionContext } from 'ava';
import { BEHAVIOUR_ANNOTATION } from '../runtime/simulated/simulated-behaviour.ts';
import type { StatusReport } from '../status/report.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt, person, type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';

const migration = `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {pintle.dev/sync-wave: "-1"}}
spec:
  template:
    metadata:
      annotations: {${BEHAVIOUR_ANNOTATION}: '{"exitAfterMs": 30000, "terminationMessage": "done"}'}
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: host, command: [migrate]}]
`;

async function started(t: ExecutionContext): Promise<SimulatedWorld> {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  return world;
}

const waiting = (report: StatusReport): readonly string[] =>
  report.blocked.flatMap(({ ref, reason }) => (reason === 'waits' ? [`${ref.kind} ${ref.name}`] : []));
const commitsSeen = (world: SimulatedWorld): readonly string[] =>
  world.events.flatMap((event) => (event.type === 'object' ? [`${event.action} ${event.object}`] : []));

test('a later wave is applied when the one before has ended, and the history counts it for its commit', async (t) => {
  const world = await started(t);
  const commit = await world.push({
    'migrate.yaml': migration,
    'web.yaml': simulatedManifest({ replicas: 1 }),
  });
  const report = await world.until(({ revision }) => revision === commit, 'the first wave');
  t.deepEqual(waiting(report), ['ConfigMap web', 'Service web', 'Deployment web']);
  t.is(report.sync, 'OutOfSync');
  t.deepEqual(
    report.objects
      .filter(({ ref }) => ref.kind === 'Deployment')
      .map(({ health }) => [health.state, health.reason]),
    [['Progressing', 'Waiting']],
  );
  await world.pass(20_000);
  t.deepEqual(commitsSeen(world), ['create Job default/migrate']);
  await world.until(healthyAt(commit), 'all waves');
  const { revisions } = (await world.daemon().handlers.history()) as {
    readonly revisions: readonly { readonly created: number; readonly blocked: number }[];
  };
  t.deepEqual(
    revisions.map(({ created, blocked }) => ({ created, blocked })),
    [{ created: 4, blocked: 0 }],
  );
});

test('what was there and is deleted by hand is made again at once, whatever its wave waits for', async (t) => {
  const world = await started(t);
  const settings = (wave: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late, annotations: {pintle.dev/sync-wave: "${wave}"}}\n`;
  const first = await world.push({ 'late.yaml': settings('3') });
  await world.until(healthyAt(first), 'the ConfigMap');
  const never = simulatedManifest({ replicas: 1, behaviour: { readyAfterMs: 1_000_000_000 } });
  const second = await world.push({ 'web.yaml': never });
  await world.until(({ revision }) => revision === second, 'a wave that is never well');
  await world
    .daemon()
    .client.delete({ group: '', kind: 'ConfigMap', namespace: 'default', name: 'late' }, {}, person);
  await world.until(
    ({ objects }) => objects.some(({ ref, live }) => ref.name === 'late' && live !== null),
    'the ConfigMap to be back',
  );
  t.pass();
});

test('an immutable field says its rule, its place and the annotation; with it the object is replaced', async (t) => {
  const world = await started(t);
  const settings = (value: string, annotations = ''): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: fixed\n  annotations: {${annotations}}\nimmutable: true\ndata:\n  key: ${value}\n`;
  const first = await world.push({ 'a.yaml': settings('one') });
  await world.until(healthyAt(first), 'the ConfigMap');
  const second = await world.push({ 'a.yaml': settings('two') });
  const report = await world.until(({ revision }) => revision === second, 'the second commit');
  const status = report.objects.find(({ ref }) => ref.name === 'fixed');
  t.is(status?.syncReason, 'immutable-field');
  t.regex(status?.syncDetail ?? '', /^a\.yaml:7:\d+ immutable-field: data .*pintle\.dev\/replace: allowed/);
  const third = await world.push({ 'a.yaml': settings('two', 'pintle.dev/replace: allowed') });
  await world.until(healthyAt(third), 'the replacement');
  t.true(commitsSeen(world).includes('replace ConfigMap default/fixed'));
});

test('a claim is never replaced, whatever its annotation says', async (t) => {
  const world = await started(t);
  const claim = (mode: string): string =>
    `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, annotations: {pintle.dev/replace: allowed}}\nspec: {accessModes: [${mode}], resources: {requests: {storage: 1Gi}}}\n`;
  const first = await world.push({ 'a.yaml': claim('ReadWriteOnce') });
  await world.until(healthyAt(first), 'the claim');
  const second = await world.push({ 'a.yaml': claim('ReadWriteMany') });
  const report = await world.until(({ revision }) => revision === second, 'the second commit');
  t.is(report.objects[0]?.syncReason, 'immutable-field');
  t.deepEqual(commitsSeen(world), ['create PersistentVolumeClaim default/data']);
});

test('a workload comes once its claim is bound', async (t) => {
  const world = await started(t);
  const files = {
    'c.yaml':
      'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: "", accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n',
    'd.yaml': `apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  containers: [{name: db, image: host, command: [db], volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`,
  };
  const commit = await world.push(files);
  const report = await world.until(({ revision }) => revision === commit, 'the claim');
  t.deepEqual(waiting(report), ['Pod db']);
  await world.pass(60_000);
  t.deepEqual(commitsSeen(world), ['create PersistentVolumeClaim default/data']);
  await world.daemon().client.create(
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'disk' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '2Gi' },
        csi: { driver: 'example.com', volumeHandle: 'disk' },
      },
    },
    person,
  );
  await world.until((latest) => waiting(latest).length === 0, 'the pod');
  t.deepEqual(commitsSeen(world).slice(1), ['create Pod default/db']);
});

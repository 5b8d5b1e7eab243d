import test from 'ava';
import { BEHAVIOUR_ANNOTATION } from '../runtime/simulated/simulated-behaviour.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { commitTo, memoryRepository } from '../testing/memory-git.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';
import { offlinePlan } from './offline-plan.ts';
import { sourceReader } from './source-reader.ts';

const migration = `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: default}
spec:
  ttlSecondsAfterFinished: 5
  template:
    metadata: {annotations: {${BEHAVIOUR_ANNOTATION}: '{"exitAfterMs": 1000}'}}
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: host}]
`;

function planOf(world: SimulatedWorld, revision: string | null = null) {
  const repository = memoryRepository(world.git);
  const schema = builtinSchema();
  const of = { repository, branch: 'main', schema };
  const reader = sourceReader({ ...of, path: '', allowHostAccess: true });
  return offlinePlan({ ...of, reader, statusBranch: 'pintle/status', revision });
}

test('offline: a settled tree has nothing to change, though a Job was removed by its TTL; a commit shows what it changes', async (t) => {
  const world = simulatedWorld();
  await world.start();
  t.teardown(() => world.kill());
  const first = await world.push({ 'web.yaml': simulatedManifest({}), 'migrate.yaml': migration });
  await world.until(({ revision, health }) => revision === first && health === 'Healthy', 'all is well');
  await world.pass(60_000);
  t.deepEqual(world.disk.objects('/batch/jobs/'), []);
  const healed = world.events.filter((event) => event.type === 'object' && event.heals);
  t.deepEqual(healed, [], 'what the API adds to an object is no drift');
  t.like(await planOf(world), { changes: [], blocked: [] });

  await world.stop();
  const next = simulatedManifest({ replicas: 5 });
  const second = await world.push({ 'web.yaml': next, 'migrate.yaml': null });
  const { changes, revision } = await planOf(world);
  t.is(revision, second);
  t.deepEqual(
    changes.map((change) => [change.action, change.ref.kind]),
    [['patch', 'Deployment']],
  );
  t.like(await planOf(world, first), { revision: first, changes: [] });
});

test('offline: a status branch that is not there, or that cannot be read, is told', async (t) => {
  const world = simulatedWorld();
  await world.push({ 'web.yaml': simulatedManifest({}) });
  await t.throwsAsync(planOf(world), { code: 'NO_STATUS_COMMIT' });
  const write = (files: Readonly<Record<string, string>>) =>
    commitTo(world.git, { branch: 'pintle/status', files, message: 'by hand', atMs: 0 });
  await write({ 'status.json': '{' });
  await t.throwsAsync(planOf(world), { code: 'BAD_STATUS_COMMIT' });
  await write({ 'status.json': '{"revision": "main"}', 'objects/default/Pod/a.yaml': 'a: [' });
  await t.throwsAsync(planOf(world), { code: 'BAD_STATUS_COMMIT' });
});

import test, { type ExecutionContext } from 'ava';
import type { GitRepository } from '../git/repository.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { memoryRepository } from '../testing/memory-git.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt, type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';
import { offlinePlan } from './offline-plan.ts';
import { sourceReader } from './source-reader.ts';

const schema = builtinSchema();
const secret = (token: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: api, annotations: {note: "it is ${token}"}}\nstringData: {token: ${token}}\n`;
const configMap = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: value}\n`;
const files = {
  'web.yaml': simulatedManifest({ deadlineSeconds: 30 }),
  'api.yaml': secret('hunter2-hunter2'),
  'old.yaml': configMap('old'),
};

/** A world whose first commit is live and shown on the status branch. */
async function shown(t: ExecutionContext): Promise<SimulatedWorld> {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const first = await world.push(files);
  await world.until(healthyAt(first), 'the first commit to be live');
  await world.pass(10_000);
  return world;
}

async function planned(
  world: SimulatedWorld,
  statusBranch = 'pintle/status',
  repository: GitRepository = memoryRepository(world.git),
) {
  const reader = sourceReader({ repository, branch: 'main', path: '', schema, allowHostAccess: false });
  const plan = await offlinePlan({
    repository,
    reader,
    schema,
    statusBranch,
    branch: 'main',
    revision: null,
  });
  return plan.changes.map(({ action, ref }) => `${action} ${ref.kind} ${ref.name}`).sort();
}

/** Commits while no daemon runs; the plan without one, and then of one that is about to apply it. */
async function bothPlans(world: SimulatedWorld, change: Readonly<Record<string, string | null>>) {
  await world.stop();
  const commit = await world.push(change);
  const offline = await planned(world);
  await world.start();
  await world.until(({ revision }) => revision === commit, 'the commit to be applied');
  const done = world.events.flatMap((event) =>
    event.type === 'object' ? [`${event.action} ${event.object}`] : [],
  );
  return { offline, done };
}

test('what is applied needs nothing, Secrets included', async (t) => {
  t.deepEqual(await planned(await shown(t)), []);
});

test('the plan without a daemon is what a daemon does then', async (t) => {
  const world = await shown(t);
  const before = world.events.length;
  const { offline, done } = await bothPlans(world, {
    'web.yaml': simulatedManifest({ deadlineSeconds: 30, replicas: 5 }),
    'api.yaml': secret('correct-horse'),
    'old.yaml': null,
    'new.yaml': configMap('new'),
  });
  t.deepEqual(offline, [
    'create ConfigMap new',
    'patch Deployment web',
    'patch Secret api',
    'prune ConfigMap old',
  ]);
  t.true(before > 0);
  t.deepEqual(
    done
      .slice(-4)
      .map((text) => text.replace('default/', ''))
      .sort(),
    offline,
  );
});

test('a component that is held stays where it is until its manifests change', async (t) => {
  const world = await shown(t);
  const never = { readyAfterMs: 1_000_000_000 };
  await world.push({
    'web.yaml': simulatedManifest({ deadlineSeconds: 30, version: 'two', behaviour: never }),
  });
  await world.until(({ holds, health }) => holds.length === 1 && health === 'Healthy', 'the hold', 200_000);
  await world.pass(10_000);
  t.deepEqual(await planned(world), []);
  await world.push({ 'old.yaml': null });
  t.deepEqual(await planned(world), ['prune ConfigMap old'], 'another component goes on');
  await world.stop();
  await world.push({ 'web.yaml': simulatedManifest({ deadlineSeconds: 30, version: 'three' }) });
  t.true((await planned(world)).includes('patch Deployment web'));
});

test('in a clone the status branch is where git keeps what the remote has', async (t) => {
  const world = await shown(t);
  const clone = memoryRepository(world.git);
  const resolve = clone.resolve.bind(clone);
  clone.resolve = async (ref) =>
    ref === 'refs/heads/pintle/status' ? null : resolve(ref.replace('refs/remotes/origin/', 'refs/heads/'));
  t.deepEqual(await planned(world, 'pintle/status', clone), []);
});

test('a repository without a status commit is told apart', async (t) => {
  await t.throwsAsync(planned(await shown(t), 'pintle/other'), { code: 'NO_STATUS_COMMIT' });
});

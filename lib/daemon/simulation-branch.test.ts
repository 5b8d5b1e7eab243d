import test from 'ava';
import { commitTo, forceRef } from '../testing/memory-git.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt, simulatedWorld } from '../testing/simulated-world.ts';
import { podsOn, statusBranchLag } from '../testing/world-picture.ts';

const MAIN = 'refs/heads/main';

test('a repository without a commit, and one without the branch, are states that a push ends', async (t) => {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const empty = await world.until(({ sync }) => sync === 'NoRevision', 'the empty repository to be told');
  t.is(empty.head, null);
  await commitTo(world.git, { branch: 'other', files: { 'a.yaml': 'x: 1' }, message: 'Other\n', atMs: 0 });
  await world.pass(30_000);
  t.is(world.daemon().report()?.sync, 'NoRevision');
  const first = await world.push({ 'web.yaml': simulatedManifest({}) });
  await world.until(healthyAt(first), 'the first commit to be live');
  t.is(await statusBranchLag(world), null);
});

test('a branch that is deleted takes nothing with it, and is followed again when it is back', async (t) => {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const first = await world.push({ 'web.yaml': simulatedManifest({}) });
  await world.until(healthyAt(first), 'the first commit to be live');
  forceRef(world.git, MAIN, null);
  const gone = await world.until(({ head }) => head === null, 'the branch to be missed');
  t.is(gone.revision, first);
  await world.pass(60_000);
  world.kill();
  await world.start();
  await world.pass(60_000);
  t.is(podsOn(world.disk).length, 3, 'its pods run on');
  forceRef(world.git, MAIN, first);
  await world.until(healthyAt(first), 'the branch to be back');
  const second = await world.push({ 'web.yaml': simulatedManifest({ replicas: 1 }) });
  await world.until(healthyAt(second), 'it to be followed');
});

test('a force-push to an unrelated history is a commit like any other', async (t) => {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const first = await world.push({ 'web.yaml': simulatedManifest({}) });
  await world.until(healthyAt(first), 'the first commit to be live');
  const uids = (): readonly (string | undefined)[] =>
    podsOn(world.disk)
      .map(({ metadata }) => metadata.uid)
      .sort();
  const before = uids();
  const unrelated = await commitTo(world.git, {
    branch: 'main',
    files: { 'elsewhere/web.yaml': simulatedManifest({}) },
    message: 'Another history\n',
    atMs: world.clock.now(),
    orphan: true,
  });
  await world.until(healthyAt(unrelated), 'the other history to be live');
  await world.pass(10_000);
  t.deepEqual(uids(), before, 'the same objects in another file stay what they are');
  // And back: the commit was applied before.
  forceRef(world.git, MAIN, first);
  await world.until(healthyAt(first), 'the first history to be back');
  t.deepEqual(uids(), before);
});

test('commits that follow one another faster than they can be applied end with the last', async (t) => {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  let last = '';
  for (let version = 1; version <= 20; version += 1) {
    last = await world.push({ 'web.yaml': simulatedManifest({ version: `v${version}` }) });
    await world.pass(version * 37);
  }
  await world.until(healthyAt(last), 'the last commit to be live');
  await world.pass(10_000);
  t.is(podsOn(world.disk).length, 3);
  t.is(await statusBranchLag(world), null);
});

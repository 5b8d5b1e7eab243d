import test from 'ava';
import { timings } from '../base/limits.ts';
import { silentLog } from '../base/log.ts';
import { manualClock } from '../base/manual-clock.ts';
import { commitTo, memoryGit, memoryRepository } from '../testing/memory-git.ts';
import { standingTroubles } from './standing-troubles.ts';
import { watchSource } from './watch-source.ts';

async function scene() {
  const git = memoryGit();
  const clock = manualClock(0);
  const changes: number[] = [];
  const commit = async (branch: string, text: string): Promise<void> => {
    await commitTo(git, { branch, files: { 'a.yaml': text }, message: text, atMs: clock.now() });
    await clock.run(1);
  };
  await commit('main', 'one');
  const watch = await watchSource({
    repository: memoryRepository(git),
    ...{ branch: 'main', statusBranch: 'pintle/status', wasApplied: () => false },
    ...{ pollIntervalMs: 15_000, clock, log: silentLog() },
    troubles: standingTroubles({ now: clock.now, tell: () => {} }),
    onChange: () => changes.push(clock.now()),
  });
  await clock.run(1);
  return { git, clock, changes, commit, watch };
}

test('the branch that is followed is told of as it moves; the status branch and others are not', async (t) => {
  const { changes, commit, watch } = await scene();
  t.is(changes.length, 1, 'the first look');
  await commit('pintle/status', 'status');
  await commit('feature', 'other');
  t.is(changes.length, 1);
  await commit('main', 'two');
  t.is(changes.length, 2);
  await commit('pintle/status', 'status again');
  t.is(changes.length, 2);
  await watch.close();
});

test('now and then it is looked at whether it moved or not; not after the end', async (t) => {
  const { clock, changes, commit, watch } = await scene();
  await clock.run(3 * timings.branchCheckMs);
  t.is(changes.length, 4);
  await watch.close();
  await commit('main', 'two');
  await clock.run(3 * timings.branchCheckMs);
  t.is(changes.length, 4);
});

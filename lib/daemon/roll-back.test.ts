import test from 'ava';
import { trailerOf } from '../git/commit-message.ts';
import type { GitRepository } from '../git/repository.ts';
import { emptySourceState, type SourceState } from '../plan/source-state.ts';
import { commitTo, memoryGit, memoryRepository } from '../testing/memory-git.ts';
import { rollBack } from './roll-back.ts';

type Tree = Readonly<Record<string, string | null>>;

/** A branch with these commits, all of them applied unless `applied` says how many. */
async function scene(
  trees: readonly Tree[],
  options: { readonly path?: string; readonly applied?: number } = {},
) {
  const git = memoryGit();
  const repository = memoryRepository(git);
  const commits: string[] = [];
  for (const [at, files] of trees.entries())
    commits.push(await commitTo(git, { branch: 'main', files, message: `Change ${at}\n`, atMs: at }));
  const entry = (revision: string) => ({
    revision,
    atMs: 0,
    subject: '',
    created: 0,
    changed: 0,
    pruned: 0,
    blocked: 0,
  });
  const state: SourceState = {
    ...emptySourceState({ name: 'main', location: '', branch: 'main', path: options.path ?? '' }),
    history: commits
      .slice(0, options.applied ?? commits.length)
      .map(entry)
      .reverse(),
  };
  const files = async (revision = 'refs/heads/main'): Promise<Record<string, string>> => {
    const tree = await repository.listTree((await repository.resolve(revision)) ?? '', '');
    const blobs = await repository.readBlobs(
      tree.map(({ oid }) => oid),
      1_000,
    );
    return Object.fromEntries(
      tree.map(({ path, oid }) => {
        const blob = blobs.get(oid);
        return [path, blob?.kind === 'bytes' ? Buffer.from(blob.bytes).toString() : ''];
      }),
    );
  };
  const back = (revision: string | null = null, on: GitRepository = repository) =>
    rollBack({ repository: on, state, revision, now: 9_000 });
  return { git, repository, commits, state, files, back };
}

test('the state of before is committed on top: what changed, came and went', async (t) => {
  const { commits, files, back, repository } = await scene([
    { 'a.yaml': 'one', 'gone.yaml': 'x', 'deep/b.yaml': 'one' },
    { 'a.yaml': 'two', 'gone.yaml': null, 'new.yaml': 'x' },
  ]);
  const { commit, from, to } = await back();
  t.deepEqual([from, to], [commits[1], commits[0]]);
  t.deepEqual(await files(), { 'a.yaml': 'one', 'deep/b.yaml': 'one', 'gone.yaml': 'x' });
  const info = await repository.commit(commit);
  t.deepEqual(info.parents, [commits[1]]);
  t.is(trailerOf(info.message, 'Pintle-Rollback-To'), commits[0] ?? null);
});

test('a named revision, by a short name too', async (t) => {
  const { commits, files, back } = await scene([
    { 'a.yaml': 'one' },
    { 'a.yaml': 'two' },
    { 'a.yaml': 'three' },
  ]);
  await back(commits[0]?.slice(0, 10));
  t.deepEqual(await files(), { 'a.yaml': 'one' });
});

test('a commit that was pushed but not applied yet goes back to the newest that was', async (t) => {
  const { commits, back } = await scene([{ 'a.yaml': 'one' }, { 'a.yaml': 'two' }, { 'a.yaml': 'three' }], {
    applied: 2,
  });
  t.is((await back()).to, commits[1] ?? '');
});

test("what is outside of the source's path stays", async (t) => {
  const { files, back } = await scene(
    [
      { 'deploy/a.yaml': 'one', 'README.md': 'one' },
      { 'deploy/a.yaml': 'two', 'README.md': 'two' },
    ],
    { path: 'deploy' },
  );
  await back();
  t.deepEqual(await files(), { 'deploy/a.yaml': 'one', 'README.md': 'two' });
});

test('what cannot be gone back to is said', async (t) => {
  const { back, commits } = await scene([{ 'a.yaml': 'one' }]);
  await t.throwsAsync(back(), { code: 'NO_EARLIER_REVISION' });
  await t.throwsAsync(back('no-such'), { code: 'UNKNOWN_REVISION' });
  await t.throwsAsync(back(commits[0]), { code: 'NOTHING_TO_ROLL_BACK' });
  const empty = await scene([]);
  await t.throwsAsync(empty.back(), { code: 'NO_EARLIER_REVISION' });
});

test('somebody who pushes meanwhile is not overwritten', async (t) => {
  const { git, files, back, repository } = await scene([{ 'a.yaml': 'one' }, { 'a.yaml': 'two' }]);
  let races = 1;
  const racing: GitRepository = new Proxy(repository, {
    get(target, name) {
      if (name === 'publish' && races > 0) {
        return async (...args: Parameters<GitRepository['publish']>) => {
          races -= 1;
          await commitTo(git, {
            branch: 'main',
            files: { 'b.yaml': 'theirs' },
            message: 'Theirs\n',
            atMs: 5,
          });
          return target.publish(...args);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await back(null, racing);
  // Their file is not of the revision that was asked for; their commit is in the history.
  t.deepEqual(await files(), { 'a.yaml': 'one' });
  t.deepEqual(await files('main~1'), { 'a.yaml': 'two', 'b.yaml': 'theirs' });
});

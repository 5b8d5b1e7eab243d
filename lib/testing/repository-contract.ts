import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../base/clock.ts';
import { codeOf } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { type OpenOptions, openRepository } from '../git/open-repository.ts';
import type { GitRepository, NewCommit, Oid } from '../git/repository.ts';
import { GitServer } from './git-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { type TemporaryRepository, temporaryRepository } from './temporary-repository.ts';

export const settings = ['a bare repository', 'a working tree', 'a linked worktree', 'a remote'] as const;
export type Setting = (typeof settings)[number];

export type Scene = {
  readonly repository: GitRepository;
  /** git in the repository that holds the truth (the remote's own, for a mirror). */
  readonly git: TemporaryRepository['git'];
  /** Commits on main as a user, where the truth is, and fetches. */
  readonly commit: TemporaryRepository['commit'];
  /** The repository that holds the truth. */
  readonly path: string;
  /** Opens the same location once more (its own mirror). */
  another(): Promise<GitRepository>;
};

export type EngineKind = 'git' | 'isomorphic';

/** Everything a test needs of one setting; closed and removed with the test. */
export async function openScene(t: ExecutionContext, engine: EngineKind, setting: Setting): Promise<Scene> {
  const directory = await temporaryDirectory(t);
  const work = await temporaryRepository(join(directory, 'work'));
  await work.commit({ 'README.md': 'hello\n' }, 'First');
  const bare = setting === 'a working tree' || setting === 'a linked worktree' ? null : 'bare.git';
  if (bare !== null) await work.git('clone', '-q', '--bare', '.', join(directory, bare));
  const path = join(directory, bare ?? 'work');
  let location = path;
  if (setting === 'a remote') location = (await GitServer.start(t, { root: directory })).url('bare.git');
  if (setting === 'a linked worktree') {
    location = join(directory, 'linked');
    await work.git('worktree', 'add', '-q', '--detach', location);
  }
  let opened = 0;
  const open = async (): Promise<GitRepository> => {
    opened += 1;
    const mirrorDirectory = join(directory, `mirrors-${opened}`);
    const repository = await openForTest({ location, mirrorDirectory, engine });
    t.teardown(() => repository.close());
    await repository.fetch([]);
    return repository;
  };
  const repository = await open();
  const git: TemporaryRepository['git'] = (...words) => work.git('-C', path, ...words);
  return {
    repository,
    git,
    path,
    another: open,
    async commit(files, message) {
      const oid = await work.commit(files, message);
      if (bare !== null) await work.git('push', '-q', '--force', path, 'main');
      await repository.fetch([]);
      return oid;
    },
  };
}

export function openForTest(
  options: Omit<OpenOptions, 'clock' | 'log'> & Partial<OpenOptions>,
): Promise<GitRepository> {
  return openRepository({ clock: systemClock(), log: silentLog(), ...options });
}

/** A commit of one file on top of another commit. */
export function newCommit(parent: Oid | null, files: Readonly<Record<string, string | null>>): NewCommit {
  return {
    parents: parent === null ? [] : [parent],
    baseCommit: parent,
    changes: Object.entries(files).map(([path, text]) => ({
      path,
      bytes: text === null ? null : Buffer.from(text),
    })),
    message: 'Written by a test\n',
    author: { name: 'Pintle', email: 'pintle@example.com', atMs: 1_700_000_123_000 },
  };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

type Example = (t: ExecutionContext, scene: Scene) => Promise<void>;

const examples: Readonly<Record<string, Example>> = {
  async 'resolves branches, full refs, HEAD, tags, names of commits and steps back'(t, scene) {
    const first = await scene.repository.resolve('main');
    const second = await scene.commit({ 'a.yaml': 'a' }, 'Second');
    const third = await scene.commit({ 'a.yaml': 'b' }, 'Third');
    await scene.git('tag', '-a', '-m', 'a tag', 'v1', second);
    await scene.git('tag', 'light', third);
    await scene.git('branch', 'team/side', second);
    await scene.repository.fetch([]);
    const expected: Readonly<Record<string, Oid | null>> = {
      main: third,
      'refs/heads/main': third,
      'team/side': second,
      v1: second,
      light: third,
      [third]: third,
      [third.slice(0, 12)]: third,
      'main~1': second,
      'main^': second,
      'main~2': first,
      'main^^': first,
      'v1~': first,
      'main~3': null,
      'main^2': null,
      absent: null,
      'refs/heads/absent': null,
      '0123456789': null,
      ['0'.repeat(39)]: null,
      ['ab'.repeat(20)]: null,
    };
    for (const [revision, oid] of Object.entries(expected)) {
      t.is(await scene.repository.resolve(revision), oid, revision);
    }
  },

  async 'refuses what is not a revision'(t, scene) {
    for (const revision of [
      '',
      '-x',
      '--all',
      'main:a',
      ':/x',
      'main@{1}',
      'a..b',
      'a b',
      'a\nb',
      'x^{/y}',
    ]) {
      const error = await t.throwsAsync(scene.repository.resolve(revision), undefined, revision);
      t.is(codeOf(error), 'INVALID_REVISION', revision);
    }
  },

  async 'reads a commit, its signatures and its message'(t, scene) {
    const parent = await scene.repository.resolve('main');
    const oid = await scene.commit({ a: '1' }, 'Grüße\n\nBody.\n\nKey: value');
    const commit = await scene.repository.commit(oid);
    t.deepEqual(commit.parents, [parent]);
    t.is(commit.message, 'Grüße\n\nBody.\n\nKey: value\n');
    t.is(commit.author.name, 'Ada');
    t.is(commit.author.email, 'ada@example.com');
    t.is(commit.committer.name, 'Grace');
    t.true(commit.author.atMs >= 1_700_000_000_000 && commit.author.atMs < 1_700_000_100_000);
    t.is(commit.tree, await scene.git('rev-parse', `${oid}^{tree}`));
  },

  async 'a commit that is not there is a failure that says so'(t, scene) {
    const error = await t.throwsAsync(scene.repository.commit('ab'.repeat(20)));
    t.is(codeOf(error), 'GIT_FAILED');
    t.false(await scene.repository.isAncestor('ab'.repeat(20), 'cd'.repeat(20)));
  },

  async 'logs first parents, newest first, up to a number'(t, scene) {
    const first = await scene.repository.resolve('main');
    const second = await scene.commit({ a: '1' });
    const third = await scene.commit({ a: '2' });
    const oids = async (max: number): Promise<readonly Oid[]> =>
      (await scene.repository.log(third, max)).map((commit) => commit.oid);
    t.deepEqual(await oids(10), [third, second, first]);
    t.deepEqual(await oids(2), [third, second]);
    t.deepEqual(await oids(0), []);
  },

  async 'knows ancestors'(t, scene) {
    const first = (await scene.repository.resolve('main')) ?? '';
    const second = await scene.commit({ a: '1' });
    const side = await scene.repository.writeCommit(newCommit(first, { b: '1' }));
    t.true(await scene.repository.isAncestor(first, second));
    t.true(await scene.repository.isAncestor(second, second));
    t.false(await scene.repository.isAncestor(second, first));
    t.false(await scene.repository.isAncestor(side, second));
    t.true(await scene.repository.isAncestor(first, side));
  },

  async 'lists files of a directory, in order, with their kinds'(t, scene) {
    const commit = await scene.commit({
      'shop/web.yaml': 'web',
      'shop/web/a.yaml': 'a',
      'shop/ünï cödé.yaml': 'u',
      'shop-extra/x.yaml': 'x',
      'z.json': '{}',
    });
    const paths = async (directory: string): Promise<readonly string[]> =>
      (await scene.repository.listTree(commit, directory)).map((file) => file.path);
    t.deepEqual(await paths(''), [
      'README.md',
      'shop-extra/x.yaml',
      'shop/web.yaml',
      'shop/web/a.yaml',
      'shop/ünï cödé.yaml',
      'z.json',
    ]);
    t.deepEqual(await paths('shop'), ['shop/web.yaml', 'shop/web/a.yaml', 'shop/ünï cödé.yaml']);
    t.deepEqual(await paths('./shop/web/'), ['shop/web/a.yaml']);
    t.deepEqual(await paths('absent'), []);
    t.deepEqual(await paths('z.json'), []);
    const [file] = await scene.repository.listTree(commit, 'shop/web');
    t.is(file?.oid, await scene.git('rev-parse', `${commit}:shop/web/a.yaml`));
    t.is(file?.mode, 'file');
    t.is(codeOf(await t.throwsAsync(scene.repository.listTree(commit, '../x'))), 'INVALID_PATH');
  },

  async 'reads blobs, leaves large ones, and says which are missing'(t, scene) {
    const binary = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 7) % 256);
    const commit = await scene.commit({ empty: '', small: 'small\n', binary });
    const files = new Map((await scene.repository.listTree(commit, '')).map((file) => [file.path, file.oid]));
    const oid = (path: string): Oid => files.get(path) ?? '';
    const absent = 'ab'.repeat(20);
    const blobs = await scene.repository.readBlobs([...files.values(), absent, oid('small')], 65_536);
    t.deepEqual(blobs.get(oid('binary')), { kind: 'too-large', sizeBytes: 70_000 });
    t.deepEqual(blobs.get(absent), { kind: 'missing' });
    const small = blobs.get(oid('small'));
    t.is(small?.kind === 'bytes' ? text(small.bytes) : null, 'small\n');
    const empty = blobs.get(oid('empty'));
    t.is(empty?.kind === 'bytes' ? empty.bytes.length : null, 0);
    const whole = (await scene.repository.readBlobs([oid('binary')], 70_000)).get(oid('binary'));
    t.deepEqual(whole?.kind === 'bytes' ? Uint8Array.from(whole.bytes) : null, binary);
    const tree = (await scene.repository.commit(commit)).tree;
    t.deepEqual((await scene.repository.readBlobs([tree], 100)).get(tree), { kind: 'missing' });
  },

  async 'goes on reading after references and objects were packed'(t, scene) {
    const before = await scene.commit({ a: '1' });
    t.is(await scene.repository.resolve('main'), before);
    await scene.git('gc', '-q', '--prune=now');
    t.is(await scene.repository.resolve('main'), before);
    const after = await scene.commit({ a: '2' });
    t.is(await scene.repository.resolve('main'), after);
    t.is((await scene.repository.log(after, 10)).length, 3);
  },

  async 'writes a commit that git finds whole, and moves nothing'(t, scene) {
    const base = await scene.commit({ 'a/b.yaml': 'b', 'a/c.yaml': 'c', 'd.yaml': 'd' });
    const written = await scene.repository.writeCommit(
      newCommit(base, {
        'a/b.yaml': 'B',
        'a/c.yaml': null,
        'e/f/g.yaml': 'g',
        'd.yaml/now-a-directory': 'x',
      }),
    );
    t.is(await scene.repository.resolve('main'), base);
    t.is(await scene.repository.publish('pintle/status', written, null), 'published');
    t.is(await scene.git('rev-parse', 'refs/heads/pintle/status'), written);
    t.deepEqual((await scene.git('ls-tree', '-r', '--name-only', written)).split('\n'), [
      'README.md',
      'a/b.yaml',
      'd.yaml/now-a-directory',
      'e/f/g.yaml',
    ]);
    t.is(await scene.git('show', `${written}:a/b.yaml`), 'B');
    t.is(
      await scene.git('log', '-1', '--format=%an %ae %at %P', written),
      `Pintle pintle@example.com 1700000123 ${base}`,
    );
    await t.notThrowsAsync(scene.git('fsck', '--strict', '--no-dangling'));
  },

  async 'writes an orphan commit of many files'(t, scene) {
    const files = Object.fromEntries(
      Array.from({ length: 150 }, (_, at) => [`objects/${at % 7}/${at}`, `${at}`]),
    );
    const written = await scene.repository.writeCommit(newCommit(null, files));
    t.is((await scene.repository.listTree(written, 'objects')).length, 150);
    t.is(await scene.repository.publish('many', written, null), 'published');
    t.is((await scene.git('ls-tree', '-r', '--name-only', written)).split('\n').length, 150);
    await t.notThrowsAsync(scene.git('fsck', '--strict', '--no-dangling'));
  },

  async 'publishes only over what was expected'(t, scene) {
    const { repository } = scene;
    const main = (await repository.resolve('main')) ?? '';
    const one = await repository.writeCommit(newCommit(main, { s: '1' }));
    const two = await repository.writeCommit(newCommit(one, { s: '2' }));
    const other = await repository.writeCommit(newCommit(main, { s: 'other' }));
    t.is(await repository.publish('status', two, one), 'raced');
    t.is(await repository.publish('status', one, null), 'published');
    t.is(await repository.publish('status', two, null), 'raced');
    t.is(await repository.publish('status', two, one), 'published');
    t.is(await repository.publish('status', two, one), 'published');
    t.is(await repository.publish('status', other, two), 'published');
    t.is(await repository.resolve('status'), other);
    t.is(await scene.git('rev-parse', 'refs/heads/status'), other);
  },

  async 'is raced by somebody else who moved the branch'(t, scene) {
    const { repository } = scene;
    const main = (await repository.resolve('main')) ?? '';
    const ours = await repository.writeCommit(newCommit(main, { s: 'ours' }));
    await scene.git('update-ref', 'refs/heads/status', main);
    t.is(await repository.publish('status', ours, null), 'raced');
    await repository.fetch(['status']);
    t.is(await repository.resolve('status'), main);
    t.is(await repository.publish('status', ours, main), 'published');
  },

  async 'of many who publish at once exactly one wins'(t, scene) {
    const { repository } = scene;
    const main = (await repository.resolve('main')) ?? '';
    const second = await scene.another();
    const contenders = await Promise.all(
      [0, 1, 2, 3, 4, 5].map(async (at) => {
        const by = at % 2 === 0 ? repository : second;
        return { by, commit: await by.writeCommit(newCommit(main, { s: `${at}` })) };
      }),
    );
    const outcomes = await Promise.all(contenders.map(({ by, commit }) => by.publish('s', commit, null)));
    t.is(outcomes.filter((outcome) => outcome === 'published').length, 1);
    t.is(
      await scene.git('rev-parse', 'refs/heads/s'),
      contenders[outcomes.indexOf('published')]?.commit ?? '',
    );
  },

  async 'refuses names that are no branches and paths that are no files'(t, scene) {
    const main = (await scene.repository.resolve('main')) ?? '';
    for (const branch of ['-x', '../x', 'a..b', 'HEAD', '', 'a b', 'refs/heads/', 'x.lock']) {
      const error = await t.throwsAsync(scene.repository.publish(branch, main, null), undefined, branch);
      t.is(codeOf(error), 'INVALID_REF_NAME', branch);
    }
    for (const path of ['', '/a', 'a//b', '../a', 'a/../b', '.git/config', 'a/.GIT/x', 'a\0b']) {
      const error = await t.throwsAsync(scene.repository.writeCommit(newCommit(main, { [path]: 'x' })));
      t.is(codeOf(error), 'INVALID_PATH', path);
    }
  },

  async 'follows a branch that was rewritten, and one that was deleted'(t, scene) {
    const first = (await scene.repository.resolve('main')) ?? '';
    await scene.commit({ a: '1' });
    await scene.git('branch', 'gone', first);
    await scene.repository.fetch([]);
    t.is(await scene.repository.resolve('gone'), first);
    const rewritten = await scene.repository.writeCommit(newCommit(first, { a: 'rewritten' }));
    await scene.repository.publish('elsewhere', rewritten, null);
    await scene.git('update-ref', 'refs/heads/main', rewritten);
    await scene.git('update-ref', '-d', 'refs/heads/gone');
    await scene.repository.fetch(['main', 'gone']);
    t.is(await scene.repository.resolve('main'), rewritten);
    t.is(await scene.repository.resolve('gone'), null);
  },

  async 'an empty repository and one without the branch are states, not errors'(t, scene) {
    await scene.git('update-ref', '-d', 'refs/heads/main');
    await scene.repository.fetch(['main']);
    t.is(await scene.repository.resolve('main'), null);
    t.is(await scene.repository.resolve('main~2'), null);
  },

  async 'a repository that went away is missing, not empty'(t, scene) {
    await rename(scene.path, `${scene.path}-moved`);
    const error = await t.throwsAsync(
      (async () => {
        await scene.repository.fetch(['main']);
        await scene.repository.resolve('absent');
      })(),
    );
    t.is(codeOf(error), 'REPOSITORY_MISSING');
  },
};

/** The contract of the port, over one engine and one setting; `without`: examples that make no sense there. */
export function repositoryContract(
  engine: string,
  setting: Setting,
  options: {
    readonly open: (t: ExecutionContext) => Promise<Scene>;
    readonly without?: readonly string[];
  },
): void {
  for (const [title, example] of Object.entries(examples)) {
    if (options.without?.includes(title) === true) continue;
    test(`${engine}, ${setting}: ${title}`, async (t) => {
      await example(t, await options.open(t));
    });
  }
}

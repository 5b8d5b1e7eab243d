import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { codeOf } from '../base/errors.ts';
import { GitServer } from '../testing/git-server.ts';
import { newCommit, openForTest } from '../testing/repository-contract.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { temporaryRepository } from '../testing/temporary-repository.ts';
import { until } from '../testing/until.ts';

const mirrorDirectory = '/nonexistent/mirrors';

for (const engine of ['git', 'isomorphic'] as const) {
  test(`${engine}: a directory that cannot be written is a failure that passes`, async (t) => {
    const work = await temporaryRepository(join(await temporaryDirectory(t), 'work'));
    const main = await work.commit({ a: '1' });
    const repository = await openForTest({ location: work.path, mirrorDirectory, engine });
    t.teardown(() => repository.close());
    const heads = join(work.gitDirectory, 'refs/heads');
    await rename(heads, `${heads}-away`);
    await writeFile(heads, 'in the way');
    t.is(codeOf(await t.throwsAsync(repository.publish('s', main, null))), 'GIT_FAILED');
    await rm(heads);
    await rename(`${heads}-away`, heads);
    t.is(await repository.publish('s', main, null), 'published');
  });

  test(`${engine}: a working tree, its index, its hooks and its configuration are left alone`, async (t) => {
    const directory = await temporaryDirectory(t);
    const work = await temporaryRepository(join(directory, 'work'));
    await work.commit({ a: '1' });
    await writeFile(join(work.path, 'a'), 'edited');
    const traces = join(directory, 'traces');
    await mkdir(traces);
    await mkdir(join(work.gitDirectory, 'hooks'), { recursive: true });
    for (const hook of ['reference-transaction', 'post-commit', 'pre-push', 'update']) {
      await writeFile(join(work.gitDirectory, 'hooks', hook), `#!/bin/sh\ntouch ${traces}/${hook}\n`);
      await chmod(join(work.gitDirectory, 'hooks', hook), 0o755);
    }
    await work.git('config', 'core.fsmonitor', `touch ${traces}/fsmonitor`);
    await work.git('config', 'core.hooksPath', join(work.gitDirectory, 'hooks'));
    await work.git('config', 'commit.gpgSign', 'true');
    await work.git('config', 'gpg.program', `${traces}/absent`);
    const index = await readFile(join(work.gitDirectory, 'index'));
    const repository = await openForTest({ location: work.path, mirrorDirectory, engine });
    t.teardown(() => repository.close());
    const main = (await repository.resolve('main')) ?? '';
    const commit = await repository.writeCommit(newCommit(main, { a: '2', b: '2' }));
    t.is(await repository.publish('pintle/status', commit, null), 'published');
    await repository.listTree(commit, '');
    t.is(await readFile(join(work.path, 'a'), 'utf8'), 'edited');
    t.deepEqual(await readFile(join(work.gitDirectory, 'index')), index);
    t.deepEqual(await readdir(traces), []);
  });

  test(`${engine}: what is no repository is missing, what is a transport of git's is refused`, async (t) => {
    const directory = await temporaryDirectory(t);
    const cases = [
      { location: directory, code: 'REPOSITORY_MISSING' },
      { location: join(directory, 'absent'), code: 'REPOSITORY_MISSING' },
      { location: `file://${directory}`, code: 'UNSUPPORTED_TRANSPORT' },
      { location: `ext::touch ${directory}/x`, code: 'UNSUPPORTED_TRANSPORT' },
    ];
    for (const { location, code } of cases) {
      const error = await t.throwsAsync(openForTest({ location, mirrorDirectory, engine }));
      t.is(codeOf(error), code, location);
    }
  });

  test(`${engine}: a lock that somebody holds is a failure that passes`, async (t) => {
    const work = await temporaryRepository(join(await temporaryDirectory(t), 'work'));
    const main = await work.commit({ a: '1' });
    const repository = await openForTest({ location: work.path, mirrorDirectory, engine });
    t.teardown(() => repository.close());
    const lock = join(work.gitDirectory, 'refs/heads/s.lock');
    await writeFile(lock, '');
    t.is(codeOf(await t.throwsAsync(repository.publish('s', main, null))), 'GIT_FAILED');
    t.is((await stat(lock)).size, 0);
    await work.git('update-ref', 'refs/heads/other', main);
    t.is(await repository.publish('t', main, null), 'published');
  });

  test(`${engine}: a branch cannot be where a directory of branches is, packed or not`, async (t) => {
    const work = await temporaryRepository(join(await temporaryDirectory(t), 'work'));
    const main = await work.commit({ a: '1' });
    const repository = await openForTest({ location: work.path, mirrorDirectory, engine });
    t.teardown(() => repository.close());
    await work.git('branch', 'team/one');
    t.is(codeOf(await t.throwsAsync(repository.publish('team', main, null))), 'GIT_FAILED');
    await work.git('pack-refs', '--all');
    t.is(codeOf(await t.throwsAsync(repository.publish('team', main, null))), 'GIT_FAILED');
    t.is(codeOf(await t.throwsAsync(repository.publish('main/x', main, null))), 'GIT_FAILED');
    await work.git('branch', '-D', 'team/one');
    t.is(await repository.publish('team', main, null), 'published');
    t.is(await repository.resolve('team'), main);
  });

  test(`${engine}: a history that was cut off ends early`, async (t) => {
    const directory = await temporaryDirectory(t);
    const work = await temporaryRepository(join(directory, 'work'));
    for (let at = 0; at < 5; at += 1) await work.commit({ a: `${at}` });
    await work.git('clone', '-q', '--depth', '2', `file://${work.path}`, join(directory, 'shallow'));
    const location = join(directory, 'shallow');
    const repository = await openForTest({ location, mirrorDirectory, engine });
    t.teardown(() => repository.close());
    const main = (await repository.resolve('main')) ?? '';
    t.is((await repository.log(main, 10)).length, 2);
    t.is(await repository.resolve('main~3'), null);
    t.is((await repository.listTree(main, '')).length, 1);
  });

  test(`${engine}: a mirror whose owner was killed in the middle goes on`, async (t) => {
    const directory = await temporaryDirectory(t);
    const work = await temporaryRepository(join(directory, 'work'));
    const main = await work.commit({ a: '1' });
    await work.git('clone', '-q', '--bare', '.', join(directory, 'bare.git'));
    const server = await GitServer.start(t, { root: directory });
    const options = { location: server.url('bare.git'), mirrorDirectory: join(directory, 'm'), engine };
    const first = await openForTest(options);
    const [mirror = ''] = await readdir(options.mirrorDirectory);
    const path = join(options.mirrorDirectory, mirror);
    await mkdir(join(path, 'refs/heads'), { recursive: true });
    await writeFile(join(path, 'refs/heads/main.lock'), '');
    await writeFile(join(path, 'packed-refs.lock'), '');
    await writeFile(join(path, 'objects/pack/tmp_pack_x'), 'half');
    await first.close();
    const second = await openForTest(options);
    t.teardown(() => second.close());
    await second.fetch(['main']);
    t.is(await second.resolve('main'), main);
    t.false((await readdir(join(path, 'objects/pack'))).includes('tmp_pack_x'));
  });
}

test('SHA-256: git reads and writes it, without git it is refused', async (t) => {
  const directory = await temporaryDirectory(t);
  const work = await temporaryRepository(join(directory, 'w'), { initWith: ['--object-format=sha256'] });
  const main = await work.commit({ 'a/b': '1' });
  const error = await t.throwsAsync(
    openForTest({ location: work.path, mirrorDirectory, engine: 'isomorphic' }),
  );
  t.is(codeOf(error), 'UNSUPPORTED_REPOSITORY');
  const repository = await openForTest({ location: work.path, mirrorDirectory, engine: 'git' });
  t.teardown(() => repository.close());
  t.is(await repository.resolve('main'), main);
  const commit = await repository.writeCommit(newCommit(main, { c: '2' }));
  t.is(await repository.publish('s', commit, null), 'published');
  t.deepEqual(
    (await repository.listTree(commit, '')).map((file) => file.path),
    ['a/b', 'c'],
  );
  await t.notThrowsAsync(work.git('fsck', '--strict', '--no-dangling'));
});

test('without git on the path, auto reads by itself, and git is asked for in vain', async (t) => {
  const directory = await temporaryDirectory(t);
  const work = await temporaryRepository(join(directory, 'work'));
  const main = await work.commit({ a: '1' });
  const environment = { PATH: join(directory, 'nothing-here') };
  const repository = await openForTest({ location: work.path, mirrorDirectory, environment });
  t.is(await repository.resolve('main'), main);
  await repository.close();
  const error = await t.throwsAsync(
    openForTest({ location: work.path, mirrorDirectory, environment, engine: 'git' }),
  );
  t.is(codeOf(error), 'GIT_NOT_INSTALLED');
});

test('a partial clone lacks what it lacks, and nothing is fetched for it', async (t) => {
  const directory = await temporaryDirectory(t);
  const work = await temporaryRepository(join(directory, 'work'));
  const main = await work.commit({ a: '1', b: '2' });
  await work.git('config', 'uploadpack.allowFilter', 'true');
  const partial = join(directory, 'partial.git');
  await work.git('clone', '-q', '--bare', '--filter=blob:none', `file://${work.path}`, partial);
  const repository = await openForTest({ location: partial, mirrorDirectory, engine: 'git' });
  t.teardown(() => repository.close());
  const oids = (await repository.listTree(main, '')).map((file) => file.oid);
  t.is(oids.length, 2);
  // Before 2.44 git tries to fetch, is not allowed to, and gives up.
  const outcome = await repository.readBlobs(oids, 100).then(
    (blobs) => [...new Set([...blobs.values()].map((blob) => blob.kind))].join(),
    (error: unknown) => codeOf(error),
  );
  t.true(outcome === 'missing' || outcome === 'GIT_FAILED', outcome);
  t.is(await repository.resolve('main'), main);
  const packs = await readdir(join(partial, 'objects/pack'));
  t.is(packs.filter((name) => name.endsWith('.promisor')).length, 1);
});

test('a reader that was killed is started again', async (t) => {
  const work = await temporaryRepository(join(await temporaryDirectory(t), 'work'));
  const main = await work.commit({ a: '1' });
  const repository = await openForTest({ location: work.path, mirrorDirectory, engine: 'git' });
  t.teardown(() => repository.close());
  await repository.listTree(main, '');
  for (let round = 0; round < 3; round += 1) {
    for (const pid of await catFilesOf(work.gitDirectory)) process.kill(pid, 'SIGKILL');
    t.is(await repository.resolve('main'), main);
    t.is((await repository.commit(main)).message, 'Change\n');
  }
});

test('closing leaves no process, and the program can end', async (t) => {
  const work = await temporaryRepository(join(await temporaryDirectory(t), 'work'));
  const main = await work.commit({ a: '1' });
  const script = `
    import { openRepository } from '${join(import.meta.dirname, 'open-repository.ts')}';
    import { systemClock } from '${join(import.meta.dirname, '../base/clock.ts')}';
    import { silentLog } from '${join(import.meta.dirname, '../base/log.ts')}';
    const edge = { clock: systemClock(), log: silentLog() };
    const repository = await openRepository({ location: '${work.path}', mirrorDirectory: '/x', ...edge });
    await repository.commit('${main}');
    await repository.watch(() => {});
    await repository.close();
    process.stdout.write('closed');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
  });
  t.is(stdout, 'closed');
  await until(async () => (await catFilesOf(work.gitDirectory)).length === 0, { what: 'no readers' });
});

/** The pids of `git cat-file` processes that read this repository. */
async function catFilesOf(gitDirectory: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(`--git-dir=${gitDirectory}\0`) && line.includes('cat-file')) found.push(Number(pid));
  }
  return found;
}

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot(
  'git: in somebody else’s repository root leaves nothing that is not theirs, and goes where they can go',
  async (t) => {
    const directory = await temporaryDirectory(t);
    await chmod(directory, 0o711);
    const work = await temporaryRepository(join(directory, 'work'));
    const main = await work.commit({ a: '1' });
    const rootOnly = join(directory, 'root-only');
    await writeFile(rootOnly, '', { mode: 0o600 });
    await mkdir(join(work.gitDirectory, 'logs/refs/heads'), { recursive: true });
    await symlink(rootOnly, join(work.gitDirectory, 'logs/refs/heads/status'));
    await promisify(execFile)('chown', ['-hR', '12345:12345', work.path]);
    const repository = await openForTest({ location: work.path, mirrorDirectory, engine: 'git' });
    t.teardown(() => repository.close());
    t.is(await repository.resolve('main'), main);
    const oid = await repository.writeCommit(newCommit(main, { b: '2' }));
    t.is(codeOf(await t.throwsAsync(repository.publish('status', oid, null))), 'GIT_FAILED');
    t.is((await stat(rootOnly)).size, 0);
    t.is(await repository.publish('other', oid, null), 'published');
    const { stdout } = await promisify(execFile)('find', [work.gitDirectory, '-user', '0']);
    t.is(stdout, '');
  },
);

asRoot('git: a repository whose owner cannot get to it is ours', async (t) => {
  const directory = await temporaryDirectory(t);
  const work = await temporaryRepository(join(directory, 'work'));
  const main = await work.commit({ a: '1' });
  await promisify(execFile)('chown', ['-hR', '12345:12345', work.path]);
  await chmod(directory, 0o700);
  const repository = await openForTest({ location: work.path, mirrorDirectory, engine: 'git' });
  t.teardown(() => repository.close());
  t.is(await repository.resolve('main'), main);
});

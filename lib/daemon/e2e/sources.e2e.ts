import { access } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { refLabel, type StatusJson } from '../../../cmd/status-json.ts';
import { trailerOf } from '../../git/commit-message.ts';
import { GitServer } from '../../testing/git-server.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { type TemporaryRepository, temporaryRepository } from '../../testing/temporary-repository.ts';
import { until } from '../../testing/until.ts';
import { type UpProcess, upProcess } from '../../testing/up-process.ts';

const configMap = (name: string, value = 'one'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: ${value}}\n`;

const syncedAt =
  (commit: string) =>
  (status: StatusJson): boolean =>
    status.revision === commit && status.sync === 'Synced';

const names = (status: StatusJson): readonly string[] => status.objects.map(refLabel);
const codes = (status: StatusJson): readonly string[] => status.troubles.map(({ code }) => code);

/** A bare repository, a clone that pushes to it, and a place for state. */
async function scene(t: ExecutionContext): Promise<{
  readonly directory: string;
  readonly bare: TemporaryRepository;
  readonly clone: TemporaryRepository;
  push(files: Readonly<Record<string, string | null>>): Promise<string>;
  up(...args: readonly string[]): Promise<UpProcess>;
}> {
  const directory = await temporaryDirectory(t);
  const bare = await temporaryRepository(join(directory, 'repo.git'), { bare: true });
  await bare.git('config', 'http.receivepack', 'true');
  const clone = await temporaryRepository(join(directory, 'clone'));
  await clone.git('remote', 'add', 'origin', bare.path);
  return {
    ...{ directory, bare, clone },
    async push(files) {
      const commit = await clone.commit(files);
      await clone.git('push', '-q', '--force', 'origin', 'HEAD:main');
      return commit;
    },
    up: (...args) =>
      upProcess(t, {
        repository: bare.path,
        dataDirectory: join(directory, 'data'),
        args: ['--runtime', 'simulated', ...args],
      }),
  };
}

test('a working repository and a directory in it: what lies beside it is not looked at', async (t) => {
  const directory = await temporaryDirectory(t);
  const repository = await temporaryRepository(join(directory, 'repository'));
  const first = await repository.commit({
    'deploy/a.yaml': configMap('a'),
    'elsewhere/b.yaml': configMap('b'),
    'broken.yaml': 'kind: [\n',
  });
  const up = await upProcess(t, {
    repository: repository.path,
    dataDirectory: join(directory, 'data'),
    args: ['--runtime', 'simulated', '--path', './deploy/'],
  });
  const status = await up.untilStatus(syncedAt(first), 'the directory to be live');
  t.deepEqual(names(status), ['ConfigMap default/a']);
  t.is(status.objects[0]?.path, 'deploy/a.yaml');
  t.deepEqual(status.problems, []);
  const moved = await repository.commit({ deploy: null, 'manifests/a.yaml': configMap('a') });
  const lost = await up.untilStatus(({ head }) => head === moved, 'the directory to be gone');
  t.deepEqual(names(lost), ['ConfigMap default/a'], 'nothing is deleted over a name that is wrong');
  t.deepEqual(
    lost.problems.map(({ ruleId, file }) => [ruleId, file]),
    [['missing-directory', 'deploy']],
  );
  t.is(await repository.git('status', '--porcelain'), '', 'the working tree is left alone');
  t.deepEqual([...new Set(up.events.map(({ format }) => format))], [1]);
});

test('whatever befalls a local branch is followed: packed, forced, rewritten, collected, deleted, made again', async (t) => {
  const { bare, clone, push, up } = await scene(t);
  const daemon = await up();
  await daemon.untilStatus(({ sync }) => sync === 'NoRevision', 'an empty repository to be a state');
  t.deepEqual(daemon.troubles(), []);
  const first = await push({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await daemon.untilStatus(syncedAt(first), 'the first commit to be live');

  await bare.git('pack-refs', '--all', '--prune');
  await t.throwsAsync(
    access(join(bare.path, 'refs', 'heads', 'main')),
    undefined,
    'the file of the ref is gone',
  );
  const second = await push({ 'a.yaml': configMap('a', 'two') });
  await daemon.untilStatus(syncedAt(second), 'a push onto a packed ref to be live');
  await bare.git('pack-refs', '--all', '--prune');

  await clone.git('reset', '-q', '--hard', first);
  const forced = await push({ 'c.yaml': configMap('c') });
  const after = await daemon.untilStatus(syncedAt(forced), 'the forced push to be live');
  t.deepEqual(names(after), ['ConfigMap default/a', 'ConfigMap default/b', 'ConfigMap default/c']);

  await clone.git('checkout', '-q', '--orphan', 'rewritten');
  const rewritten = await push({
    'a.yaml': configMap('a', 'three'),
    'b.yaml': configMap('b'),
    'c.yaml': null,
  });
  await bare.git('reflog', 'expire', '--expire=now', '--all');
  await bare.git('gc', '-q', '--prune=now');
  await t.throwsAsync(bare.git('cat-file', '-e', first), undefined, 'the history before is gone');
  const whole = await daemon.untilStatus(syncedAt(rewritten), 'rewritten history to be live');
  t.deepEqual(names(whole), ['ConfigMap default/a', 'ConfigMap default/b']);

  await clone.git('push', '-q', 'origin', 'HEAD:other');
  await bare.git('update-ref', '-d', 'refs/heads/main');
  const gone = await daemon.untilStatus(
    (status) => codes(status).includes('BRANCH_MISSING'),
    'the branch to be missed',
  );
  t.regex(gone.troubles[0]?.message ?? '', /branch main .* has other\./);
  t.is(gone.total, 2, 'nothing is deleted');
  const again = await push({ 'd.yaml': configMap('d') });
  const back = await daemon.untilStatus(syncedAt(again), 'the branch that was made again to be live');
  t.deepEqual(codes(back), []);
  t.is(back.total, 3);
  t.deepEqual(daemon.troubles(), ['BRANCH_MISSING']);
});

test('a remote is polled; while it is down all stays and is told; the status branch is pushed to it', async (t) => {
  const { directory, bare, clone, push } = await scene(t);
  const credentials = { username: 'ada', password: 'swordfish-7' };
  const server = await GitServer.start(t, { root: directory, credentials });
  await server.stop();
  const dataDirectory = join(directory, 'data');
  const args = ['--runtime', 'simulated', '--poll', '1'];
  const environment = { PINTLE_GIT_USERNAME: 'ada', PINTLE_GIT_PASSWORD: 'wrong-fish' };
  const repository = server.url('repo.git');
  const first = await push({ 'a.yaml': configMap('a') });

  const stranger = await upProcess(t, { repository, dataDirectory, args, env: environment });
  await stranger.untilStatus(
    (status) => codes(status).includes('REMOTE_DOWN'),
    'the remote to be down at the start',
  );
  await server.start();
  const refused = await stranger.untilStatus(
    (status) => codes(status)[0] === 'AUTH_REFUSED',
    'the password to be refused',
  );
  t.false(JSON.stringify(refused).includes('wrong-fish'));
  await stranger.end();

  const env = { PINTLE_GIT_USERNAME: 'ada', PINTLE_GIT_PASSWORD: credentials.password };
  const daemon = await upProcess(t, { repository, dataDirectory, args, env });
  await daemon.untilStatus(syncedAt(first), 'the remote commit to be live');
  const shown = async (): Promise<string | null> =>
    trailerOf(await bare.git('log', '-1', '--format=%B', 'pintle/status').catch(() => ''), 'Pintle-Revision');
  await until(async () => (await shown()) === first, { what: 'the status branch on the remote' });

  await server.stop();
  await daemon.untilStatus((status) => codes(status).includes('REMOTE_DOWN'), 'the remote to be down');
  const second = await clone.commit({ 'b.yaml': configMap('b') });
  await clone.git('push', '-q', 'origin', 'HEAD:main');
  await server.start();
  const back = await daemon.untilStatus(syncedAt(second), 'what was pushed meanwhile to be live');
  t.is(back.total, 2);
  await until(async () => (await shown()) === second, { what: 'the status branch to catch up' });
  await daemon.untilStatus((status) => status.troubles.length === 0, 'the troubles to be over');
  t.is(await bare.git('rev-parse', 'main'), second, 'our commits touch no other branch');
});

test('a branch that does not exist is named with those that do; one of them may come later', async (t) => {
  const { clone, push, up } = await scene(t);
  await push({ 'a.yaml': configMap('a') });
  await clone.git('push', '-q', 'origin', 'HEAD:develop');
  const daemon = await up('--branch', 'mian');
  const missed = await daemon.untilStatus((status) => codes(status).length > 0, 'the branch to be missed');
  t.deepEqual(codes(missed), ['BRANCH_MISSING']);
  t.regex(missed.troubles[0]?.message ?? '', /mian .* has develop, main\./);
  t.is(missed.sync, 'NoRevision');
  await clone.git('push', '-q', 'origin', 'HEAD:mian');
  const found = await daemon.untilStatus(({ sync }) => sync === 'Synced', 'the branch to come');
  t.deepEqual(codes(found), []);
});

test('the status branch of another installation is left alone, unless it is to be taken over', async (t) => {
  const { directory, bare, push, up } = await scene(t);
  const first = await push({ 'a.yaml': configMap('a') });
  const one = await up();
  const tip = (branch: string): Promise<string> =>
    bare.git('rev-parse', `refs/heads/${branch}`).catch(() => '');
  await one.untilStatus(syncedAt(first), 'the first to be live');
  await until(async () => (await tip('pintle/status')) !== '', { what: 'the first status commit' });
  await one.end();
  const ours = await tip('pintle/status');

  const other = (...args: readonly string[]): Promise<UpProcess> =>
    upProcess(t, {
      repository: bare.path,
      dataDirectory: join(directory, 'another'),
      args: ['--runtime', 'simulated', ...args],
    });
  const second = await other();
  const refused = await second.untilStatus(
    (status) => codes(status).includes('FOREIGN_STATUS_BRANCH'),
    'the branch of another to be refused',
  );
  t.is(refused.revision, first, 'reconciling does not wait for it');
  t.regex(refused.troubles[0]?.message ?? '', /--status-branch.*--take-over-status/);
  await second.end();
  t.is(await tip('pintle/status'), ours);

  const aside = await other('--status-branch', 'status/another');
  await until(async () => (await tip('status/another')) !== '', { what: 'a status branch of its own' });
  await aside.end();
  t.is(await tip('pintle/status'), ours);

  const taker = await other('--take-over-status');
  await until(async () => (await tip('pintle/status')) !== ours, { what: 'the branch to be taken over' });
  t.is(await bare.git('merge-base', 'pintle/status', ours), ours, 'its history stays');
  await taker.end();

  const same = await other('--status-branch', 'main', '--take-over-status');
  t.is(same.exitCode(), 64, same.stderr());
  t.is(await tip('main'), first);
});

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { codeOf, messageOf } from '../base/errors.ts';
import { GitServer } from '../testing/git-server.ts';
import { type EngineKind, newCommit, openForTest } from '../testing/repository-contract.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { type TemporaryRepository, temporaryRepository } from '../testing/temporary-repository.ts';
import type { OpenOptions } from './open-repository.ts';
import type { GitRepository } from './repository.ts';

const CREDENTIALS = { username: 'ada', password: 'p@ss/word ü' };

type Scene = {
  readonly server: GitServer;
  readonly work: TemporaryRepository;
  readonly bare: string;
  open(options?: Partial<OpenOptions>): Promise<GitRepository>;
};

async function scene(t: ExecutionContext, engine: EngineKind, locked = false): Promise<Scene> {
  const directory = await temporaryDirectory(t);
  const work = await temporaryRepository(join(directory, 'work'));
  await work.commit({ a: '1' });
  const bare = join(directory, 'bare.git');
  await work.git('clone', '-q', '--bare', '.', bare);
  const server = await GitServer.start(t, {
    root: directory,
    ...(locked ? { credentials: CREDENTIALS } : {}),
  });
  const open = async (options: Partial<OpenOptions> = {}): Promise<GitRepository> => {
    const location = server.url('bare.git');
    const mirrorDirectory = join(directory, 'mirrors');
    const repository = await openForTest({
      location,
      mirrorDirectory,
      engine,
      environment: { PATH: process.env.PATH },
      ...options,
    });
    t.teardown(() => repository.close());
    return repository;
  };
  return { server, work, bare, open };
}

const withUser = (url: string, user: string): string => url.replace('http://', `http://${user}@`);
const encoded = `ada:${encodeURIComponent(CREDENTIALS.password)}`;

for (const engine of ['git', 'isomorphic'] as const) {
  test(`${engine}: a remote that is down is opened, fails to fetch, keeps what is there, and comes back`, async (t) => {
    const { server, open, work, bare } = await scene(t, engine);
    await server.stop();
    const repository = await open();
    t.is(codeOf(await t.throwsAsync(repository.fetch(['main']))), 'REMOTE_DOWN');
    t.is(await repository.resolve('main'), null);
    await server.start();
    await repository.fetch(['main']);
    const before = await repository.resolve('main');
    await server.stop();
    t.is(codeOf(await t.throwsAsync(repository.fetch(['main']))), 'REMOTE_DOWN');
    t.is(await repository.resolve('main'), before);
    const after = await work.commit({ a: '2' });
    await work.git('push', '-q', bare, 'main');
    await server.start();
    await repository.fetch(['main']);
    t.is(await repository.resolve('main'), after);
  });

  test(`${engine}: a remote that answers with errors is down, one that knows no such repository lacks it`, async (t) => {
    const { server, open } = await scene(t, engine);
    const repository = await open();
    const cases = [
      { status: 500, code: 'REMOTE_DOWN' },
      { status: 503, code: 'REMOTE_DOWN' },
      { status: 404, code: 'REPOSITORY_MISSING' },
      { status: 401, code: 'AUTH_REFUSED' },
      { status: 403, code: 'AUTH_REFUSED' },
    ];
    for (const { status, code } of cases) {
      server.status = status;
      t.is(codeOf(await t.throwsAsync(repository.fetch(['main']))), code, String(status));
    }
  });

  test(`${engine}: credentials come from the URL, from the caller or from the environment`, async (t) => {
    const { server, open, work } = await scene(t, engine, true);
    const head = await work.git('rev-parse', 'HEAD');
    const url = server.url('bare.git');
    const environment = {
      PATH: process.env.PATH,
      PINTLE_GIT_USERNAME: CREDENTIALS.username,
      PINTLE_GIT_PASSWORD: CREDENTIALS.password,
    };
    const ways: readonly Partial<OpenOptions>[] = [
      { location: withUser(url, encoded) },
      { credentials: async () => CREDENTIALS },
      { environment },
    ];
    for (const [at, way] of ways.entries()) {
      const repository = await open({ ...way, mirrorDirectory: join(await temporaryDirectory(t), 'm') });
      await repository.fetch(['main']);
      t.is(await repository.resolve('main'), head, `way ${at}`);
      const commit = await repository.writeCommit(newCommit(head, { s: `${at}` }));
      t.is(await repository.publish(`by-${at}`, commit, null), 'published');
    }
  });

  test(`${engine}: refused credentials say so, and are shown nowhere`, async (t) => {
    const { server, open } = await scene(t, engine, true);
    const without = await open();
    t.is(codeOf(await t.throwsAsync(without.fetch(['main']))), 'AUTH_REFUSED');
    const wrong = await open({ location: withUser(server.url('bare.git'), 'ada:s3cret-token') });
    t.is(wrong.location, server.url('bare.git'));
    const error = await t.throwsAsync(wrong.fetch(['main']));
    t.is(codeOf(error), 'AUTH_REFUSED');
    const shown = [messageOf(error), JSON.stringify(error), String(error?.stack)].join('\n');
    t.false(/s3cret|YWRhOnMzY3JldC10b2tlbg/.test(shown), shown);
  });

  test(`${engine}: credentials do not follow a redirect`, async (t) => {
    const { server, open } = await scene(t, engine, true);
    const trap = await GitServer.start(t, { root: '/nonexistent' });
    server.redirectTo = trap.url('').replace(/\/$/, '');
    const repository = await open({ credentials: async () => CREDENTIALS });
    t.is(codeOf(await t.throwsAsync(repository.fetch(['main']))), 'GIT_FAILED');
    t.deepEqual(trap.requests, []);
  });

  test(`${engine}: a push that a hook refuses is PUSH_REJECTED, and moves nothing`, async (t) => {
    const { open, bare } = await scene(t, engine);
    await mkdir(join(bare, 'hooks'), { recursive: true });
    const hook = join(bare, 'hooks', 'update');
    await writeFile(hook, '#!/bin/sh\ncase "$1" in refs/heads/pintle/*) echo no; exit 1;; esac\n');
    await chmod(hook, 0o755);
    const repository = await open();
    await repository.fetch(['main']);
    const main = (await repository.resolve('main')) ?? '';
    const commit = await repository.writeCommit(newCommit(main, { s: '1' }));
    t.is(codeOf(await t.throwsAsync(repository.publish('pintle/status', commit, null))), 'PUSH_REJECTED');
    t.is(await repository.resolve('pintle/status'), null);
    t.is(await repository.publish('other', commit, null), 'published');
  });

  test(`${engine}: somebody who pushes between our look and our push wins`, async (t) => {
    const { open, bare, server, work } = await scene(t, engine);
    const repository = await open();
    await repository.fetch(['main']);
    const main = (await repository.resolve('main')) ?? '';
    const commit = await repository.writeCommit(newCommit(main, { s: '1' }));
    server.beforePush = async () => {
      await work.git('push', '-q', bare, 'main:refs/heads/pintle/status');
    };
    t.is(await repository.publish('pintle/status', commit, null), 'raced');
    await repository.fetch(['pintle/status']);
    t.is(await repository.resolve('pintle/status'), main);
  });

  test(`${engine}: a push whose answer was lost succeeds when it is tried again`, async (t) => {
    const { open, server } = await scene(t, engine);
    const repository = await open();
    await repository.fetch(['main']);
    const main = (await repository.resolve('main')) ?? '';
    const commit = await repository.writeCommit(newCommit(main, { s: '1' }));
    server.loseAnswerOfPush = true;
    t.is(codeOf(await t.throwsAsync(repository.publish('s', commit, null))), 'REMOTE_DOWN');
    server.loseAnswerOfPush = false;
    t.is(await repository.publish('s', commit, null), 'published');
  });

  test(`${engine}: a mirror is kept, and is the same one without the credentials in the URL`, async (t) => {
    const { open, server } = await scene(t, engine);
    const first = await open();
    await first.fetch(['main']);
    const main = await first.resolve('main');
    await first.close();
    await server.stop();
    const second = await open({ location: withUser(server.url('bare.git'), encoded) });
    t.is(await second.resolve('main'), main);
    t.is(second.remote, true);
  });

  test(`${engine}: a branch whose name becomes a directory is followed`, async (t) => {
    const { open, work, bare } = await scene(t, engine);
    const repository = await open();
    await work.git('push', '-q', bare, 'main:refs/heads/team');
    await repository.fetch([]);
    await work.git('push', '-q', bare, ':refs/heads/team');
    await work.git('push', '-q', bare, 'main:refs/heads/team/one');
    await repository.fetch(['team/one']);
    t.is(await repository.resolve('team/one'), await work.git('rev-parse', 'HEAD'));
    t.is(await repository.resolve('team'), null);
  });

  test(`${engine}: only the branches that are named are fetched, and HEAD is the remote's`, async (t) => {
    const { open, work, bare } = await scene(t, engine);
    const repository = await open();
    await work.git('push', '-q', bare, 'main:refs/heads/other', 'main:refs/heads/trunk');
    await work.git('-C', bare, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
    await repository.fetch(['HEAD']);
    t.is(await repository.resolve('HEAD'), await work.git('rev-parse', 'HEAD'));
    t.is(await repository.resolve('trunk'), await work.git('rev-parse', 'HEAD'));
    t.is(await repository.resolve('other'), null);
    await repository.fetch(['absent']);
    t.is(await repository.resolve('absent'), null);
  });
}

test('both engines work on one mirror, one after the other', async (t) => {
  const { open, work, bare } = await scene(t, 'git');
  const one = await open({ engine: 'git' });
  await one.fetch([]);
  await one.close();
  const next = await work.commit({ a: '2' });
  await work.git('push', '-q', bare, 'main');
  const two = await open({ engine: 'isomorphic' });
  await two.fetch([]);
  t.is(await two.resolve('main'), next);
  await two.close();
  const last = await work.commit({ a: '3' });
  await work.git('push', '-q', bare, 'main');
  const three = await open({ engine: 'git' });
  await three.fetch([]);
  t.is((await three.log(last, 10)).length, 3);
});

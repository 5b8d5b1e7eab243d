import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { type TemporaryRepository, temporaryRepository } from '../testing/temporary-repository.ts';
import { until } from '../testing/until.ts';
import { locateRepository } from './locate-repository.ts';
import { watchRefs } from './watch-refs.ts';

type Scene = { readonly repository: TemporaryRepository; readonly calls: () => number };

async function watched(t: ExecutionContext, where: 'main' | 'linked'): Promise<Scene> {
  const directory = await temporaryDirectory(t);
  const repository = await temporaryRepository(join(directory, 'work'));
  await repository.commit({ a: '1' });
  const linked = join(directory, 'linked');
  await repository.git('worktree', 'add', '-q', '--detach', linked);
  let calls = 0;
  const watcher = await watchRefs({
    place: await locateRepository(where === 'main' ? repository.path : linked),
    clock: systemClock(),
    log: silentLog(),
    onChange: () => {
      calls += 1;
    },
  });
  t.teardown(() => watcher.close());
  return { repository, calls: () => calls };
}

/** Each is something that moves, makes, packs or removes a reference, after which somebody must look again. */
const moves: Readonly<Record<string, (repository: TemporaryRepository) => Promise<unknown>>> = {
  'a commit': (repository) => repository.commit({ a: '2' }),
  'a new branch': (repository) => repository.git('branch', 'new'),
  'a branch in a directory that is new': (repository) => repository.git('branch', 'very/deep/new'),
  'a branch that is deleted': async (repository) => repository.git('branch', '-D', 'old'),
  'references that are packed for the first time': (repository) => repository.git('pack-refs', '--all'),
  'a checkout of another branch': (repository) => repository.git('checkout', '-q', 'old'),
};

for (const where of ['main', 'linked'] as const) {
  for (const [title, move] of Object.entries(moves)) {
    if (where === 'linked' && title.startsWith('a checkout')) continue;
    test(`${where}: ${title} is noticed`, async (t) => {
      const { repository, calls } = await watched(t, where);
      await repository.git('branch', 'old');
      await until(() => calls() > 0, { what: 'the branch that was prepared' });
      // What the preparation caused has come when a while nothing comes.
      let quiet = calls();
      await until(
        async () => {
          const before = quiet;
          await new Promise((resolve) => setTimeout(resolve, 100));
          quiet = calls();
          return quiet === before;
        },
        { what: 'silence' },
      );
      await move(repository);
      await until(() => calls() > quiet, { what: title });
      t.pass();
    });
  }
}

test('commits after a packing are noticed too, though the file of the branch had gone', async (t) => {
  const { repository, calls } = await watched(t, 'main');
  await repository.git('pack-refs', '--all', '--prune');
  await until(() => calls() > 0, { what: 'the packing' });
  for (let round = 0; round < 3; round += 1) {
    const before = calls();
    await repository.commit({ a: `round ${round}` });
    await until(() => calls() > before, { what: `commit ${round}` });
  }
  t.pass();
});

test('the checkout in a linked worktree is noticed by its own watcher', async (t) => {
  const { repository, calls } = await watched(t, 'linked');
  await repository.git('branch', 'side');
  const before = calls();
  await repository.git('-C', join(repository.path, '..', 'linked'), 'checkout', '-q', 'side');
  await until(() => calls() > before, { what: 'the checkout' });
  t.pass();
});

test('many changes at once are few calls, and none comes after close', async (t) => {
  const repository = await temporaryRepository(join(await temporaryDirectory(t), 'work'));
  const oid = await repository.commit({ a: '1' });
  let calls = 0;
  const watcher = await watchRefs({
    place: await locateRepository(repository.path),
    clock: systemClock(),
    log: silentLog(),
    onChange: () => {
      calls += 1;
    },
  });
  const names = Array.from({ length: 200 }, (_, at) => `refs/heads/b${at}`);
  await repository.git('fetch', '-q', '.', ...names.map((name) => `${oid}:${name}`));
  await until(() => calls > 0, { what: 'the first call' });
  t.true(calls < 100, `${calls} calls`);
  await watcher.close();
  const closed = calls;
  await repository.git('branch', 'later');
  t.is(calls, closed);
});

for (const way of ['throws', 'emits an error'] as const) {
  test(`where the system cannot watch (it ${way}), it polls until it is closed, and says so once`, async (t) => {
    const warned: string[] = [];
    const timers: (() => void)[] = [];
    const failure = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    let calls = 0;
    const watcher = await watchRefs({
      place: { gitDirectory: '/a', commonDirectory: '/b', format: 'sha1', reftable: false },
      clock: { now: () => 0, setTimer: (_, fire) => ({ cancel: cancelling(timers, fire) }) },
      log: { ...silentLog(), warn: (event) => warned.push(event) },
      onChange: () => {
        calls += 1;
      },
      start: () => {
        if (way === 'throws') throw failure;
        const watcher = Object.assign(new EventEmitter(), { close: async () => {} });
        setImmediate(() => watcher.emit('error', failure));
        return watcher;
      },
    });
    t.deepEqual(warned, ['refs-not-watched']);
    for (let round = 1; round <= 3; round += 1) {
      t.is(timers.length, 1);
      timers.shift()?.();
      t.is(calls, round);
    }
    await watcher.close();
    t.is(timers.length, 0);
  });
}

function cancelling(timers: (() => void)[], fire: () => void): () => void {
  timers.push(fire);
  return () => {
    const at = timers.indexOf(fire);
    if (at >= 0) timers.splice(at, 1);
  };
}

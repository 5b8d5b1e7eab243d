import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { systemClock } from '../lib/base/clock.ts';
import { silentLog } from '../lib/base/log.ts';
import { rollBack } from '../lib/daemon/roll-back.ts';
import { openRepository } from '../lib/git/open-repository.ts';
import { emptySourceState } from '../lib/plan/source-state.ts';
import { temporaryDirectory } from '../lib/testing/temporary-directory.ts';
import { temporaryRepository } from '../lib/testing/temporary-repository.ts';
import { behindText, checkedOutIn } from './checked-out.ts';

test('a branch is checked out in a working tree, in a linked one, or nowhere', async (t) => {
  const directory = await temporaryDirectory(t);
  const repository = await temporaryRepository(join(directory, 'shop'));
  await repository.commit({ 'a.yaml': 'one' });
  t.deepEqual(await checkedOutIn(repository.path, 'main'), [repository.path]);
  t.deepEqual(await checkedOutIn(repository.path, 'other'), []);
  const linked = join(directory, 'linked');
  await repository.git('worktree', 'add', '-q', '-b', 'other', linked);
  t.deepEqual(await checkedOutIn(repository.path, 'other'), [linked]);
  t.deepEqual(await checkedOutIn(linked, 'main'), [repository.path]);
  const bare = await temporaryRepository(join(directory, 'shop.git'), { bare: true });
  t.deepEqual(await checkedOutIn(bare.path, 'main'), []);
  t.deepEqual(await checkedOutIn('https://example.com/shop.git', 'main'), []);
});

test('what is said to be run brings the files up to date, and keeps what the user changed', async (t) => {
  const directory = await temporaryDirectory(t);
  const shop = await temporaryRepository(join(directory, "ada's shop"));
  const first = await shop.commit({ 'a.yaml': 'one', 'gone.yaml': 'x', 'mine.txt': 'as committed' });
  await shop.commit({ 'a.yaml': 'two', 'gone.yaml': null, 'new.yaml': 'x' });
  await writeFile(join(shop.path, 'mine.txt'), 'being written');
  const repository = await openRepository({
    location: shop.path,
    mirrorDirectory: directory,
    clock: systemClock(),
    log: silentLog(),
  });
  t.teardown(() => repository.close());
  const state = emptySourceState({ name: 'main', location: shop.path, branch: 'main', path: '' });
  const { commit, from } = await rollBack({ repository, state, revision: first, now: 0 });
  t.not(await shop.git('status', '--porcelain'), 'M mine.txt');
  const [worktree] = await checkedOutIn(shop.path, 'main');
  const [, command] = behindText(worktree ?? '', { from, to: commit, branch: 'main' }).split('\n');
  await promisify(execFile)('sh', ['-c', command ?? ''], { cwd: directory });
  t.is(await shop.git('status', '--porcelain'), ' M mine.txt');
  t.is(await readFile(join(shop.path, 'a.yaml'), 'utf8'), 'one');
  t.is(await readFile(join(shop.path, 'mine.txt'), 'utf8'), 'being written');
});

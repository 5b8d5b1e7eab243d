import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../lib/testing/temporary-directory.ts';
import { installOnce, isWhole, takeLock } from './install.mjs';

const lockfile = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  },
};

for (const { title, packages, whole } of [
  {
    title: 'all that this platform needs',
    packages: { 'node_modules/a': { version: '1.0.0' } },
    whole: true,
  },
  { title: 'another version', packages: { 'node_modules/a': { version: '0.9.0' } }, whole: false },
  { title: 'a package too few', packages: {}, whole: false },
  {
    title: 'an optional package of another version',
    packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/other-platform': { version: '2.0.0' } },
    whole: false,
  },
]) {
  test(`what npm ci left by hand is ${whole ? 'taken' : 'refused'}: ${title}`, (t) => {
    t.is(isWhole(lockfile, { packages }), whole);
  });
}

test('nothing is taken for whole where npm has left no list', (t) => {
  t.false(isWhole(lockfile, undefined));
});

test('the lock of a process that died is taken over', async (t) => {
  const lock = join(await temporaryDirectory(t), 'lock');
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(lock, String(pid));
  t.true(await takeLock(lock, { until: () => false, say: () => {} }));
  t.is(readFileSync(lock, 'utf8'), String(process.pid));
});

test('a lock that is held is waited for, and left alone once somebody else has installed', async (t) => {
  const lock = join(await temporaryDirectory(t), 'lock');
  writeFileSync(lock, String(process.ppid));
  const said: string[] = [];
  let looks = 0;
  t.false(await takeLock(lock, { until: () => ++looks > 2, say: (text) => said.push(text) }));
  t.is(said.length, 1);
  t.is(readFileSync(lock, 'utf8'), String(process.ppid));
});

test('an install that fails says so and leaves no lock', async (t) => {
  const root = await temporaryDirectory(t);
  mkdirSync(join(root, 'node_modules'));
  // npm refuses a lockfile without a package.json at once; nothing is fetched.
  writeFileSync(join(root, 'package-lock.json'), '{}');
  const said: string[] = [];
  t.is(await installOnce(root, (text) => said.push(text)), 1);
  t.true(said.length >= 2);
  t.false(existsSync(join(root, '.install.lock')));
});

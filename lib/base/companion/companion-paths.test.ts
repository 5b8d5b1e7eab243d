import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { companionPaths, privateDirectory } from './companion-paths.ts';

test('the directory is ours alone, and the socket lies in it', async (t) => {
  const dataDirectory = join(await temporaryDirectory(t), 'data');
  const paths = companionPaths({ dataDirectory, name: 'agent' });
  t.is(paths.socketPath, join(dataDirectory, 'agent', 'socket'));
  t.is(statSync(paths.directory).mode & 0o777, 0o700);
  chmodSync(paths.directory, 0o755);
  companionPaths({ dataDirectory, name: 'agent' });
  t.is(statSync(paths.directory).mode & 0o777, 0o700);
});

test('a data directory with a long path has its socket somewhere short, always at the same place', async (t) => {
  const dataDirectory = join(await temporaryDirectory(t), 'x'.repeat(60), 'y'.repeat(60));
  const paths = companionPaths({ dataDirectory, name: 'agent' });
  t.teardown(() => rmSync(dirname(paths.socketPath), { recursive: true, force: true }));
  t.true(Buffer.byteLength(paths.socketPath) <= 107);
  t.is(statSync(dirname(paths.socketPath)).mode & 0o777, 0o700);
  t.deepEqual(companionPaths({ dataDirectory, name: 'agent' }), paths);
  const other = companionPaths({ dataDirectory, name: 'proxy' });
  t.teardown(() => rmSync(dirname(other.socketPath), { recursive: true, force: true }));
  t.not(other.socketPath, paths.socketPath);
});

test('a link in its place is refused', async (t) => {
  const directory = await temporaryDirectory(t);
  mkdirSync(join(directory, 'elsewhere'));
  symlinkSync(join(directory, 'elsewhere'), join(directory, 'link'));
  t.throws(() => privateDirectory(join(directory, 'link')), { code: 'DIRECTORY_UNSAFE' });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { lockDirectory } from './directory-lock.ts';

test('a directory is locked once, and free again when released', async (t) => {
  const directory = join(await temporaryDirectory(t), 'data');
  const lock = lockDirectory(directory);
  t.is(statSync(directory).mode & 0o777, 0o700);
  t.like(
    t.throws(() => lockDirectory(directory), { code: 'DATA_DIRECTORY_IN_USE' }),
    { data: { pid: process.pid } },
  );
  lock.release();
  lockDirectory(directory).release();
});

test('another process holds it while it lives, and not after kill -9', async (t) => {
  const directory = await temporaryDirectory(t);
  const module = fileURLToPath(new URL('./directory-lock.ts', import.meta.url));
  const script = `import { lockDirectory } from ${JSON.stringify(module)};
    lockDirectory(${JSON.stringify(directory)}); process.stdout.write('held'); process.stdin.resume();`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  t.like(
    t.throws(() => lockDirectory(directory), { code: 'DATA_DIRECTORY_IN_USE' }),
    { data: { pid: holder.pid } },
  );
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  t.notThrows(() => lockDirectory(directory).release());
});

test('a place that cannot be a directory is told as such', async (t) => {
  const file = join(await temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  t.throws(() => lockDirectory(join(file, 'data')), { code: 'DATA_DIRECTORY_UNWRITABLE' });
});

test('a directory that others can write to, or that is theirs, is refused', async (t) => {
  const directory = join(await temporaryDirectory(t), 'data');
  mkdirSync(directory);
  chmodSync(directory, 0o775);
  lockDirectory(directory).release();
  t.is(statSync(directory).mode & 0o777, 0o755);
  chmodSync(directory, 0o757);
  t.throws(() => lockDirectory(directory), { code: 'DATA_DIRECTORY_UNSAFE' });
  if (process.getuid?.() !== 0) return;
  chmodSync(directory, 0o700);
  chownSync(directory, 12_345, 12_345);
  t.throws(() => lockDirectory(directory), { code: 'DATA_DIRECTORY_UNSAFE' });
});

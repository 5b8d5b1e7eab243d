import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { instanceLockHolder, takeInstanceLock } from './instance-lock.ts';
import { bootId } from './process-identity.ts';

test('whoever has the lock keeps it while it lives', async (t) => {
  const directory = await temporaryDirectory(t);
  t.is(instanceLockHolder(directory), null);
  t.deepEqual(takeInstanceLock(directory), { taken: true });
  t.is(instanceLockHolder(directory)?.pid, process.pid);
  t.like(takeInstanceLock(directory), { taken: false, holder: { pid: process.pid } });
});

test('a lock of the dead, of another start of the machine, and a broken one are taken over', async (t) => {
  const stale = [
    `4194000 1 ${bootId()}`,
    `${process.pid} 1 ${bootId()}`,
    `${process.pid} 1 other-boot`,
    'x',
    '',
  ];
  for (const text of stale) {
    const directory = await temporaryDirectory(t);
    writeFileSync(join(directory, 'lock.7'), text === '' ? '' : `${text}\n`);
    t.deepEqual(takeInstanceLock(directory), { taken: true }, text);
    t.deepEqual(readdirSync(directory), ['lock.8']);
  }
});

test('of many that take over from a dead one at once, one has it', async (t) => {
  const directory = await temporaryDirectory(t);
  writeFileSync(join(directory, 'lock.3'), `4194000 1 ${bootId()}\n`);
  const program = `
    const { takeInstanceLock } = await import(${JSON.stringify(new URL('./instance-lock.ts', import.meta.url).href)});
    const { taken } = takeInstanceLock(${JSON.stringify(directory)});
    process.stdout.write(taken ? 'T' : 'F');
    // Those that have it stay, so that nobody may take over from them.
    process.stdin.resume();
    process.stdin.on('end', () => process.exit());`;
  const children = Array.from({ length: 8 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  t.teardown(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  const answers = await Promise.all(
    children.map(
      (child) =>
        new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk)))),
    ),
  );
  t.deepEqual(answers.sort(), ['F', 'F', 'F', 'F', 'F', 'F', 'F', 'T']);
});

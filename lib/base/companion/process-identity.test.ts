import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import {
  bootId,
  formatIdentity,
  isAlive,
  ownIdentity,
  parseIdentity,
  parseProcessStat,
  readProcessStat,
} from './process-identity.ts';

test('the name of a process may hold what it likes', (t) => {
  const fields = ['S', 2, 3, 4, 0, -1, 0, 0, 0, 0, 0, 10, 20, 3, 4, 20, 0, 1, 0, 777, 1000, 55];
  for (const name of ['node', 'a b', ') S 1 (', ':-) ']) {
    t.like(parseProcessStat(`42 (${name}) ${fields.join(' ')}\n`), {
      pid: 42,
      state: 'S',
      parent: 2,
      group: 3,
      session: 4,
      cpuTicks: 37,
      startTicks: 777,
      residentPages: 55,
    });
  }
  for (const text of ['', '42', '42 (x', '42 (x) S 1', 'x (y) S']) t.is(parseProcessStat(text), null, text);
});

test('a process is alive until it ends; another one with its number is not it', async (t) => {
  t.true(isAlive(ownIdentity()));
  const child = spawn('sleep', ['100']);
  const pid = child.pid ?? 0;
  const identity = { pid, startTicks: readProcessStat(pid)?.startTicks ?? 0, bootId: bootId() };
  t.true(isAlive(identity));
  t.false(isAlive({ ...identity, startTicks: identity.startTicks + 1 }));
  t.false(isAlive({ ...identity, bootId: 'another-start-of-the-machine' }));
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.false(isAlive(identity));
  t.is(readProcessStat(pid), null);
});

test('an identity that was not written whole is none', (t) => {
  const identity = { pid: 12, startTicks: 34, bootId: 'ab-cd' };
  const text = formatIdentity(identity);
  t.deepEqual(parseIdentity(text), identity);
  for (let length = 0; length < text.length; length += 1) t.is(parseIdentity(text.slice(0, length)), null);
  for (const wrong of ['0 1 ab\n', '-1 1 ab\n', '1 x ab\n', '99999999999 1 ab\n'])
    t.is(parseIdentity(wrong), null);
});

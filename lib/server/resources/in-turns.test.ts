import test from 'ava';
import { inTurns } from './in-turns.ts';

test('What is due runs in order, so many a turn, and others run in between.', async (t) => {
  const soon = inTurns(2);
  const ran: string[] = [];
  for (const name of ['a', 'b', 'c']) soon(() => ran.push(name));
  t.deepEqual(ran, [], 'nothing runs before its turn');
  setImmediate(() => ran.push('another'));
  await new Promise<void>((resolve) => soon(resolve));
  t.deepEqual(ran, ['a', 'b', 'another', 'c']);
});

test('What becomes due while others run waits for a turn of its own.', async (t) => {
  const soon = inTurns(8);
  const ran: string[] = [];
  const over = new Promise<void>((resolve) =>
    soon(() => {
      ran.push('first');
      soon(() => {
        ran.push('again');
        resolve();
      });
    }),
  );
  soon(() => ran.push('second'));
  await over;
  t.deepEqual(ran, ['first', 'second', 'again']);
});

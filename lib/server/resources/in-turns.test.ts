import test from 'ava';
import { manualClock } from '../../base/manual-clock.ts';
import { inTurns } from './in-turns.ts';

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const bounds = { perTurn: 2, restPerTurnMs: 3, restMaxMs: 5 };

test('What is due runs in order, so many a turn, and others run in between.', async (t) => {
  const soon = inTurns(manualClock(), bounds);
  const ran: string[] = [];
  soon(() => ran.push('a'));
  for (const name of 'bcdefg') {
    soon(() => {
      ran.push(name);
      setImmediate(() => ran.push(`after ${name}`));
    });
  }
  t.deepEqual(ran, [], 'nothing runs before its turn');
  for (let turn = 0; turn < 8; turn += 1) await immediate();
  t.deepEqual(
    ran.filter((name) => name.length === 1),
    [...'abcdefg'],
  );
  t.true(ran.indexOf('after b') < ran.indexOf('f'), ran.join(', '));
});

test('A round of many turns is followed by a rest, of a bounded length; then comes what was due meanwhile.', async (t) => {
  const clock = manualClock();
  const soon = inTurns(clock, bounds);
  const ran: string[] = [];
  for (const name of 'abcdefghi') soon(() => ran.push(name));
  for (let turn = 0; turn < 8; turn += 1) await immediate();
  t.is(ran.join(''), 'abcdefghi');
  soon(() => ran.push('j'));
  await immediate();
  clock.advance(4);
  await immediate();
  t.is(ran.length, 9, 'it rests');
  clock.advance(1);
  await immediate();
  t.is(ran.at(-1), 'j');
  soon(() => ran.push('k'));
  await immediate();
  t.is(ran.at(-1), 'k', 'a short round needs no rest');
});

test('What becomes due while others run waits for a turn of its own.', async (t) => {
  const soon = inTurns(manualClock(), bounds);
  const ran: string[] = [];
  soon(() => {
    ran.push('first');
    soon(() => ran.push('again'));
  });
  soon(() => ran.push('second'));
  for (let turn = 0; turn < 4; turn += 1) await immediate();
  t.is(ran[0], 'first');
  t.deepEqual([...ran].sort(), ['again', 'first', 'second']);
});

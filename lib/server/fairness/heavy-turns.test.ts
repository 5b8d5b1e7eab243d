import test from 'ava';
import { manualClock } from '../../base/manual-clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { heavyTurns } from './heavy-turns.ts';

test('heavy requests are worked off one at a time, the users in turn, with as much rest as work', async (t) => {
  const clock = manualClock();
  const turns = heavyTurns(clock, { restMaxMs: 2_000, waitingMax: 2 });
  const began: string[] = [];
  let leave = (): void => undefined;
  for (const name of ['ann 1', 'ann 2', 'ann 3', 'bob 1', 'bob 2']) {
    void turns.enter(name.slice(0, 3)).then((turn) => {
      began.push(name);
      leave = () => turn?.leave();
    });
  }
  const workFor = async (durationMs: number): Promise<void> => {
    await nextTurn();
    clock.advance(durationMs);
    leave();
    leave();
  };
  await workFor(300);
  t.deepEqual(began, ['ann 1']);
  clock.advance(299);
  await nextTurn();
  t.deepEqual(began, ['ann 1'], 'it rests');
  clock.advance(1);
  await workFor(60_000);
  clock.advance(2_000);
  for (let each = 0; each < 3; each += 1) await workFor(0);
  t.deepEqual(began, ['ann 1', 'ann 2', 'bob 1', 'ann 3', 'bob 2']);
  const late = await turns.enter('ann');
  void turns.enter('ann');
  void turns.enter('ann');
  t.is(await turns.enter('ann'), null, 'two of hers wait');
  late?.leave();
});

import test from 'ava';
import type { Trouble } from './control-protocol.ts';
import { standingTroubles } from './standing-troubles.ts';

const down: Trouble = { code: 'REMOTE_DOWN', message: 'nobody listens', retried: true };
const refused: Trouble = { code: 'AUTH_REFUSED', message: 'who are you', retried: true };

test('A trouble is told as it begins and as its nature changes, not each time it is met; it stands until it is over.', (t) => {
  const told: string[] = [];
  let now = 1_000;
  const troubles = standingTroubles({ now: () => now, tell: ({ code }) => told.push(code) });
  t.true(troubles.begin('repository', down));
  now = 2_000;
  t.false(troubles.begin('repository', { ...down, message: 'still nobody' }));
  t.deepEqual(troubles.all(), [{ ...down, message: 'still nobody', sinceMs: 1_000 }]);
  troubles.begin('repository', refused);
  troubles.begin('store', { code: 'STORE_UNWRITABLE', message: 'full', retried: true });
  t.deepEqual(told, ['REMOTE_DOWN', 'AUTH_REFUSED', 'STORE_UNWRITABLE']);
  t.true(troubles.end('repository'));
  t.false(troubles.end('repository'));
  t.deepEqual(
    troubles.all().map(({ code }) => code),
    ['STORE_UNWRITABLE'],
  );
  troubles.begin('repository', down);
  t.is(told.at(-1), 'REMOTE_DOWN');
});

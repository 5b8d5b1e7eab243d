import test from 'ava';
import { historyOf } from '../testing/histories/history.ts';
import { keepHistory, keptHistories } from '../testing/histories/kept-histories.ts';
import { runHistory } from '../testing/histories/run-history.ts';
import { firstSeed, seeds } from '../testing/thoroughness.ts';

/** Seeds a test, so that one that takes long is seen to go on. */
const GROUP = 50;
const count = seeds(500);

for (const { name, history, found } of keptHistories()) {
  test(`the kept history ${name} goes well (it was: ${found[0]?.slice(0, 60)})`, async (t) => {
    t.deepEqual(await runHistory(history), []);
  });
}

for (let from = firstSeed(); from < firstSeed() + count; from += GROUP) {
  const to = Math.min(from + GROUP, firstSeed() + count);
  test.serial(`what must hold does so over the histories of seeds ${from} to ${to - 1}`, async (t) => {
    for (let seed = from; seed < to; seed += 1) {
      const history = historyOf(seed);
      const faults = await runHistory(history);
      if (faults.length === 0) continue;
      const path = await keepHistory(history, faults);
      t.fail(`seed ${seed}, kept in ${path}: ${faults.join('; ')}`);
    }
    t.pass();
  });
}

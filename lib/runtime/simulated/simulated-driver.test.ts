import test from 'ava';
import { manualClock } from '../../base/manual-clock.ts';
import { seededRandom } from '../../base/random.ts';
import { driverContract } from '../../testing/driver-contract.ts';
import type { PodDriver } from '../driver.ts';
import { behaviourOf, calmBehaviour, type SimulatedBehaviour } from './simulated-behaviour.ts';
import { simulatedDriver } from './simulated-driver.ts';
import { simulatedState } from './simulated-state.ts';

const programs: Readonly<Record<string, Partial<SimulatedBehaviour>>> = {
  stays: {},
  'exits-3': { exitAfterMs: 10, exitCode: 3 },
  'ignores-term': { stopAfterMs: null },
  'cannot-start': { failsToStart: 'no such program' },
};

driverContract(test, 'simulated', async () => {
  const clock = manualClock();
  const state = simulatedState();
  const another = (): PodDriver =>
    simulatedDriver({ clock, random: seededRandom(1), state, behaviours: (image) => programs[image] ?? {} });
  const driver = another();
  await driver.open();
  return {
    driver,
    another,
    program: (program) => ({ image: program, command: [], args: [] }),
    async until(condition, what) {
      for (let turn = 0; turn < 100; turn += 1) {
        if (await condition()) return;
        await clock.run(10);
      }
      throw new Error(`waited in vain: ${what}`);
    },
  };
});

for (const { title, annotation, expected } of [
  { title: 'no annotation', annotation: undefined, expected: {} },
  { title: 'not JSON', annotation: '{', expected: {} },
  { title: 'not an object', annotation: '[1]', expected: {} },
  {
    title: 'fields for all containers',
    annotation: '{"exitAfterMs":5,"exitCode":2}',
    expected: { exitAfterMs: 5, exitCode: 2 },
  },
  {
    title: 'fields for one go before those for all',
    annotation: '{"exitCode":2,"containers":{"web":{"exitCode":4}}}',
    expected: { exitCode: 4 },
  },
  {
    title: 'a wrong type or a negative span is left out',
    annotation: '{"exitAfterMs":"5","readyAfterMs":-1}',
    expected: {},
  },
  {
    title: 'what is not a field is left out',
    annotation: '{"__proto__":{"exitCode":9},"x":1}',
    expected: {},
  },
]) {
  test(`the behaviour annotation: ${title}`, (t) => {
    t.deepEqual(behaviourOf(annotation, 'web', {}), { ...calmBehaviour, ...expected });
  });
}

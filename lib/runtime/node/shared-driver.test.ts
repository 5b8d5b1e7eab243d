import test from 'ava';
import { codeOf } from '../../base/errors.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { seededRandom } from '../../base/random.ts';
import { sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import { simulatedDriver } from '../simulated/simulated-driver.ts';
import { simulatedState } from '../simulated/simulated-state.ts';
import { sharedDriver } from './shared-driver.ts';

const NO_LIMITS = () => ({ cpuLimitMillis: null, memoryLimitBytes: null });

function machine(names: readonly string[]) {
  const clock = manualClock();
  const state = simulatedState();
  const behaviours = (image: string) => (image === 'slow' ? { startDelayMs: 1_000_000 } : {});
  const driver = simulatedDriver({ clock, random: seededRandom(1), state, behaviours });
  const shared = sharedDriver(driver, () => names);
  return { driver, state, shared, of: (name: string) => shared.of(name, NO_LIMITS) };
}

test('pods belong to the node that made them; what belongs to no node is the first one’s', async (t) => {
  const { driver, of, shared } = machine(['one', 'two']);
  const [one, two] = [of('one'), of('two')];
  await one.driver.open();
  await two.driver.open();
  await one.driver.createSandbox(sandboxSpec('a'));
  await two.driver.createSandbox(sandboxSpec('b'));
  await driver.createSandbox({ ...sandboxSpec('c'), node: { name: 'former', ...NO_LIMITS() } });
  await driver.createSandbox(sandboxSpec('d'));
  t.deepEqual([...(await one.view.podUids())].sort(), ['a', 'c', 'd']);
  t.deepEqual(await shared.podsOf('two'), ['b']);
});

test('a node that is closed fails what is under way for it, and nothing of the others', async (t) => {
  const { of, driver } = machine(['one', 'two']);
  const [one, two] = [of('one'), of('two')];
  await one.driver.open();
  await two.driver.open();
  await two.driver.createSandbox(sandboxSpec('b'));
  const starting = two.driver.startContainer(scriptContainer('b', 'x', { image: 'slow' }));
  await two.driver.close();
  t.is(codeOf(await t.throwsAsync(starting)), 'AGENT_DOWN');
  t.is(codeOf(await t.throwsAsync(two.driver.list())), 'AGENT_DOWN');
  t.is((await one.driver.sandboxes()).length, 1);
  await one.driver.close();
  t.is(codeOf(await t.throwsAsync(driver.list())), 'AGENT_DOWN', 'the last one closes the driver');
});

test('before it is open a node has nothing to say', async (t) => {
  t.is(codeOf(await t.throwsAsync(machine(['one']).of('one').driver.list())), 'AGENT_DOWN');
});

import test from 'ava';
import { freezesPods } from '../../testing/frozen-pods.ts';
import { openProcessDriver, sandboxSpec } from '../../testing/open-process-driver.ts';

const limits = { cpuLimitMillis: null, memoryLimitBytes: null };

test('a pod that is held still does nothing, whichever driver looks, until it is let go', async (t) =>
  freezesPods(t, await openProcessDriver(t)));

test('each node has addresses of its own part of the range, and pods know their node', async (t) => {
  const { driver, another } = await openProcessDriver(t);
  const made = async (podUid: string, name: string, podCIDR?: string): Promise<string> =>
    (await driver.createSandbox({ ...sandboxSpec(podUid), node: { name, podCIDR, ...limits } })).podIP;
  t.is(await made('a', 'one', '127.97.0.0/24'), '127.97.0.1');
  t.is(await made('b', 'two', '127.97.1.0/24'), '127.97.1.1');
  t.is(await made('c', 'two', '127.97.1.0/24'), '127.97.1.2');
  t.is(await made('d', 'one', '127.97.0.0/24'), '127.97.0.2');
  t.is(await made('e', 'elsewhere', '10.0.0.0/24'), '127.97.1.3', 'a range that is not ours is none');
  await driver.close();
  const next = another();
  t.teardown(() => next.close());
  await next.open();
  t.deepEqual((await next.sandboxes()).map(({ podUid, nodeName }) => [podUid, nodeName]).sort(), [
    ['a', 'one'],
    ['b', 'two'],
    ['c', 'two'],
    ['d', 'one'],
    ['e', 'elsewhere'],
  ]);
});

test('a node whose part is all taken has no address to give, whatever others have', async (t) => {
  const { driver } = await openProcessDriver(t);
  const node = { name: 'one', podCIDR: '127.97.4.0/30', ...limits };
  for (const podUid of ['a', 'b']) await driver.createSandbox({ ...sandboxSpec(podUid), node });
  await t.throwsAsync(driver.createSandbox({ ...sandboxSpec('c'), node }));
  await driver.removeSandbox('a');
  t.is((await driver.createSandbox({ ...sandboxSpec('d'), node })).podIP, '127.97.4.1');
});

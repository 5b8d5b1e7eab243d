import test from 'ava';
import { WorldError } from '../base/errors.ts';
import { conditionOf, nodeWorld, podOf, refOfPod, statusOf, user } from '../testing/node-world.ts';
import type { PodDriver } from './driver.ts';
import type { DriverOfShares } from './driver-view.ts';

const refusing =
  (reason: string) =>
  (driver: PodDriver): PodDriver => ({
    ...driver,
    image: async () => ({ ok: false, reason, message: 'no such image' }),
  });

test('an image that is refused is tried again with a growing delay, and the reason stands in the status', async (t) => {
  const w = await nodeWorld({ wrap: refusing('ErrImagePull') });
  await w.client.create(podOf('a', {}), user);
  await w.quiet();
  t.like(statusOf(await w.pod('a'))?.state?.waiting, { reason: 'ErrImagePull', message: 'no such image' });
  await w.pass(10_000);
  t.is(statusOf(await w.pod('a'))?.state?.waiting?.reason, 'ImagePullBackOff');
  t.is(await w.phaseOf('a'), 'Pending');
  t.deepEqual(w.starts(), []);
  await w.close();
});

test('calls that fail now and then are repeated until all is as it should be; nothing starts twice', async (t) => {
  let calls = 0;
  /** Every third call fails; half of those that fail have had their effect. */
  const flaky = (driver: PodDriver): PodDriver => {
    const fails = async <T>(call: () => Promise<T>): Promise<T> => {
      calls += 1;
      if (calls % 3 !== 0) return call();
      if (calls % 2 === 0) await call();
      throw new WorldError('AGENT_DOWN', 'gone for a moment');
    };
    return {
      ...driver,
      createSandbox: (spec) => fails(() => driver.createSandbox(spec)),
      startContainer: (spec) => fails(() => driver.startContainer(spec)),
      signal: (id, signal) => fails(() => driver.signal(id, signal)),
      removeSandbox: (uid) => fails(() => driver.removeSandbox(uid)),
      list: () => fails(() => driver.list()),
    };
  };
  const w = await nodeWorld({ wrap: flaky });
  for (const name of ['a', 'b', 'c']) await w.client.create(podOf(name, {}), user);
  await w.pass(60_000);
  for (const name of ['a', 'b', 'c']) t.is(await w.phaseOf(name), 'Running');
  for (const name of ['a', 'b', 'c']) await w.client.delete(refOfPod(name), {}, user);
  await w.pass(60_000);
  for (const name of ['a', 'b', 'c']) t.is(await w.pod(name), null);
  t.true(w.starts().length === 3 && w.starts().every(([, times]) => times === 1));
  t.is(w.state.sandboxes.size, 0);
  await w.close();
});

test('a postStart hook that fails ends the container, and restart policy applies', async (t) => {
  const w = await nodeWorld();
  const lifecycle = { postStart: { tcpSocket: { port: 'nope' } } };
  await w.client.create(podOf('a', { containers: [{ name: 'web', image: 'host', lifecycle }] }), user);
  await w.pass(1000);
  t.is(statusOf(await w.pod('a'))?.restartCount, 1);
  t.is(statusOf(await w.pod('a'))?.state?.waiting?.reason, 'CrashLoopBackOff');
  t.true((await w.events('FailedPostStartHook')).length > 0);
  await w.close();
});

test('a readiness gate holds Ready back until somebody sets its condition', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', { readinessGates: [{ conditionType: 'example.com/in' }] }), user);
  await w.quiet();
  const pod = await w.pod('a');
  t.is(conditionOf(pod, 'ContainersReady')?.status, 'True');
  t.is(conditionOf(pod, 'Ready')?.reason, 'ReadinessGatesNotReady');
  const gate = { type: 'example.com/in', status: 'True' };
  const conditions = [...(pod?.status?.conditions ?? []), gate];
  if (pod === null) return t.fail();
  await w.client.update({ ...pod, status: { ...pod.status, conditions } }, user, { subresource: 'status' });
  await w.quiet();
  t.is(conditionOf(await w.pod('a'), 'Ready')?.status, 'True');
  await w.close();
});

test('logs of this run and the one before; a container that has none yet says why', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}, { exitAfterMs: 1000, exitCode: 1 }), user);
  await w.pass(1500);
  const read = async (previous: boolean): Promise<string> => {
    let text = '';
    const target = { namespace: 'default', pod: 'a', container: 'web' };
    for await (const chunk of w.agent().logs(target, { previous })) text += Buffer.from(chunk).toString();
    return text;
  };
  t.is(await read(false), 'web started, attempt 1\n');
  t.is(await read(true), 'web started, attempt 0\nweb ended with 1\n');
  const missing = { namespace: 'default', pod: 'a', container: 'nope' };
  const error = await t.throwsAsync(async () => {
    for await (const _ of w.agent().logs(missing, {})) t.fail();
  });
  t.is(error && 'reason' in error ? error.reason : null, 'BadRequest');
  await w.close();
});

test('use is told by pod', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}, { cpuMillis: 120, memoryBytes: 5 }), user);
  await w.quiet();
  t.like((await w.agent().stats())[0], {
    namespace: 'default',
    pod: 'a',
    containers: [{ name: 'web', cpuMillis: 120, memoryBytes: 5 }],
  });
  await w.close();
});

test('a container killed for want of memory is told of once, in its status and in an event', async (t) => {
  const hungry = (driver: DriverOfShares): DriverOfShares => {
    const { shareOf: _, ...listed } = driver;
    const list: PodDriver['list'] = async () =>
      (await driver.list()).map((record) =>
        record.state.phase === 'exited' ? { ...record, state: { ...record.state, oomKilled: true } } : record,
      );
    return { ...listed, list };
  };
  const w = await nodeWorld({ wrap: hungry });
  await w.client.create(podOf('a', { restartPolicy: 'Never' }, { exitAfterMs: 1000, exitCode: 137 }), user);
  await w.pass(5000);
  t.like(statusOf(await w.pod('a'))?.state?.terminated, { reason: 'OOMKilled', exitCode: 137 });
  await w.restart();
  await w.pass(5000);
  t.deepEqual(
    (await w.events('OOMKilled')).map(({ type, count }) => [type, count ?? 1]),
    [['Warning', 1]],
  );
  await w.close();
});

import test from 'ava';
import { nodeWorld, podOf, refOfPod, statusOf, user } from '../testing/node-world.ts';

const preStop = { preStop: { sleep: { seconds: 5 } } };
const hooked = { containers: [{ name: 'web', image: 'host', lifecycle: preStop }] };

const cases = [
  { title: 'a pod that obeys', spec: {}, behaviour: {}, graceMaxMs: null, runsAtMs: null, endsMs: 10 },
  {
    title: 'a pod with a preStop hook',
    ...{ spec: hooked, behaviour: {}, graceMaxMs: null, runsAtMs: 4_900, endsMs: 5_100 },
  },
  {
    title: 'a pod that ignores its stop signal',
    spec: { terminationGracePeriodSeconds: 40 },
    ...{ behaviour: { stopAfterMs: null }, graceMaxMs: null, runsAtMs: 39_900, endsMs: 40_100 },
  },
  {
    title: 'one that ignores it, where the grace is cut short',
    spec: { terminationGracePeriodSeconds: 40 },
    ...{ behaviour: { stopAfterMs: null }, graceMaxMs: 3_000, runsAtMs: 2_900, endsMs: 3_100 },
  },
  {
    title: 'a shorter grace of its own',
    spec: { terminationGracePeriodSeconds: 2 },
    ...{ behaviour: { stopAfterMs: null }, graceMaxMs: 30_000, runsAtMs: 1_900, endsMs: 2_100 },
  },
] as const;
for (const { title, spec, behaviour, graceMaxMs, runsAtMs, endsMs } of cases) {
  test(`the node ends its pods: ${title} ends in time, and the API is not told`, async (t) => {
    const w = await nodeWorld();
    await w.client.create(podOf('a', spec, behaviour), user);
    await w.quiet();
    const before = await w.pod('a');
    const runningCount = (): number =>
      [...w.state.containers.values()].filter(({ endsAtMs }) => w.clock.now() < endsAtMs).length;
    t.is(runningCount(), 1);
    let ended = false;
    const ending = w
      .agent()
      .endPods({ graceMaxMs })
      .then(() => {
        ended = true;
      });
    if (runsAtMs !== null) {
      await w.pass(runsAtMs);
      t.is(runningCount(), 1);
      t.false(ended);
    }
    await w.pass(endsMs - (runsAtMs ?? 0));
    t.is(runningCount(), 0);
    t.true(ended);
    await ending;
    t.deepEqual((await w.pod('a'))?.status, before?.status);
    await w.close();
  });
}

test('a node that has ended its pods has them run again when it is back', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', {}), user);
  await w.quiet();
  const ending = w.agent().endPods({ graceMaxMs: null });
  await w.pass(10);
  await ending;
  await w.restart();
  await w.pass(30_000);
  t.is((await w.pod('a'))?.status?.phase, 'Running');
  t.truthy(statusOf(await w.pod('a'))?.state?.running);
  await w.close();
});

test('a pod that is being deleted while the node ends is gone for good', async (t) => {
  const w = await nodeWorld();
  await w.client.create(podOf('a', hooked), user);
  await w.quiet();
  await w.client.delete(refOfPod('a'), {}, user);
  await w.pass(1_000);
  const ending = w.agent().endPods({ graceMaxMs: null });
  await w.pass(5_000);
  await ending;
  t.is(await w.pod('a'), null);
  await w.close();
});

import test from 'ava';
import { WorldError } from '../base/errors.ts';
import { nodeWorld, podOf, statusOf, user } from '../testing/node-world.ts';
import type { ContainerSpec, PodDriver, PullOptions, SandboxSpec } from './driver.ts';

test('a container that the driver refuses waits with the reason, has no run, and starts once it is taken', async (t) => {
  let refuses = true;
  const reason = 'CreateContainerConfigError';
  const wrap = (driver: PodDriver): PodDriver => ({
    ...driver,
    startContainer: (spec) =>
      refuses
        ? Promise.resolve({ limitations: [], refused: { reason, message: 'it would run as root' } })
        : driver.startContainer(spec),
  });
  const w = await nodeWorld({ wrap });
  await w.client.create(podOf('a', {}), user);
  await w.quiet();
  const status = statusOf(await w.pod('a'));
  t.like(status?.state?.waiting, { reason, message: 'it would run as root' });
  t.is(status?.restartCount, 0);
  t.is(await w.phaseOf('a'), 'Pending');
  t.deepEqual(w.starts(), []);
  refuses = false;
  await w.pass(10_000);
  t.is(await w.phaseOf('a'), 'Running');
  await w.close();
});

test('a restart that is refused does not wait longer each time', async (t) => {
  let refuses = false;
  const reason = 'CreateContainerError';
  const tried: ContainerSpec[] = [];
  const wrap = (driver: PodDriver): PodDriver => ({
    ...driver,
    startContainer: (spec) => {
      tried.push(spec);
      return refuses
        ? Promise.resolve({ limitations: [], refused: { reason, message: 'no' } })
        : driver.startContainer(spec);
    },
  });
  const w = await nodeWorld({ wrap });
  await w.client.create(podOf('a', {}, { exitAfterMs: 1000, exitCode: 1 }), user);
  await w.pass(500);
  refuses = true;
  await w.pass(120_000);
  // The first restart comes at once, then one try in ten seconds.
  t.true(tried.length >= 10 && tried.slice(1).every(({ attempt }) => attempt === 1));
  await w.close();
});

test('a sandbox that cannot be made is told of in an event, and made when it can be', async (t) => {
  let refuses = true;
  const seen: SandboxSpec[] = [];
  const wrap = (driver: PodDriver): PodDriver => ({
    ...driver,
    createSandbox: (spec) => {
      seen.push(spec);
      if (refuses) throw new WorldError('DRIVER_FAILED', 'port 80 of the machine is taken');
      return driver.createSandbox(spec);
    },
  });
  const w = await nodeWorld({ wrap });
  await w.client.create(podOf('a', { securityContext: { fsGroup: 3 } }), user);
  await w.quiet();
  const [event] = await w.events('FailedCreatePodSandBox');
  t.regex(event?.message ?? '', /port 80 of the machine is taken/);
  refuses = false;
  await w.pass(2000);
  t.is(await w.phaseOf('a'), 'Running');
  t.like(seen[0], { fsGroup: 3, qosClass: 'BestEffort' });
  await w.close();
});

test('a pod that asks for a sysctl which is not safe fails for good, with the reason', async (t) => {
  let asked = 0;
  const wrap = (driver: PodDriver): PodDriver => ({
    ...driver,
    createSandbox: async () => {
      asked += 1;
      throw new WorldError('SYSCTL_FORBIDDEN', 'forbidden sysctl: "kernel.msgmax" not allowlisted');
    },
  });
  const w = await nodeWorld({ wrap });
  await w.client.create(podOf('a', { restartPolicy: 'Always' }), user);
  await w.quiet();
  t.like((await w.pod('a'))?.status, {
    phase: 'Failed',
    reason: 'SysctlForbidden',
    message: 'forbidden sysctl: "kernel.msgmax" not allowlisted',
  });
  t.is((await w.events('SysctlForbidden')).length, 1);
  await w.restart();
  await w.pass(60_000);
  t.is(asked, 1);
  await w.close();
});

test('the driver is given what imagePullSecrets hold, and a secret that is not there is told of', async (t) => {
  const pulls: (PullOptions | undefined)[] = [];
  const wrap = (driver: PodDriver): PodDriver => ({
    ...driver,
    image: (image, policy, options) => {
      pulls.push(options);
      return driver.image(image, policy, options);
    },
  });
  const w = await nodeWorld({ wrap });
  const metadata = { name: 'login', namespace: 'default' };
  const data = { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') };
  await w.client.create({ apiVersion: 'v1', kind: 'Secret', metadata, data }, user);
  const imagePullSecrets = [{ name: 'login' }, { name: 'nowhere' }];
  await w.client.create(podOf('a', { imagePullSecrets }), user);
  await w.quiet();
  t.deepEqual(pulls[0], { dockerConfigs: ['{"auths":{}}'] });
  t.is((await w.events('FailedToRetrieveImagePullSecret')).length, 1);
  t.is(await w.phaseOf('a'), 'Running');
  await w.close();
});

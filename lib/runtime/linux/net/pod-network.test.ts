import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../base/clock.ts';
import { silentLog } from '../../../base/log.ts';
import { systemRandom } from '../../../base/random.ts';
import { toolEnvironment } from '../../../base/run-program.ts';
import { needsRoot } from '../../../testing/needs-root.ts';
import { networkLeft } from '../../../testing/network-left.ts';
import { temporaryDirectory } from '../../../testing/temporary-directory.ts';
import { until } from '../../../testing/until.ts';
import { type PodNetwork, podNetwork } from './pod-network.ts';

const tested = needsRoot(['ip', 'nft', 'busybox']) ? test.serial : test.serial.skip;

const opened = (dataDirectory: string, bootId = 'this boot'): PodNetwork =>
  podNetwork({ dataDirectory, clock: systemClock(), random: systemRandom(), log: silentLog(), bootId });

/** A network of its own, of which nothing may be left when the test ends. */
async function world(t: ExecutionContext) {
  const dataDirectory = await temporaryDirectory(t);
  const network = opened(dataDirectory);
  const plan = await network.open();
  t.teardown(async () => {
    await network.close();
    await opened(dataDirectory).shutDown();
    assert.deepEqual(networkLeft(plan.bridge, dataDirectory), []);
  });
  return { dataDirectory, network, plan };
}

const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

/** What a program in a pod says; '' when it fails. */
function inPod(netns: string, ...command: readonly string[]): string {
  try {
    return execFileSync('nsenter', [`--net=${netns}`, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

tested('pods reach one another, their gateway and themselves, each by its own address', async (t) => {
  const { network, plan } = await world(t);
  const [a, b] = await Promise.all([network.attach('a'), network.attach('b')]);
  t.not(a.podIP, b.podIP);
  t.regex(inPod(a.netns, 'busybox', 'ip', 'addr', 'show', 'lo'), /UP/);
  for (const address of [b.podIP, plan.gateway, a.podIP, '127.0.0.1'])
    t.regex(inPod(a.netns, 'busybox', 'ping', '-c1', '-W3', address), /1 packets received/, address);
  t.deepEqual(await network.attach('a'), a);
  t.deepEqual(
    network.list().toSorted((one, other) => (one.podUid < other.podUid ? -1 : 1)),
    [
      { podUid: 'a', ...a },
      { podUid: 'b', ...b },
    ],
  );
  t.deepEqual(network.troubles(), []);
});

tested('what leaves the range goes as the machine itself', async (t) => {
  const { network, plan } = await world(t);
  const { netns } = await network.attach('a');
  // Another machine behind a cable of its own, which knows no way back to pods.
  const far = `${plan.bridge}-far`;
  const range = plan.bridge.replace('pintle', '10.253.');
  ip('netns', 'add', far);
  ip('link', 'add', 'name', 'pfar', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', far);
  try {
    ip('addr', 'add', `${range}.1/24`, 'dev', 'pfar');
    ip('link', 'set', 'dev', 'pfar', 'up');
    ip('-n', far, 'addr', 'add', `${range}.2/24`, 'dev', 'eth0');
    ip('-n', far, 'link', 'set', 'dev', 'eth0', 'up');
    t.regex(inPod(netns, 'busybox', 'ping', '-c1', '-W3', `${range}.2`), /1 packets received/);
  } finally {
    ip('netns', 'del', far);
    execFileSync('sh', ['-c', 'ip link del dev pfar 2>/dev/null || true']);
  }
});

tested('whoever comes back finds pods as they were, and sweeps away what belongs to none', async (t) => {
  const { dataDirectory, network, plan } = await world(t);
  const a = await network.attach('a');
  await network.close();
  ip('netns', 'add', `${plan.bridge}-stray`);
  ip('link', 'add', 'name', 'ptstray', 'type', 'veth', 'peer', 'name', 'ptstray2');
  ip('link', 'set', 'dev', 'ptstray', 'master', plan.bridge);
  const next = opened(dataDirectory);
  t.deepEqual({ ...(await next.open()) }, { ...plan });
  t.deepEqual(next.list(), [{ podUid: 'a', ...a }]);
  t.notRegex(ip('netns', 'list'), /-stray/);
  t.notRegex(ip('link', 'show'), /ptstray/);
  t.deepEqual(await next.attach('a'), a);
  // Half of it is gone: made anew, with the same address.
  const cable = /(pt\d+-\w+)@/.exec(ip('link', 'show', 'master', plan.bridge))?.[1] ?? '';
  ip('link', 'del', 'dev', cable);
  t.deepEqual(await next.attach('a'), a);
  t.regex(inPod(a.netns, 'busybox', 'ping', '-c1', '-W3', plan.gateway), /1 packets received/);
  await next.close();
});

tested('after a reboot no pod has anything', async (t) => {
  const { dataDirectory, network } = await world(t);
  const a = await network.attach('a');
  await network.close();
  const next = opened(dataDirectory, 'another boot');
  await next.open();
  t.deepEqual(next.list(), []);
  t.false(ip('netns', 'list').includes(a.netns.split('/').at(-1) ?? ''));
  await next.close();
});

tested('a pod that goes leaves nothing, though a process of it is still there', async (t) => {
  const { dataDirectory, network, plan } = await world(t);
  const a = await network.attach('a');
  const before = networkLeft(plan.bridge, dataDirectory).length;
  const holder = spawn('nsenter', [`--net=${a.netns}`, 'sleep', '60'], { stdio: 'ignore' });
  t.teardown(async () => void holder.kill('SIGKILL'));
  const netnsOf = (pid: number | undefined): string => {
    try {
      return execFileSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' });
    } catch {
      return '';
    }
  };
  await until(() => netnsOf(holder.pid) !== netnsOf(process.pid), { what: 'the process is in the pod' });
  await network.detach('a');
  await network.detach('a');
  t.deepEqual(network.list(), []);
  t.is(networkLeft(plan.bridge, dataDirectory).length, before - 2);
  const again = await network.attach('a');
  t.not(again.podIP, a.podIP);
});

tested('two data directories have two networks, and neither minds the other', async (t) => {
  const [one, two] = [await world(t), await world(t)];
  t.not(one.plan.bridge, two.plan.bridge);
  t.not(one.plan.podRange, two.plan.podRange);
  t.not(one.plan.serviceRange, two.plan.serviceRange);
  const [a, b] = [await one.network.attach('a'), await two.network.attach('a')];
  await two.network.shutDown();
  t.deepEqual(networkLeft(two.plan.bridge, two.dataDirectory), []);
  t.false(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').startsWith('0'));
  t.regex(inPod(a.netns, 'busybox', 'ping', '-c1', '-W3', one.plan.gateway), /1 packets received/);
  t.is(inPod(b.netns, 'true'), '');
});

tested('the bridge of a directory that is no more is taken away', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  const network = opened(dataDirectory);
  const { bridge } = await network.open();
  await network.close();
  execFileSync('rm', ['-r', dataDirectory]);
  const { network: next } = await world(t);
  await next.close();
  execFileSync('nft', ['delete', 'table', 'ip', `${bridge}_pods`], { env: toolEnvironment() });
  execFileSync('nft', ['delete', 'table', 'bridge', `${bridge}_guard`], { env: toolEnvironment() });
  t.deepEqual(networkLeft(bridge, dataDirectory), []);
});

tested(
  'a bridge of that name that is not ours is left alone, and so is a route of the machine',
  async (t) => {
    const { dataDirectory, network, plan } = await world(t);
    await network.shutDown();
    const far = 'pnforeign';
    try {
      ip('link', 'add', 'name', plan.bridge, 'type', 'bridge');
      const next = opened(dataDirectory);
      const other = await next.open();
      t.not(other.bridge, plan.bridge);
      await next.shutDown();
      t.regex(ip('link', 'show', 'dev', plan.bridge), /pintle/);
      // The range it had is led elsewhere now.
      ip('link', 'add', 'name', far, 'type', 'bridge');
      ip('link', 'set', 'dev', far, 'up');
      ip('route', 'add', other.podRange, 'dev', far);
      const third = opened(dataDirectory);
      t.not((await third.open()).podRange, other.podRange);
      await third.attach('a');
      t.regex(ip('route', 'show', 'dev', far), new RegExp(other.podRange.replaceAll('.', '\\.')));
      await third.shutDown();
    } finally {
      execFileSync('sh', ['-c', `ip link del dev ${plan.bridge}; ip link del dev ${far}; true`], {
        stdio: 'ignore',
      });
    }
  },
);

tested(
  'pods that have addresses do not lose their range to somebody who takes the bridge away',
  async (t) => {
    const { dataDirectory, network, plan } = await world(t);
    const a = await network.attach('a');
    await network.close();
    ip('link', 'del', 'dev', plan.bridge);
    const next = opened(dataDirectory);
    t.deepEqual(await next.open(), plan);
    t.deepEqual(await next.attach('a'), a);
    t.regex(inPod(a.netns, 'busybox', 'ping', '-c1', '-W3', plan.gateway), /1 packets received/);
    await next.close();
  },
);

tested('rules that somebody else took away are put back, and its troubles are those of now', async (t) => {
  const { network, plan } = await world(t);
  const table = `${plan.bridge}_pods`;
  const isThere = (): boolean =>
    execFileSync('nft', ['list', 'tables'], { encoding: 'utf8', env: toolEnvironment() }).includes(table);
  execFileSync('nft', ['delete', 'table', 'ip', table], { env: toolEnvironment() });
  t.false(isThere());
  await until(async () => isThere(), { what: 'the rules are back', everyMs: 250 });
  t.deepEqual(network.troubles(), []);
});

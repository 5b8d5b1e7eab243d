import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { toolEnvironment } from '../base/run-program.ts';
import type { NameTable } from '../network/dns/name-table.ts';
import type { Carrier, MachineNetwork } from '../network/proxy/machine-network.ts';
import type { ListenFailure, ProxyListener } from '../network/proxy/proxy-table.ts';
import { type ProxyClient, proxyClient } from '../network/proxy-client.ts';
import type { NetworkPlan } from '../runtime/linux/net/network-plan.ts';
import { type PodAttachment, podNetwork } from '../runtime/linux/net/pod-network.ts';
import { networkLeft } from './network-left.ts';
import { type Ask, askFrom, podProgram, runIn, sendingFrom } from './pod-on-network.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { until } from './until.ts';

type Tested = (title: string, run: (t: ExecutionContext) => Promise<void>) => void;

const NO_NAMES: NameTable = { services: [], pods: [] };

type World = {
  readonly plan: NetworkPlan;
  readonly proxy: ProxyClient;
  readonly dataDirectory: string;
  /** An address of the machine that is not loopback. */
  readonly hostAddress: string;
  failures(): readonly ListenFailure[];
  /** Of the service range. */
  clusterAddress(at: number): string;
  pod(name: string): Promise<PodAttachment>;
  detach(name: string): Promise<void>;
  set(table: readonly ProxyListener[], names?: NameTable): Promise<Carrier | null>;
  listener(more: Partial<ProxyListener>): ProxyListener;
};

async function world(t: ExecutionContext, by: MachineNetwork['by']): Promise<World> {
  const base = await temporaryDirectory(t);
  const dataDirectory = join(base, 'data');
  execFileSync('mkdir', ['-m', '700', dataDirectory]);
  const shared = { dataDirectory, clock: systemClock(), log: silentLog() };
  const network = podNetwork({ ...shared, random: systemRandom(), bootId: 'this boot' });
  const plan = await network.open();
  let failures: readonly ListenFailure[] = [];
  const onFailures = (next: readonly ListenFailure[]): void => {
    failures = next;
  };
  const proxy = proxyClient({ ...shared, onFailures, onBack: () => {} });
  await proxy.open();
  t.teardown(async () => {
    await proxy.shutDown();
    await network.shutDown();
    assert.deepEqual(networkLeft(plan.bridge, dataDirectory), []);
    const routes = execFileSync('ip', ['route', 'show', 'table', 'all'], { encoding: 'utf8' });
    // A route by the bridge is another's, who has it now.
    assert.ok(!routes.includes(`local ${plan.serviceRange} dev lo`), routes);
  });
  const clusterAddress = (at: number): string =>
    `${plan.serviceRange.split('.').slice(0, 3).join('.')}.${at}`;
  const { bridge, gateway, podRange, serviceRange } = plan;
  const machine = { bridge, gateway, podRange, serviceRange, dnsAddress: clusterAddress(10) };
  return {
    ...{ plan, proxy, dataDirectory, clusterAddress, hostAddress: machineAddress() },
    failures: () => failures,
    pod: (name) => network.attach(name),
    detach: (name) => network.detach(name),
    set: async (table, names = NO_NAMES) => {
      const state = { table, machine: { ...machine, domain: 'cluster.local', by }, names };
      const answer = await proxy.setState(state);
      failures = answer.failures;
      return answer.carrier;
    },
    listener: (more) => ({
      ...{ protocol: 'TCP', address: clusterAddress(20), port: 80, service: 'shop/web' },
      ...{ backends: [], affinitySeconds: null },
      ...more,
    }),
  };
}

/** The address of the device with the default route. */
function machineAddress(): string {
  const said = execFileSync('ip', ['-4', 'route', 'get', '1.1.1.1'], { encoding: 'utf8' });
  return / src (\S+)/.exec(said)?.[1] ?? '127.0.0.1';
}

/** Answers of as many clients, without their addresses. */
async function names(from: string | null, ask: Ask, count: number): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let at = 0; at < count; at += 1) answers.push((await askFrom(from, ask)).split(' ')[0] ?? '');
  return answers;
}

/**
 * What holds of Services however connections are carried: the same from rules of the kernel and from the proxy, with real pods'
 * networks on this machine. Each test shows that it left nothing behind.
 */
export function serviceContract(tested: Tested, by: MachineNetwork['by']): void {
  const titled = (title: string): string => `${by}: ${title}`;
  const NODE_PORT = by === 'nftables' ? 31_871 : 31_881;

  tested(
    titled('pods, their own Service, and the machine reach the cluster address, over TCP and UDP'),
    async (t) => {
      const { pod, set, listener, clusterAddress } = await world(t, by);
      const [a, b, c] = [await pod('a'), await pod('b'), await pod('c')];
      for (const [name, { netns }] of Object.entries({ a, b })) {
        const program = await podProgram(netns, { name, port: 8080 });
        t.teardown(async () => program.close());
      }
      const backends = [a, b].map(({ podIP }) => ({ address: podIP, port: 8080 }));
      const carrier = await set([listener({ backends }), listener({ backends, protocol: 'UDP' })]);
      t.is(carrier?.by, by);
      const address = clusterAddress(20);
      const fromPod = await names(c.netns, { address, port: 80 }, 12);
      t.deepEqual([...new Set(fromPod)].sort(), ['a', 'b']);
      // Its own turns are among them.
      t.deepEqual([...new Set(await names(a.netns, { address, port: 80 }, 12))].sort(), ['a', 'b']);
      t.deepEqual([...new Set(await names(null, { address, port: 80 }, 12))].sort(), ['a', 'b']);
      for (const from of [c.netns, a.netns, null])
        t.regex(await askFrom(from, { protocol: 'udp', address, port: 80 }), /^[ab] /);
    },
  );

  tested(titled('a pod that is the only one behind its Service reaches itself'), async (t) => {
    const { pod, set, listener, clusterAddress } = await world(t, by);
    const a = await pod('a');
    const program = await podProgram(a.netns, { name: 'a', port: 8080 });
    t.teardown(async () => program.close());
    const backends = [{ address: a.podIP, port: 8080 }];
    await set([listener({ backends }), listener({ backends, protocol: 'UDP' })]);
    t.regex(await askFrom(a.netns, { address: clusterAddress(20), port: 80 }), /^a /);
    t.regex(await askFrom(a.netns, { protocol: 'udp', address: clusterAddress(20), port: 80 }), /^a /);
  });

  tested(
    titled('without backends, at another port and at an address of no Service connecting is refused'),
    async (t) => {
      const { pod, set, listener, clusterAddress } = await world(t, by);
      const a = await pod('a');
      await set([listener({}), listener({ protocol: 'UDP' })]);
      for (const from of [a.netns, null]) {
        t.is(await askFrom(from, { address: clusterAddress(20), port: 80 }), 'ECONNREFUSED');
        t.is(await askFrom(from, { address: clusterAddress(20), port: 81 }), 'ECONNREFUSED');
        t.is(await askFrom(from, { address: clusterAddress(99), port: 80 }), 'ECONNREFUSED');
        t.is(await askFrom(from, { protocol: 'udp', address: clusterAddress(20), port: 80 }), 'ECONNREFUSED');
      }
    },
  );

  tested(titled('a node port leads there from the machine, from pods and by loopback'), async (t) => {
    const { pod, set, listener, plan, hostAddress } = await world(t, by);
    const [a, c] = [await pod('a'), await pod('c')];
    const program = await podProgram(a.netns, { name: 'a', port: 8080 });
    t.teardown(async () => program.close());
    const backends = [{ address: a.podIP, port: 8080 }];
    await set([listener({ address: '0.0.0.0', port: NODE_PORT, backends })]);
    for (const address of [hostAddress, plan.gateway, '127.0.0.1'])
      t.regex(await askFrom(null, { address, port: NODE_PORT }), /^a /, address);
    for (const address of [hostAddress, plan.gateway])
      t.regex(await askFrom(c.netns, { address, port: NODE_PORT }), /^a /, address);
    await set([listener({ address: '0.0.0.0', port: NODE_PORT })]);
    t.is(await askFrom(c.netns, { address: hostAddress, port: NODE_PORT }), 'ECONNREFUSED');
    t.is(await askFrom(null, { address: '127.0.0.1', port: NODE_PORT }), 'ECONNREFUSED');
  });

  tested(
    titled('an address of the machine leads there for those who may, and what others have stays theirs'),
    async (t) => {
      const { pod, set, listener, hostAddress, failures } = await world(t, by);
      const [a, c] = [await pod('a'), await pod('c')];
      const program = await podProgram(a.netns, { name: 'a', port: 8080 });
      t.teardown(async () => program.close());
      const { createServer } = await import('node:net');
      const squatter = createServer((socket) => {
        socket.on('error', () => {});
        socket.end('squatter\n');
      });
      t.teardown(async () => void squatter.close());
      await new Promise<void>((resolve) => squatter.listen(NODE_PORT + 3, '0.0.0.0', () => resolve()));
      const backends = [{ address: a.podIP, port: 8080 }];
      const at = (port: number, more: Partial<ProxyListener> = {}): ProxyListener =>
        listener({ address: hostAddress, port, backends, ...more });
      await set([
        at(NODE_PORT + 1),
        at(NODE_PORT + 2, { sources: ['203.0.113.0/24'] }),
        at(NODE_PORT + 3),
        listener({ address: '203.0.113.9', backends }),
      ]);
      t.regex(await askFrom(c.netns, { address: hostAddress, port: NODE_PORT + 1 }), /^a /);
      t.regex(await askFrom(null, { address: hostAddress, port: NODE_PORT + 1 }), /^a /);
      const shutOut = await askFrom(c.netns, { address: hostAddress, port: NODE_PORT + 2 });
      t.true(['TIMEOUT', 'ECONNRESET', 'ECONNREFUSED'].includes(shutOut), shutOut);
      t.is(await askFrom(c.netns, { address: hostAddress, port: NODE_PORT + 3 }), 'squatter');
      t.deepEqual(
        failures()
          .map(({ address, port, code }) => `${address}:${port} ${code}`)
          .sort(),
        [`${hostAddress}:${NODE_PORT + 3} EADDRINUSE`, '203.0.113.9:80 EADDRNOTAVAIL'].sort(),
      );
      squatter.close();
      await until(
        async () => (await askFrom(c.netns, { address: hostAddress, port: NODE_PORT + 3 })).startsWith('a '),
        { what: 'the place is free and leads to the pod' },
      );
    },
  );

  tested(titled('a client keeps its backend until that goes'), async (t) => {
    const { pod, set, listener, clusterAddress } = await world(t, by);
    const pods = { a: await pod('a'), b: await pod('b') };
    const client = await pod('c');
    for (const [name, { netns }] of Object.entries(pods)) {
      const program = await podProgram(netns, { name, port: 8080 });
      t.teardown(async () => program.close());
    }
    const to = (...some: readonly PodAttachment[]): ProxyListener =>
      listener({ affinitySeconds: 60, backends: some.map(({ podIP }) => ({ address: podIP, port: 8080 })) });
    await set([to(pods.a, pods.b)]);
    const ask = { address: clusterAddress(20), port: 80 };
    const first = new Set(await names(client.netns, ask, 8));
    t.is(first.size, 1);
    const mine = first.has('a') ? 'a' : 'b';
    // Another one comes and goes: nothing changes for whoever has his.
    await set([to(pods.a, pods.b, client)]);
    t.deepEqual([...new Set(await names(client.netns, ask, 6))], [mine]);
    const other = mine === 'a' ? 'b' : 'a';
    await set([to(pods[other])]);
    t.deepEqual([...new Set(await names(client.netns, ask, 3))], [other]);
  });

  tested(
    titled('datagrams of a client that never pauses go to another pod when theirs has gone'),
    async (t) => {
      const { pod, set, listener, clusterAddress } = await world(t, by);
      const [a, b, c] = [await pod('a'), await pod('b'), await pod('c')];
      for (const [name, { netns }] of Object.entries({ a, b })) {
        const program = await podProgram(netns, { name, port: 8080 });
        t.teardown(async () => program.close());
      }
      const to = ({ podIP }: PodAttachment): ProxyListener =>
        listener({ protocol: 'UDP', backends: [{ address: podIP, port: 8080 }] });
      await set([to(a)]);
      const client = sendingFrom(c.netns, { address: clusterAddress(20), port: 80 });
      t.teardown(async () => client.close());
      await until(() => client.said().startsWith('a '), { what: 'it is answered' });
      await set([to(b)]);
      await until(() => /^b /m.test(client.said()), { what: 'the other one answers', deadlineMs: 20_000 });
      t.regex(client.said().trim(), /^a .*\nb .*$/);
    },
  );

  tested(titled('connections go on when their backend leaves the Service'), async (t) => {
    const { pod, set, listener, clusterAddress } = await world(t, by);
    const [a, b] = [await pod('a'), await pod('b')];
    for (const [name, { netns }] of Object.entries({ a, b })) {
      const program = await podProgram(netns, { name, port: 8080 });
      t.teardown(async () => program.close());
    }
    await set([listener({ backends: [{ address: a.podIP, port: 8080 }] })]);
    const { createConnection } = await import('node:net');
    const socket = createConnection({ host: clusterAddress(20), port: 80 });
    let said = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      said += String(bytes);
    });
    t.teardown(async () => void socket.destroy());
    await until(() => said.startsWith('a '), { what: 'the greeting' });
    await set([listener({ backends: [{ address: b.podIP, port: 8080 }] })]);
    t.regex(await askFrom(null, { address: clusterAddress(20), port: 80 }), /^b /);
    socket.write('still here\n');
    await until(() => said.includes('still here'), { what: 'the connection goes on' });
    await set([]);
    socket.write('and here\n');
    await until(() => said.includes('and here'), { what: 'the connection goes on without its Service' });
    t.is(await askFrom(null, { address: clusterAddress(20), port: 80 }), 'ECONNREFUSED');
  });

  tested(titled('names of the cluster are found from inside a pod by real resolvers'), async (t) => {
    const { pod, set, clusterAddress, dataDirectory } = await world(t, by);
    const a = await pod('a');
    const address = clusterAddress(20);
    await set([], {
      services: [{ name: 'web', namespace: 'shop', kind: 'cluster', address, ports: [] }],
      pods: [],
    });
    const server = clusterAddress(10);
    const looked = await runIn(a.netns, ['busybox', 'nslookup', 'web.shop.svc.cluster.local', server]);
    t.true(looked.includes(address), looked);
    t.regex(await runIn(a.netns, ['busybox', 'nslookup', address, server]), /web\.shop\.svc\.cluster\.local/);
    t.regex(await runIn(a.netns, ['busybox', 'nslookup', 'no.shop.svc.cluster.local', server]), /NXDOMAIN/);
    const asking = `const { Resolver } = require('node:dns').promises;
      const resolver = new Resolver({ timeout: 3000 });
      resolver.setServers(['${server}']);
      resolver.resolve4('web.shop.svc.cluster.local').then((found) => console.log(found.join()));`;
    t.is(await runIn(a.netns, [process.execPath, '-e', asking]), address);
    t.is(await runIn(null, [process.execPath, '-e', asking]), address);
    t.truthy(dataDirectory);
  });

  tested(
    titled('kill -9 of the proxy, or somebody who takes the rules away: it is all there again'),
    async (t) => {
      const { pod, set, listener, clusterAddress, plan, proxy, dataDirectory } = await world(t, by);
      const a = await pod('a');
      const program = await podProgram(a.netns, { name: 'a', port: 8080 });
      t.teardown(async () => program.close());
      await set([listener({ backends: [{ address: a.podIP, port: 8080 }] })]);
      const ask = { address: clusterAddress(20), port: 80 };
      const { instanceLockHolder } = await import('../base/companion/instance-lock.ts');
      const before = instanceLockHolder(join(dataDirectory, 'proxy'))?.pid ?? 0;
      if (by === 'nftables') {
        execFileSync('nft', ['delete', 'table', 'ip', `${plan.bridge}_services`], { env: toolEnvironment() });
        t.not((await askFrom(null, ask)).split(' ')[0], 'a');
      }
      process.kill(before, 'SIGKILL');
      await until(() => (instanceLockHolder(join(dataDirectory, 'proxy'))?.pid ?? before) !== before, {
        what: 'another proxy',
      });
      await until(async () => (await askFrom(null, ask)).startsWith('a '), { what: 'the Service' });
      await proxy.open();
      t.regex(await askFrom(a.netns, ask), /^a /);
    },
  );
}

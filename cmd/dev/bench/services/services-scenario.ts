import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../../lib/base/clock.ts';
import { bootId } from '../../../../lib/base/companion/process-identity.ts';
import { silentLog } from '../../../../lib/base/log.ts';
import { systemRandom } from '../../../../lib/base/random.ts';
import { toolEnvironment } from '../../../../lib/base/run-program.ts';
import type { MachineNetwork } from '../../../../lib/network/proxy/machine-network.ts';
import { proxyClient } from '../../../../lib/network/proxy-client.ts';
import { podNetwork } from '../../../../lib/runtime/linux/net/pod-network.ts';
import { figure, percentile, rounded } from '../figure.ts';
import { runQuietly } from '../pods/run-quietly.ts';
import { inTemporary } from '../temporary.ts';
import type { ServiceJob, ServiceResult } from './service-load.ts';

const ROUNDS = 7;
const DURATION_MS = 1_000;
/** What the proxy's connections need to be over. */
const REST_MS = 100;
const PORT = 8080;
const ways = ['direct', 'nftables', 'proxy'] as const;
type Way = (typeof ways)[number];
const loads = [
  { title: 'kept connections', connections: 16, kept: true },
  { title: 'a connection each', connections: 8, kept: false },
] as const;

/** A server in a pod: an answer for each request, which it takes to come in one piece. */
const SERVER = `
const answer = 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok';
require('node:net').createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(answer));
}).listen(${PORT}, '0.0.0.0', 511, () => process.stdout.write('ready'));
`;

/** Two pods of a data directory's own network, and a Service that is carried in one way: who has chosen one stays with it. */
type World = {
  readonly from: string;
  readonly direct: Place;
  readonly service: Place;
  close(): Promise<void>;
};
type Place = Pick<ServiceJob, 'host' | 'port'>;

/** Requests from one pod to another: to its address, and through its Service by either carrier, a turn each. */
export async function requestsThroughServices(): Promise<void> {
  await inTemporary(async (directory) => {
    const worlds: World[] = [];
    try {
      const nftables = await openWorld(directory, 'nftables');
      worlds.push(nftables);
      const proxy = await openWorld(directory, 'proxy');
      worlds.push(proxy);
      await measure({
        direct: { from: nftables.from, ...nftables.direct },
        nftables: { from: nftables.from, ...nftables.service },
        proxy: { from: proxy.from, ...proxy.service },
      });
    } finally {
      for (const world of worlds) await world.close();
    }
  });
}

async function openWorld(directory: string, by: MachineNetwork['by']): Promise<World> {
  const dataDirectory = join(directory, by);
  mkdirSync(dataDirectory, { mode: 0o700 });
  const shared = { dataDirectory, clock: systemClock(), log: silentLog() };
  const network = podNetwork({ ...shared, random: systemRandom(), bootId: bootId() });
  const proxy = proxyClient({ ...shared, onFailures: () => {}, onBack: () => {} });
  let server: ChildProcess | null = null;
  const close = async (): Promise<void> => {
    server?.kill('SIGKILL');
    await proxy.shutDown();
    await network.shutDown();
  };
  try {
    const { bridge, gateway, podRange, serviceRange } = await network.open();
    await proxy.open();
    const [to, from] = [await network.attach('server'), await network.attach('client')];
    server = await started(to.netns);
    const ours = serviceRange.split('.').slice(0, 2).join('.');
    const service = { host: `${ours}.0.20`, port: 80 };
    const machine = { bridge, gateway, podRange, serviceRange, dnsAddress: `${ours}.0.10`, by };
    const direct = { host: to.podIP, port: PORT };
    const backends = [{ address: direct.host, port: direct.port }];
    const place = {
      protocol: 'TCP',
      address: service.host,
      port: service.port,
      service: 'bench/web',
    } as const;
    const { carrier } = await proxy.setState({
      table: [{ ...place, backends, affinitySeconds: null }],
      machine: { ...machine, domain: 'cluster.local' },
      names: { services: [], pods: [] },
    });
    if (carrier?.by !== by) throw new Error(`Services are not carried by ${by} here`);
    return { from: from.netns, direct, service, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function measure(places: Readonly<Record<Way, Place & { readonly from: string }>>): Promise<void> {
  for (const { title, connections, kept } of loads) {
    const rates = new Map<Way, number[]>(ways.map((way) => [way, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const way of ways) {
        const { from, host, port } = places[way];
        await pause(REST_MS);
        const { requests, ms } = await load(from, { host, port, connections, kept, durationMs: DURATION_MS });
        rates.get(way)?.push(requests / (ms / 1000));
      }
    }
    const direct = percentile(rates.get('direct') ?? [], 50);
    for (const [way, all] of rates) {
      const p50 = percentile(all, 50);
      figure(
        `requests to a pod, ${title}, ${way === 'direct' ? way : `Service by ${way}`}`,
        p50,
        'requests/s',
        {
          ...{
            connections,
            least: rounded(Math.min(...all)),
            most: rounded(Math.max(...all)),
            times: all.length,
          },
          ...(way === 'direct' ? {} : { againstDirect: rounded(p50 / direct) }),
        },
      );
    }
  }
}

async function load(netns: string, job: ServiceJob): Promise<ServiceResult> {
  const program = join(import.meta.dirname, 'service-load.ts');
  const words = [`--net=${netns}`, process.execPath, program, JSON.stringify(job)];
  return JSON.parse(await runQuietly('nsenter', words)) as ServiceResult;
}

async function started(netns: string): Promise<ChildProcess> {
  const child = spawn('nsenter', [`--net=${netns}`, process.execPath, '-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: toolEnvironment(),
  });
  await once(child.stdout, 'data');
  return child;
}

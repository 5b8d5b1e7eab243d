import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { NetworkPlan } from '../../runtime/linux/net/network-plan.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { networkLeft } from '../../testing/network-left.ts';
import { allHealthyAt, type RealDaemon, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const here = needsRoot(['ip', 'nft', 'crun', 'unshare']) ? test.serial : test.serial.skip;
const program = join(import.meta.dirname, '../../testing/up-without-programs.ts');

/** A daemon on a machine that has not got these programs, not started yet. */
async function daemonWithout(t: ExecutionContext, hidden: readonly string[]): Promise<RealDaemon> {
  process.env.HIDDEN_PROGRAMS = hidden.join(' ');
  return realDaemon(t, { start: false, program });
}

const pod = (name: string, more: object, labels: object = {}): object => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels } },
  spec: { terminationGracePeriodSeconds: 0, ...more },
});
const list = (...items: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

const answering = `require('node:net').createServer((socket) => socket.end('here')).listen(8080, '0.0.0.0')`;
const server = (ports: readonly object[]): object => ({
  containers: [{ name: 'main', image: 'host', command: ['node', '-e', answering], ports }],
});

async function planOf(daemon: RealDaemon): Promise<NetworkPlan> {
  const text = await readFile(join(daemon.dataDirectory, 'network', 'plan.json'), 'utf8');
  return JSON.parse(text) as NetworkPlan;
}

here('without nft a proxy leads to Services, and the node says so, and what to install', async (t) => {
  const daemon = await daemonWithout(t, ['nft']);
  await daemon.start('--runtime', 'linux');
  const plan = await planOf(daemon);
  const asking = `
const { connect } = require('node:net');
const ask = () => connect({ host: 'web', port: 80 }).on('error', () => setTimeout(ask, 100))
  .on('data', (bytes) => process.exit(String(bytes) === 'here' ? 0 : 1));
ask();`;
  const client = {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'host', command: ['node', '-e', asking] }],
  };
  const service = {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' } },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  };
  const web = pod('web', server([{ containerPort: 8080 }]), { app: 'web' });
  const commit = await daemon.push({ 'all.json': list(service, web, pod('client', client)) });
  await daemon.untilStatus(allHealthyAt(commit), 'the client to be answered');
  let said = '';
  const isSaid = async (): Promise<boolean> => {
    said = (await daemon.run('status', '--node')).stdout;
    return /no +PodRouting .*package nftables/.test(said) && /no +ServiceRules .*a proxy leads/.test(said);
  };
  await until(isSaid, { what: 'the node to say it', everyMs: 200, deadlineMs: 20_000 }).catch((thrown) => {
    t.log(said);
    throw thrown;
  });
  await daemon.down();
  t.deepEqual(networkLeft(plan.bridge, daemon.dataDirectory), []);
});

here(
  'without iproute2 pods are processes, and who insists on networks is told what to install',
  async (t) => {
    const daemon = await daemonWithout(t, ['ip']);
    const thrown = await t.throwsAsync(daemon.start('--runtime', 'linux'));
    t.regex(thrown?.message ?? '', /install iproute2/);
    await daemon.start('--runtime', 'auto');
    const commit = await daemon.push({
      'all.json': list(
        pod('runs', { containers: [{ name: 'main', image: 'host', command: ['sleep', '1000'] }] }),
      ),
    });
    await daemon.untilStatus(allHealthyAt(commit), 'the pod to run');
    const { stdout } = await daemon.run('status', '--node');
    t.regex(stdout, /Pods share the network of this machine.*install iproute2/);
  },
);

here(
  'a port of the machine that is taken is said with the name of the port, and who has it keeps it',
  async (t) => {
    const other = createServer((socket) => socket.end('other'));
    await new Promise<void>((resolve) => other.listen(0, '0.0.0.0', resolve));
    t.teardown(() => void other.close());
    const address = other.address();
    const taken = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const free = taken === 28_081 ? 28_082 : 28_081;
    const daemon = await realDaemon(t, { args: ['--runtime', 'linux', '--allow-host-access'] });
    const plan = await planOf(daemon);
    const hostPort = (port: number): object => server([{ containerPort: 8080, hostPort: port }]);
    await daemon.push({
      'first.json': list(pod('by-a-program', hostPort(taken)), pod('first', hostPort(free))),
    });
    const events = async (): Promise<string> => (await daemon.run('status', '-o', 'json')).stdout;
    await until(
      async () => new RegExp(`${taken}.*another program on this machine has the port`).test(await events()),
      {
        ...{ what: 'the taken port to be told of', everyMs: 100, deadlineMs: 30_000 },
      },
    );
    await daemon.push({ 'second.json': list(pod('second', hostPort(free))) });
    await until(async () => /free ports for the requested pod ports/.test(await events()), {
      ...{ what: 'the second pod to be told that it waits', everyMs: 100, deadlineMs: 30_000 },
    });
    await daemon.down();
    t.deepEqual(networkLeft(plan.bridge, daemon.dataDirectory), []);
  },
);

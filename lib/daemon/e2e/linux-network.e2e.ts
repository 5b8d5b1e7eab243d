import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { NetworkPlan } from '../../runtime/linux/net/network-plan.ts';
import { kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { networkLeft } from '../../testing/network-left.ts';
import { askFrom } from '../../testing/pod-on-network.ts';
import { allHealthyAt, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const [binary] = kubectlBinaries().slice(-1);
const here =
  binary !== undefined && needsRoot(['ip', 'nft', 'nsenter', 'crun']) ? test.serial : test.serial.skip;

/** Tells everybody who connects its own name and their address, and heeds SIGTERM though it is the first process of its pod. */
const answering = `
const { createServer } = require('node:net');
process.on('SIGTERM', () => process.exit(0));
createServer((socket) => {
  socket.on('error', () => {});
  socket.write(require('node:os').hostname() + ' ' + socket.remoteAddress + '\\n');
}).listen(8080, '0.0.0.0');
`;

/** One answer for each name: its addresses, the first line that is told there, or the code of a failure. */
const asking = `
const dns = require('node:dns').promises;
const https = require('node:https');
const { readFileSync } = require('node:fs');
const { connect } = require('node:net');
const told = (host, port) => new Promise((resolve) => {
  const socket = connect({ host, port });
  socket.on('error', (thrown) => resolve(thrown.code));
  socket.on('data', (bytes) => { resolve(String(bytes).trim()); socket.destroy(); });
});
const account = '/var/run/secrets/kubernetes.io/serviceaccount/';
const api = () => new Promise((resolve) => {
  const headers = { authorization: 'Bearer ' + readFileSync(account + 'token', 'utf8') };
  https.get('https://kubernetes.default.svc/version', { agent: false, headers, ca: readFileSync(account + 'ca.crt') }, (answer) =>
    resolve(answer.resume().statusCode)).on('error', (thrown) => resolve(thrown.code));
});
const or = (promise) => promise.catch((thrown) => thrown.code);
(async () => console.log(JSON.stringify({
  web: await told('web', 80),
  full: await told('web.shop.svc.cluster.local', 80),
  empty: await told('empty', 80),
  self: await told('me', 80),
  pod: await told('db-0.db', 8080),
  headless: (await or(dns.resolve4('db.shop.svc.cluster.local'))).length,
  srv: (await or(dns.resolveSrv('_talk._tcp.db.shop.svc.cluster.local'))).map?.(({ name, port }) => name + ':' + port).sort(),
  alias: await or(dns.resolveCname('out.shop.svc.cluster.local')),
  none: await or(dns.lookup('nothing')),
  api: await api(),
})))().then(() => process.exit());
`;

const container = (more: object = {}): object => ({
  ...{ name: 'main', image: 'host', command: ['node', '-e', answering] },
  ports: [{ name: 'talk', containerPort: 8080 }],
  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  ...more,
});
const template = (app: string): object => ({
  metadata: { labels: { app } },
  spec: { containers: [container()] },
});
const of = (kind: string, name: string, spec: object, more: object = {}): object => ({
  ...{ apiVersion: kind === 'Service' || kind === 'Pod' ? 'v1' : 'apps/v1', kind },
  metadata: { name, namespace: 'shop', ...more },
  spec,
});
const selector = (app: string): object => ({ matchLabels: { app } });
const ports = [{ name: 'talk', port: 80, targetPort: 'talk' }];

const all = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    of('Deployment', 'web', { replicas: 2, selector: selector('web'), template: template('web') }),
    of('Service', 'web', { type: 'LoadBalancer', selector: { app: 'web' }, ports }),
    of('StatefulSet', 'db', {
      replicas: 1,
      serviceName: 'db',
      selector: selector('db'),
      template: template('db'),
    }),
    of('Service', 'db', {
      clusterIP: 'None',
      selector: { app: 'db' },
      ports: [{ name: 'talk', port: 8080 }],
    }),
    of('Service', 'empty', { ports: [{ port: 80 }] }),
    of('Service', 'out', { type: 'ExternalName', externalName: 'there.invalid' }),
    of('Service', 'me', { selector: { app: 'client' }, ports }),
    of(
      'Pod',
      'client',
      { containers: [container({ ports: [{ name: 'talk', containerPort: 8080, hostPort: 28_080 }] })] },
      { labels: { app: 'client' } },
    ),
  ],
});

here(
  'pods find one another, Services, themselves and the API by name, and all of it outlives the daemon',
  async (t) => {
    const args = ['--runtime', 'linux', '--allow-host-access'];
    const daemon = await realDaemon(t, { args });
    const commit = await daemon.push({ 'all.json': all });
    await daemon.untilStatus(allHealthyAt(commit), 'all of it to be healthy');
    const planFile = join(daemon.dataDirectory, 'network', 'plan.json');
    const plan = JSON.parse(await readFile(planFile, 'utf8')) as NetworkPlan;
    const home = join(daemon.directory, 'home');
    await mkdir(home);
    const kubeconfig = join(daemon.directory, 'kubeconfig');
    await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
    const run = kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'shop' });

    const { stdout, stderr } = await run(['exec', 'client', '--', 'node', '-e', asking]);
    const found = JSON.parse(stdout || '{}') as Record<string, unknown>;
    const [address] = (await run(['get', 'pod', 'client', '-o', 'jsonpath={.status.podIP}'])).stdout.split(
      '\n',
    );
    t.regex(String(found.web), new RegExp(`^web-\\S+ ${address}$`), stderr);
    t.regex(String(found.full), /^web-/);
    t.like(found, {
      ...{ empty: 'ECONNREFUSED', self: `client ${plan.gateway}`, pod: `db-0 ${address}`, headless: 1 },
      srv: ['db-0.db.shop.svc.cluster.local:8080'],
      ...{ alias: ['there.invalid'], none: 'ENOTFOUND', api: 200 },
    });

    const spec = JSON.parse((await run(['get', 'service', 'web', '-o', 'json'])).stdout) as {
      readonly spec: { readonly clusterIP: string; readonly ports: readonly { readonly nodePort: number }[] };
      readonly status: { readonly loadBalancer: { readonly ingress: readonly { readonly ip: string }[] } };
    };
    const ask = { address: spec.spec.clusterIP, port: 80 };
    const nodePort = spec.spec.ports[0]?.nodePort ?? 0;
    t.truthy(spec.status.loadBalancer.ingress[0]?.ip);
    await daemon.kill();
    for (const place of [
      ask,
      { address: '127.0.0.1', port: nodePort },
      { address: plan.gateway, port: nodePort },
    ])
      t.regex(await askFrom(null, place), /^web-/, `${place.address}:${place.port}`);
    t.regex(await askFrom(null, { address: '127.0.0.1', port: 28_080 }), /^client /);

    await daemon.start();
    const names = new Set<string>();
    for (let at = 0; at < 8; at += 1) names.add((await askFrom(null, ask)).split(' ')[0] ?? '');
    t.true(names.size > 1);
    const less = all.replace('"replicas":2', '"replicas":0');
    const next = await daemon.push({ 'all.json': less });
    await daemon.untilStatus(({ revision }) => revision === next, 'the change');
    await until(async () => (await askFrom(null, ask)) === 'ECONNREFUSED', {
      what: 'the Service to be empty',
    });
    t.pass();

    await daemon.down();
    assert.deepEqual(networkLeft(plan.bridge, daemon.dataDirectory), []);
    t.is(await askFrom(null, { address: '127.0.0.1', port: 28_080 }), 'ECONNREFUSED');
  },
);

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { hostContainer } from '../../testing/host-manifests.ts';
import { type Kubectl, kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { type RealDaemon, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const ARGS = ['--assume-host-images', '--node-name', 'n', '--nodes', '3'];
/** The lease's grace, the pods' tolerations, and some. */
const LOST_MS = 90_000;

const labelled = (app: string) => ({ selector: { matchLabels: { app } } });
const template = (app: string, more: object = {}) => ({
  metadata: { labels: { app } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [hostContainer('main', 'exec sleep 1000')],
    ...more,
  },
});
const SPREAD = {
  topologySpreadConstraints: [
    {
      ...{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
      labelSelector: { matchLabels: { app: 'web' } },
    },
  ],
  tolerations: [
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 },
  ],
};
const files = {
  'web.json': JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 6, ...labelled('web'), template: template('web', SPREAD) },
  }),
  'daemons.json': JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'daemons', namespace: 'default' },
    spec: { ...labelled('daemons'), template: template('daemons') },
  }),
  'budget.json': JSON.stringify({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { minAvailable: 5, ...labelled('web') },
  }),
  'service.json': JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  }),
};

type Cluster = { readonly daemon: RealDaemon; readonly run: Kubectl };
type Row = { readonly name: string; readonly node: string; readonly ip: string; readonly going: boolean };

const JSONPATH =
  '{range .items[*]}{.metadata.name} {.spec.nodeName} {.status.podIP} {.metadata.deletionTimestamp}{"\\n"}{end}';

async function podsOf({ run }: Cluster, app: string): Promise<readonly Row[]> {
  const { stdout } = await run(['get', 'pods', '-l', `app=${app}`, '-o', `jsonpath=${JSONPATH}`]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', node = '', ip = '', deleted = ''] = line.split(' ');
      return { name, node, ip, going: deleted !== '' };
    });
}

async function connect(daemon: RealDaemon, binary: string): Promise<Kubectl> {
  const home = join(daemon.directory, 'home');
  await mkdir(home, { recursive: true });
  const kubeconfig = join(home, 'kubeconfig');
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  return kubectl({ binary, home, kubeconfig, namespace: 'default' });
}

async function settled(t: ExecutionContext, cluster: Cluster): Promise<void> {
  for (const object of ['deployment/web', 'daemonset/daemons']) {
    const { code, stderr } = await cluster.run(['rollout', 'status', object, '--timeout=60s']);
    t.is(code, 0, stderr);
  }
}

async function addressesOfService({ run }: Cluster): Promise<readonly string[]> {
  const { stdout } = await run(['get', 'endpoints', 'web', '-o', 'jsonpath={.subsets[*].addresses[*].ip}']);
  return stdout.split(' ').filter((ip) => ip !== '');
}

const stateOf = async (pid: string): Promise<string> =>
  (await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => 'x) g')).split(') ')[1]?.[0] ?? '';

const binary = kubectlBinaries().at(-1);
const withKubectl = binary === undefined ? test.skip : test;

withKubectl(
  'three nodes: spread, drain, a node that is lost and comes back, and one that is no more',
  async (t) => {
    t.timeout(400_000);
    const daemon = await realDaemon(t, { args: ARGS, start: false });
    await daemon.push(files);
    await daemon.start();
    const cluster = { daemon, run: await connect(daemon, binary ?? '') };
    const { run } = cluster;
    await settled(t, cluster);

    // Spread, and addresses by node.
    const web = await podsOf(cluster, 'web');
    for (const [node, prefix] of [
      ['n', '127.97.0.'],
      ['n-2', '127.97.1.'],
      ['n-3', '127.97.2.'],
    ] as const) {
      const own = web.filter((pod) => pod.node === node);
      t.is(own.length, 2, node);
      t.true(own.every(({ ip }) => ip.startsWith(prefix)));
    }
    t.deepEqual((await podsOf(cluster, 'daemons')).map(({ node }) => node).sort(), ['n', 'n-2', 'n-3']);
    t.regex((await run(['get', 'nodes'])).stdout, /^n +Ready .*\nn-2 +Ready .*\nn-3 +Ready /m);
    const described = (await run(['describe', 'node', 'n-2'])).stdout;
    for (const part of [
      /^PodCIDR: +127\.97\.1\.0\/24$/m,
      /HolderIdentity: +n-2$/m,
      /^ +MemoryPressure +False .* KubeletHasSufficientMemory /m,
      /^ +Ready +True .* KubeletReady /m,
      /^Non-terminated Pods: +\(3 in total\)$/m,
      /Normal +NodeReady /,
      /Normal +RegisteredNode .* node-controller /,
    ])
      t.regex(described, part);

    // Drained within the budget, marked, and taken up again.
    t.is((await run(['label', 'node', 'n', 'disk=fast'])).code, 0);
    const drained = await run(['drain', 'n', '--ignore-daemonsets', '--timeout=60s']);
    t.is(drained.code, 0, drained.stderr);
    await settled(t, cluster);
    t.deepEqual([...new Set((await podsOf(cluster, 'web')).map(({ node }) => node))].sort(), ['n-2', 'n-3']);
    t.regex(
      (await run(['describe', 'node', 'n'])).stdout,
      /^Taints: +node\.kubernetes\.io\/unschedulable:NoSchedule$/m,
    );
    t.is((await run(['uncordon', 'n'])).code, 0);

    // A node is lost; the daemon is killed meanwhile, and the node stays lost.
    const lost = (await podsOf(cluster, 'web')).filter(({ node }) => node === 'n-3');
    t.is((await daemon.run('node', 'stop', 'n-3')).code, 0);
    t.is((await daemon.run('node', 'stop', 'nobody')).code, 1);
    t.regex((await run(['exec', lost[0]?.name ?? '', '--', 'true'])).stderr, /node n-3 does not answer/);
    await daemon.kill();
    await daemon.start();
    const again = { daemon, run: await connect(daemon, binary ?? '') };
    t.regex((await daemon.run('node', 'list')).stdout, /^n-3 +stopped +machine$/m);
    await until(async () => /^n-3 +NotReady /m.test((await again.run(['get', 'nodes'])).stdout), {
      what: 'the node to be lost',
      deadlineMs: LOST_MS,
      everyMs: 500,
    });
    await until(async () => !(await addressesOfService(again)).some((ip) => ip.startsWith('127.97.2.')), {
      what: 'its pods to be left out of the Service',
      everyMs: 100,
    });
    await until(
      async () => {
        const pods = await podsOf(again, 'web');
        const left = pods.filter(({ node }) => node === 'n-3');
        return left.every(({ going }) => going) && pods.length === 6 + left.length;
      },
      { what: 'its pods to be evicted and made elsewhere', deadlineMs: 30_000, everyMs: 250 },
    );
    await again.run(['rollout', 'status', 'deployment/web', '--timeout=60s']);
    t.is(
      (await podsOf(again, 'web')).filter(({ node }) => node === 'n-3').length,
      lost.length,
      'Terminating',
    );
    t.is((await podsOf(again, 'daemons')).filter(({ going }) => going).length, 0, 'a DaemonSet stays');
    t.regex((await again.run(['get', 'events'])).stdout, /TaintManagerEviction/);

    // It comes back, ends what was deleted, and serves again.
    t.is((await daemon.run('node', 'start', 'n-3')).code, 0);
    await until(async () => (await podsOf(again, 'web')).length === 6, {
      what: 'what was deleted to end',
      deadlineMs: 30_000,
      everyMs: 250,
    });
    await until(async () => /^n-3 +Ready +</m.test((await again.run(['get', 'nodes'])).stdout), {
      what: 'the node to be back',
      everyMs: 250,
    });
    t.regex((await again.run(['get', 'node', 'n', '--show-labels'])).stdout, /disk=fast/, 'labels survive');

    // Fewer nodes than before.
    await daemon.kill();
    await daemon.start('--nodes', '2');
    const fewer = { daemon, run: await connect(daemon, binary ?? '') };
    await settled(t, fewer);
    t.deepEqual([...new Set((await podsOf(fewer, 'web')).map(({ node }) => node))].sort(), ['n', 'n-2']);
    t.notRegex((await fewer.run(['get', 'nodes'])).stdout, /n-3/);
    t.notRegex((await fewer.run(['get', 'leases', '-n', 'kube-node-lease'])).stdout, /n-3/);
  },
);

withKubectl(
  'the processes of a stopped node stand still, and go with it when the daemon is brought down',
  async (t) => {
    const daemon = await realDaemon(t, { args: ARGS, start: false });
    const command = ['sh', '-c', 'echo $$$$; exec sleep 1000'];
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'lone', namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 1,
        nodeSelector: { 'kubernetes.io/hostname': 'n-2' },
        containers: [{ name: 'main', image: 'host', command }],
      },
    };
    await daemon.push({ 'pod.json': JSON.stringify(pod) });
    await daemon.start();
    const run = await connect(daemon, binary ?? '');
    let pid = '';
    await until(
      async () => {
        pid = (await run(['logs', 'lone'])).stdout.trim();
        return /^\d+$/.test(pid);
      },
      { what: 'the pod to say its process', everyMs: 100 },
    );
    await daemon.run('node', 'stop', 'n-2');
    t.is(await stateOf(pid), 'T');
    await daemon.down({ graceSeconds: 5 });
    t.is(await stateOf(pid), 'g', 'it is gone');
  },
);

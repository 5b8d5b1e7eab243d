import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { NetworkPlan } from '../../runtime/linux/net/network-plan.ts';
import type { Event, Pod } from '../../schema/types.gen.ts';
import { FakeRegistry } from '../../testing/fake-registry.ts';
import { kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { madeImage, madeIndex } from '../../testing/made-image.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { networkLeft } from '../../testing/network-left.ts';
import { realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const [binary] = kubectlBinaries().slice(-1);
const here = binary !== undefined && needsRoot(['ip', 'nft', 'crun', 'tar']) ? test.serial : test.serial.skip;

/** A program for a processor that no machine has. */
const foreignProgram = Buffer.concat([
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xfe, 0xfe]),
  Buffer.alloc(200),
]);

type BadDay = {
  readonly spec: object;
  /** What the status of its first container says, by the name of its state. */
  readonly state: RegExp;
  readonly event: RegExp;
};

const script = (text: string, more: object = {}): object => ({
  ...{ name: 'main', image: 'host', command: ['sh', '-c', text] },
  ...more,
});

here('bad days: each has its reason in the status and in an event, and the others go on', async (t) => {
  const registry = await FakeRegistry.start(t);
  const content = Buffer.alloc(100_000, 'x');
  const lying = madeImage([[{ name: 'data', content }]]);
  registry.put('lies', lying);
  const [layer] = lying.layers;
  registry.putBlob(layer?.digest ?? '', Buffer.alloc(lying.blobs.get(layer?.digest ?? '')?.length ?? 0));
  const cut = madeImage([[{ name: 'other', content }]]);
  registry.put('cut', cut);
  registry.put('foreign', madeImage([[{ name: 'run', content: foreignProgram, mode: 0o755 }]]));
  const index = madeIndex([['linux/s390x', madeImage([[]])]]);
  registry.putManifest('elsewhere', 'latest', index.bytes, 'application/vnd.oci.image.index.v1+json');
  registry.misbehave = (_request, response, url) => {
    if (url.pathname.startsWith('/v2/hangs/')) return true;
    if (!url.pathname.includes(cut.layers[0]?.digest ?? '-')) return false;
    response.writeHead(200).end(Buffer.alloc(100));
    return true;
  };
  const image = (name: string, command?: readonly string[]): object => ({
    containers: [{ name: 'main', image: `${registry.host}/${name}`, ...(command && { command }) }],
  });
  const failedStart = /terminated.*"exitCode":128.*"reason":"ContainerCannotRun"/;
  const days: Readonly<Record<string, BadDay>> = {
    missing: {
      spec: { containers: [{ name: 'main', image: 'host', command: ['/no/such/program'] }] },
      state: failedStart,
      event: /Failed .*no\/such\/program/,
    },
    'not-executable': {
      spec: { containers: [{ name: 'main', image: 'host', command: ['/etc/hosts'] }] },
      state: failedStart,
      event: /Failed .*(ermission denied|not found)/,
    },
    foreign: {
      spec: image('foreign', ['/run']),
      state: /terminated.*"exitCode":[1-9]/,
      event: /Started .*main/,
    },
    elsewhere: {
      spec: image('elsewhere'),
      state: /waiting.*(ErrImagePull|ImagePullBackOff)/,
      event: /Failed .*linux\//,
    },
    lies: {
      spec: image('lies'),
      state: /waiting.*(ErrImagePull|ImagePullBackOff)/,
      event: /Failed .*claims/,
    },
    cut: {
      spec: image('cut'),
      state: /waiting.*(ErrImagePull|ImagePullBackOff)/,
      event: /Failed .*(cut|sha256)/,
    },
    hangs: { spec: image('hangs'), state: /waiting.*ContainerCreating/, event: /Pulling .*hangs/ },
    hungry: {
      spec: {
        containers: [
          script('tail /dev/zero', { resources: { limits: { memory: '32Mi' } } }),
          script('sleep 1000', { name: 'sibling' }),
        ],
      },
      state: /terminated.*"exitCode":137.*"reason":"OOMKilled"/,
      event: /OOMKilled .*main/,
    },
    stubborn: {
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [script('trap "" TERM; while :; do sleep 0.1; done')],
      },
      state: /running/,
      event: /Started .*main/,
    },
    well: { spec: { containers: [script('sleep 1000')] }, state: /running/, event: /Started .*main/ },
  };
  const items = Object.entries(days).map(([name, { spec }]) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, ...spec },
  }));
  const daemon = await realDaemon(t, {
    args: ['--runtime', 'linux', '--allow-host-access', '--insecure-registry', registry.host],
  });
  const list = (kept: readonly object[]): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: kept });
  await daemon.push({ 'all.json': list(items) });
  const home = join(daemon.directory, 'home');
  await mkdir(home);
  const kubeconfig = join(daemon.directory, 'kubeconfig');
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  const run = kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'default' });
  const pods = async (): Promise<readonly Pod[]> => {
    const { stdout } = await run(['get', 'pods', '-o', 'json']);
    return stdout === '' ? [] : (JSON.parse(stdout) as { items: readonly Pod[] }).items;
  };
  const stateOf = (all: readonly Pod[], name: string): string => {
    const status = all.find(({ metadata }) => metadata?.name === name)?.status;
    return JSON.stringify(status?.containerStatuses?.find((one) => one.name === 'main')?.state ?? '');
  };
  const eventsOf = async (): Promise<readonly string[]> => {
    const { stdout } = await run(['get', 'events', '-o', 'json']);
    const all = stdout === '' ? [] : (JSON.parse(stdout) as { items: readonly Event[] }).items;
    return all.map(({ involvedObject, reason, message }) => `${involvedObject?.name}: ${reason} ${message}`);
  };
  const planFile = join(daemon.dataDirectory, 'network', 'plan.json');
  const plan = JSON.parse(await readFile(planFile, 'utf8')) as NetworkPlan;
  let left: readonly string[] = [];
  await until(
    async () => {
      const [all, events] = await Promise.all([pods(), eventsOf()]);
      left = Object.entries(days).flatMap(([name, { state, event }]) => {
        const told = events.filter((one) => one.startsWith(`${name}: `));
        const isTold = told.some((one) => event.test(one.slice(name.length + 2)));
        return state.test(stateOf(all, name)) && isTold
          ? []
          : [`${name}: ${stateOf(all, name)} ${told.join(' | ')}`];
      });
      return left.length === 0;
    },
    { what: 'every reason to be told', deadlineMs: 30_000 },
  ).catch((thrown: unknown) => {
    t.log(left);
    throw thrown;
  });
  // It is the kernel that cannot run it: said where the program would have said something.
  t.regex((await run(['logs', 'foreign'])).stdout, /xec format error/);
  const hungry = (await pods()).find(({ metadata }) => metadata?.name === 'hungry')?.status;
  const sibling = hungry?.containerStatuses?.find(({ name }) => name === 'sibling');
  t.truthy(sibling?.state?.running);
  t.is(sibling?.restartCount, 0);
  // What does not heed SIGTERM goes when its time is over.
  await daemon.push({ 'all.json': list(items.filter(({ metadata }) => metadata.name !== 'stubborn')) });
  const isGone = async (): Promise<boolean> =>
    (await pods()).every(({ metadata }) => metadata?.name !== 'stubborn');
  await until(isGone, { what: 'the stubborn one to go', deadlineMs: 20_000 });
  t.true((await eventsOf()).some((one) => /^stubborn: Killing /.test(one)));
  t.regex(stateOf(await pods(), 'well'), /running/);
  await daemon.down();
  t.deepEqual(networkLeft(plan.bridge, daemon.dataDirectory), []);
});

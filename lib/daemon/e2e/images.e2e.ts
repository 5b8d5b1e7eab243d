import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { Pod } from '../../schema/types.gen.ts';
import { FakeRegistry } from '../../testing/fake-registry.ts';
import { kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { type MadeEntry, madeImage } from '../../testing/made-image.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const [binary] = kubectlBinaries().slice(-1);
const here =
  binary !== undefined && needsRoot(['ip', 'nft', 'crun', 'busybox', 'tar']) ? test.serial : test.serial.skip;

const SECRET = Buffer.from('me:secret').toString('base64');

async function layers(): Promise<readonly (readonly MadeEntry[])[]> {
  const busybox = await readFile('/bin/busybox');
  const applets = ['sh', 'cat', 'sleep', 'id'].map(
    (name): MadeEntry => ({ name: `bin/${name}`, type: 'symlink', target: 'busybox' }),
  );
  return [
    [
      { name: 'bin/busybox', mode: 0o755, content: busybox },
      ...applets,
      { name: 'etc/motd', content: 'below' },
    ],
    [
      { name: 'etc/motd', content: 'from the image' },
      { name: 'work/', type: 'directory' },
    ],
  ];
}

const podOf = (name: string, image: string, spec: object = {}): object => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image }], ...spec },
});

here(
  'pods run images of a registry, as they want to be run; those that cannot be had are told of',
  async (t) => {
    const registry = await FakeRegistry.start(t);
    const config = {
      ...{ Entrypoint: ['/bin/sh', '-c'], Cmd: ['cat /etc/motd; id -u; pwd; echo $FROM; sleep 1000'] },
      ...{ Env: ['PATH=/bin', 'FROM=image'], User: '1234', WorkingDir: '/work' },
    };
    registry.put('team/app:1', madeImage(await layers(), { config }));
    registry.wants = { authorization: `Basic ${SECRET}`, challenge: 'Basic realm="r"' };
    const app = `${registry.host}/team/app:1`;
    const auths = { auths: { [registry.host]: { auth: SECRET } } };
    const secret = {
      ...{
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/dockerconfigjson',
        metadata: { name: 'login', namespace: 'default' },
      },
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify(auths)).toString('base64') },
    };
    const imagePullSecrets = [{ name: 'login' }];
    const items = [
      secret,
      podOf('runs', app, { imagePullSecrets }),
      podOf('missing', `${registry.host}/team/nothing:1`, { imagePullSecrets }),
      podOf('never', `${registry.host}/team/other:1`, {
        containers: [{ name: 'main', image: `${registry.host}/team/other:1`, imagePullPolicy: 'Never' }],
      }),
      podOf('misnamed', 'UPPER/Case'),
    ];
    const daemon = await realDaemon(t, {
      args: ['--runtime', 'linux', '--insecure-registry', registry.host],
    });
    await daemon.push({ 'all.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
    const home = join(daemon.directory, 'home');
    await mkdir(home);
    const kubeconfig = join(daemon.directory, 'kubeconfig');
    await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
    const run = kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'default' });
    const statusOf = async (name: string): Promise<NonNullable<Pod['status']>['containerStatuses']> => {
      const { stdout } = await run(['get', 'pod', name, '-o', 'json']);
      return stdout === '' ? undefined : (JSON.parse(stdout) as Pod).status?.containerStatuses;
    };
    const waitsFor = (name: string, reasons: readonly string[]): Promise<void> =>
      until(async () => reasons.includes((await statusOf(name))?.[0]?.state?.waiting?.reason ?? ''), {
        what: `${name} waits for ${reasons.join(' or ')}`,
        deadlineMs: 60_000,
      });

    await until(async () => (await run(['logs', 'runs'])).stdout.includes('image\n'), {
      what: 'the pod runs',
      deadlineMs: 60_000,
    });
    t.is((await run(['logs', 'runs'])).stdout, 'from the image1234\n/work\nimage\n');
    t.true((await statusOf('runs'))?.[0]?.imageID?.startsWith(`${registry.host}/team/app@sha256:`));
    await waitsFor('missing', ['ErrImagePull', 'ImagePullBackOff']);
    await waitsFor('never', ['ErrImageNeverPull']);
    await waitsFor('misnamed', ['InvalidImageName']);
    t.regex((await run(['get', 'events'])).stdout, /Pulled +pod\/runs +Successfully pulled image/);

    t.regex((await daemon.run('image', 'rm', app)).stderr, /IMAGE_IN_USE/);
    await daemon.push({
      'all.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [secret, ...items.slice(2)] }),
    });
    await until(async () => (await daemon.run('image', 'rm', app)).code === 0, {
      what: 'the image is free',
      deadlineMs: 60_000,
    });
    await daemon.down();
  },
);

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { allHealthyAt, objectIn, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, image: host, command: [sleep, '1000']}]
`;

const [binary] = kubectlBinaries().slice(-1);
const here = binary === undefined ? test.skip : test.serial;

here('kubectl is told that git owns what it changes, and what it changed is put back', async (t) => {
  const daemon = await realDaemon(t);
  const commit = await daemon.push({ 'apps/web.yaml': web });
  await daemon.untilStatus(allHealthyAt(commit), 'the first commit to be live');
  const home = join(daemon.directory, 'home');
  await mkdir(home);
  const kubeconfig = join(daemon.directory, 'kubeconfig');
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  const run = kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'default' });
  const replicas = async (): Promise<string> =>
    (await run(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}/{.metadata.uid}'])).stdout;
  const before = await replicas();
  const from = `Warning: Deployment default/web is managed by git (apps/web.yaml at commit ${commit.slice(0, 7)})`;

  const scaled = await run(['scale', 'deployment', 'web', '--replicas=3']);
  t.is(scaled.stdout, 'deployment.apps/web scaled\n');
  t.is(scaled.stderr, `${from}: spec.replicas will be put back as it says there.\n`);
  await until(async () => (await replicas()) === before, { what: 'the replicas to be put back' });

  const annotated = await run(['annotate', 'deployment', 'web', 'note=mine']);
  t.is(annotated.stderr, `${from}, which does not set metadata.annotations.note: this stays.\n`);

  const deleted = await run(['delete', 'deployment', 'web']);
  t.is(deleted.stdout.startsWith('deployment.apps "web" deleted'), true);
  t.is(deleted.stderr, `${from}: it will be made again. To delete it, remove it there.\n`);
  await until(async () => /^1\//.test(await replicas()), { what: 'the Deployment to be there again' });
  t.not(await replicas(), before);

  const own = await run(['create', 'configmap', 'mine', '--from-literal=a=b']);
  t.deepEqual([own.code, own.stderr], [0, '']);
  await daemon.untilStatus(
    (status) => objectIn(status, 'Deployment default/web')?.health === 'Healthy',
    'the Deployment to be healthy again',
  );
});

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { StatusJson } from '../../../cmd/status-json.ts';
import { FakeRegistry } from '../../testing/fake-registry.ts';
import { type Kubectl, kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { type MadeEntry, type MadeImage, madeImage } from '../../testing/made-image.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { objectIn, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const [binary] = kubectlBinaries().slice(-1);
const here =
  binary !== undefined && needsRoot(['ip', 'nft', 'crun', 'busybox', 'tar']) ? test.serial : test.serial.skip;
const seeds = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'seed');

/** Answers over http at a port, and ends when it is told to, though it is the first process of its pod. */
const serves = (port: number, before = ''): string =>
  `${before} trap 'exit 0' TERM; mkdir -p /www; hostname > /www/index.html; httpd -f -p ${port} -h /www & wait`;

/** What stands in for each image: what the documents say of it, in a few lines of shell. */
const IMAGES: Readonly<Record<string, string>> = {
  'library/nginx': serves(80),
  'library/busybox': 'exec sh',
  'library/mysql': serves(3306, 'test -n "$MYSQL_ROOT_PASSWORD" || exit 1;'),
  'library/tomcat': serves(8080),
  'kubeguide/tomcat-app:v1': serves(8080, 'echo "$MYSQL_SERVICE_HOST:$MYSQL_SERVICE_PORT";'),
  'luksa/kubia': serves(8080),
  'taodaling/kubia': serves(8080),
  // It has no page to give: every answer is a failure.
  'luksa/kubia-unhealthy': "trap 'exit 0' TERM; mkdir -p /none; httpd -f -p 8080 -h /none & wait",
  'luksa/batch-job': 'echo started; sleep 1; echo finished',
  'luksa/ssd-monitor': "trap 'exit 0' TERM; while true; do echo 'SSD OK'; sleep 5 & wait $!; done",
};
const APPLETS = 'sh cat echo sleep touch rm mkdir hostname httpd test true'.split(' ');

async function imageOf(script: string): Promise<MadeImage> {
  const layer: readonly MadeEntry[] = [
    { name: 'bin/busybox', mode: 0o755, content: await readFile('/bin/busybox') },
    ...APPLETS.map((name): MadeEntry => ({ name: `bin/${name}`, type: 'symlink', target: 'busybox' })),
    { name: 'tmp/', type: 'directory', mode: 0o1777 },
    { name: 'usr/share/', type: 'directory' },
    // What a preStop hook asks of it: to end what serves.
    { name: 'usr/sbin/nginx', mode: 0o755, content: '#!/bin/sh\nkill -TERM 1\n' },
  ];
  const config = script === 'exec sh' ? { Cmd: ['sh'] } : { Entrypoint: ['/bin/sh', '-c', script] };
  return madeImage([layer], { config: { ...config, Env: ['PATH=/bin'] } });
}

/** Those of the seeds that parse and ask for nothing of the host; of two that name one object, the first. */
const FILES: readonly string[] = [
  '000-00-pod-nginx',
  '001-05-pod-lifecycle-demo',
  '001-06-pod-test-liveness-exec',
  '002-07-replicationcontroller-mysql',
  '002-08-service-mysql',
  '002-09-replicationcontroller-myweb',
  '002-10-service-myweb',
  '002-11-pod-myweb',
  '002-15-deployment-frontend',
  '002-18-service-tomcat-service',
  '002-19-persistentvolume-pv0003',
  '002-20-namespace-development',
  '002-21-pod-busybox',
  '003-22-pod-kubia-liveness',
  '003-23-replicationcontroller-kubia',
  '004-24-pod-kubia-manual',
  '004-25-pod-kubia-manual-v2',
  '004-26-pod-kubia-gpu',
  '004-27-namespace-custom-namespace',
  '004-29-replicaset-kubia',
  '004-30-daemonset-ssd-monitor',
  '004-31-job-batch-job',
  '004-32-job-batch-job-more',
  '004-33-cronjob-batch-job-every-fifteen-minutes',
];

/** Waits for a node that has its label: so says its document. */
const WAITING = 'Pod default/kubia-gpu';

type Step = { readonly run: string; readonly prints: RegExp };
/** What the documents promise beyond running. Waited for. */
const PROMISES: readonly Step[] = [
  { run: 'exec lifecycle-demo -- cat /usr/share/message', prints: /^Hello from the postStart handler$/m },
  { run: 'get rc', prints: /^kubia +3 +3 +3 .*\nmysql +1 +1 +1 .*\nmyweb +5 +5 +5 /m },
  { run: 'get rs kubia', prints: /^kubia +3 +3 +3 /m },
  { run: 'logs rc/myweb', prints: /^mysql:3306$/m },
  { run: 'get endpoints mysql', prints: /:3306 /m },
  { run: 'get job batch-job-more', prints: / 5\/5 /m },
  { run: 'logs job/batch-job', prints: /^started\nfinished$/m },
  { run: 'get cj', prints: /0,15,30,45 \* \* \* \*/ },
  { run: 'get pv pv0003', prints: / 5Gi +RWO +Retain +Available /m },
  { run: 'create job now --from=cronjob/batch-job-every-fifteen-minutes', prints: /created/ },
  { run: 'get job now', prints: / 1\/1 /m },
  // The nodes get what the pods wait for.
  { run: 'get ds ssd-monitor', prints: /^ssd-monitor +0 +0 +0 /m },
  { run: 'label node --all dist=ssd gpu=true', prints: /labeled/ },
  { run: 'get ds ssd-monitor', prints: /^ssd-monitor +1 +1 +1 /m },
  { run: 'logs ds/ssd-monitor', prints: /^SSD OK$/m },
  { run: 'get pod kubia-gpu', prints: /^kubia-gpu +1\/1 +Running /m },
  // Three probes in ten seconds each.
  { run: 'get pod kubia-liveness', prints: /^kubia-liveness +1\/1 +Running +[1-9]/m },
  {
    run: 'describe pod kubia-liveness',
    prints: /Liveness probe failed: HTTP probe failed with statuscode: 404/,
  },
];

here('the seeds run as their documents say, with images stood in for', async (t) => {
  const registry = await FakeRegistry.start(t);
  for (const [name, script] of Object.entries(IMAGES)) registry.put(name, await imageOf(script));
  const daemon = await realDaemon(t, {
    args: ['--runtime', 'linux', '--registry-mirror', `http://${registry.host}`],
  });
  const texts = FILES.map(async (file) => [
    `${file}.yaml`,
    await readFile(join(seeds, `${file}.yaml`), 'utf8'),
  ]);
  const files = Object.fromEntries(await Promise.all(texts)) as Readonly<Record<string, string>>;
  const head = await daemon.push(files);
  const isWell = (status: StatusJson): boolean =>
    status.revision === head &&
    status.total === FILES.length &&
    status.objects.every((each) => each.health === 'Healthy' || each === objectIn(status, WAITING));
  const settled = await daemon.untilStatus(isWell, 'every seed to run', 120_000);
  t.like(objectIn(settled, WAITING), { health: 'Degraded', reason: 'Unschedulable' });

  const run = await kubectlOf(daemon);
  for (const { run: line, prints } of PROMISES) {
    let printed = '';
    const isSo = async (): Promise<boolean> => {
      const { stdout, stderr } = await run(line.split(' '));
      printed = `${stdout}${stderr}`;
      return prints.test(stdout);
    };
    await until(isSo, { what: line, deadlineMs: 60_000, everyMs: 200 }).catch(() =>
      t.fail(`${line}: ${printed}`),
    );
  }

  // Another document of the same controller: its pods stay, the next are of the new image; what is gone from git goes at once,
  // for its hook ends it.
  const kubia = await readFile(join(seeds, '004-28-replicationcontroller-kubia.yaml'), 'utf8');
  const next = await daemon.push({
    '003-23-replicationcontroller-kubia.yaml': kubia,
    '001-05-pod-lifecycle-demo.yaml': null,
  });
  await daemon.untilStatus(({ revision }) => revision === next, 'the change');
  const gone = async (): Promise<boolean> => (await run(['get', 'pod', 'lifecycle-demo'])).code !== 0;
  await until(gone, { what: 'the pod to be gone', deadlineMs: 15_000 });
  const images = async (): Promise<string> =>
    (await run(['get', 'pods', '-l', 'app=kubia', '-o', 'jsonpath={.items[*].spec.containers[0].image}']))
      .stdout;
  t.deepEqual(countOf(await images()), { 'luksa/kubia': 3, 'taodaling/kubia': 3 });
  // Some heed nothing, as the first process of a pod: they would be waited for.
  await daemon.down({ graceSeconds: 1 });
});

function countOf(words: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words.split(/\s+/)) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

async function kubectlOf(daemon: Awaited<ReturnType<typeof realDaemon>>): Promise<Kubectl> {
  const home = join(daemon.directory, 'home');
  await mkdir(home);
  const kubeconfig = join(daemon.directory, 'kubeconfig');
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  return kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'default' });
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { allHealthyAt, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

/** Asks the API every second with what its pod was given, and prints the code of the answer and what it holds. */
const client = `
const { readFileSync } = require('node:fs');
const { request } = require('node:https');
const [directory] = process.argv.slice(1);
const read = (name) => readFileSync(directory + '/' + name, 'utf8');
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: told } = process.env;
console.log('told', told === directory);
const ask = () => {
  const headers = { authorization: 'Bearer ' + read('token') };
  const path = '/api/v1/namespaces/' + read('namespace') + '/pods';
  request({ host, port, path, headers, ca: read('ca.crt') }, (response) => {
    let text = '';
    response.on('data', (chunk) => { text += chunk; });
    response.on('end', () => {
      const { items, message } = JSON.parse(text);
      console.log(response.statusCode, items ? items.map((pod) => pod.metadata.labels.app).join() : message);
    });
  }).on('error', (error) => console.log('failed', error.message)).end();
};
ask();
setInterval(ask, 1000);
`;

const web = (namespace: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'asks', namespace },
        spec: {
          selector: { matchLabels: { app: 'asks' } },
          template: {
            metadata: { labels: { app: 'asks' } },
            spec: {
              containers: [
                {
                  name: 'main',
                  image: 'host',
                  command: ['node', '-e', client, '/var/run/secrets/kubernetes.io/serviceaccount'],
                },
              ],
            },
          },
        },
      },
    ],
  });

const [binary] = kubectlBinaries().slice(-1);
const here = binary === undefined ? test.skip : test.serial;

here('a process in a pod asks the API as its service account, and gets what a Role allows', async (t) => {
  const daemon = await realDaemon(t);
  const commit = await daemon.push({ 'all.json': web('shop') });
  await daemon.untilStatus(allHealthyAt(commit), 'the Deployment to be healthy');
  const home = join(daemon.directory, 'home');
  await mkdir(home);
  const kubeconfig = join(daemon.directory, 'kubeconfig');
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  const run = kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'shop' });
  const log = async (): Promise<string> => (await run(['logs', 'deployment/asks'])).stdout;

  await until(async () => /^403 /m.test(await log()), { what: 'the API to refuse' });
  const refused = await log();
  t.regex(refused, /^told true$/m);
  t.regex(
    refused,
    /^403 pods is forbidden: User "system:serviceaccount:shop:default" cannot list resource "pods" in API group "" in the namespace "shop"/m,
  );
  await run(['create', 'role', 'reader', '--verb=list', '--resource=pods']);
  await run(['create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=shop:default']);
  await until(async () => /^200 asks$/m.test(await log()), { what: 'the API to answer' });

  const service = await run([
    'get',
    'service,endpoints,endpointslices',
    'kubernetes',
    '-n',
    'default',
    '-o',
    'name',
  ]);
  t.is(
    service.stdout,
    'service/kubernetes\nendpoints/kubernetes\nendpointslice.discovery.k8s.io/kubernetes\n',
  );
  t.is(
    (await run(['get', 'configmap', 'kube-root-ca.crt', '-o', 'name'])).stdout,
    'configmap/kube-root-ca.crt\n',
  );
  await run(['delete', 'configmap', 'kube-root-ca.crt']);
  await until(async () => (await run(['get', 'configmap', 'kube-root-ca.crt'])).code === 0, {
    what: 'the certificate to be there again',
  });
  const volumes = await run(['get', 'pods', '-o', 'jsonpath={.items[0].spec.volumes[0].name}']);
  t.regex(volumes.stdout, /^kube-api-access-[a-z0-9]{5}$/);

  // None of this is drift, and none of it was git's.
  const status = await daemon.status();
  t.is(status.sync, 'Synced');
  const plan = await daemon.run('plan', '--exit-code');
  t.is(plan.code, 0, plan.stdout + plan.stderr);
});

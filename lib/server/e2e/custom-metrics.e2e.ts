import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

/** It says that it answers twenty requests a second, whatever is asked of it. */
const PROGRAM = `
const began = Date.now();
require('node:http').createServer((request, response) => {
  if (request.url !== '/stats') return response.writeHead(404).end();
  const count = (Date.now() - began) / 1000 * 20;
  response.end('# TYPE requests counter\\nrequests_total{path="/"} ' + count / 2 + '\\nrequests_total{path="/a"} ' + count / 2 + '\\n');
}).listen(Number(process.env.PORT), process.env.POD_IP);
`;
const manifests = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api' },
    spec: {
      selector: { matchLabels: { app: 'api' } },
      template: {
        metadata: {
          labels: { app: 'api' },
          annotations: {
            'prometheus.io/scrape': 'true',
            'prometheus.io/port': '8080',
            'prometheus.io/path': '/stats',
          },
        },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'api',
              image: 'host',
              command: ['node', '-e', PROGRAM],
              ports: [{ containerPort: 8080 }],
              env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'api' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
      maxReplicas: 2,
      metrics: [
        {
          type: 'Pods',
          pods: {
            metric: { name: 'requests_per_second' },
            target: { type: 'AverageValue', averageValue: '10' },
          },
        },
      ],
    },
  },
];

const binary = kubectlBinaries().at(-1);

(binary === undefined ? test.skip : test)(
  'pods are scaled out by the requests they say they answer',
  async (t) => {
    t.timeout(180_000);
    const daemon = await realDaemon(t);
    const home = join(daemon.directory, 'home');
    const kubeconfig = join(daemon.directory, 'kubeconfig');
    await mkdir(home);
    await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
    const run = kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'default' });
    await daemon.push({ 'api.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }) });
    const path = '/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/requests_per_second';
    const read = () => run(['get', '--raw', path]);
    await until(async () => (await read()).code === 0, { what: 'the metric to be served', everyMs: 500 });
    const list = JSON.parse((await read()).stdout) as {
      readonly items: readonly { readonly value: string }[];
    };
    t.regex(list.items[0]?.value ?? '', /^(?:1[5-9]|2[0-5])(?:\d{3}m)?$/);
    const ready = ['get', 'deployment', 'api', '-o', 'jsonpath={.status.readyReplicas}'];
    await until(async () => (await run(ready)).stdout === '2', {
      what: 'the Deployment to be scaled out',
      everyMs: 500,
      deadlineMs: 120_000,
    });
    const described = await run(['describe', 'hpa', 'api']);
    t.regex(described.stdout, /"requests_per_second" on pods:\s+\S+ \/ 10/);
    t.regex(described.stdout, /SuccessfulRescale/);
    t.regex((await run(['get', 'hpa', 'api'])).stdout, /\/10/);
  },
);

import test, { type ExecutionContext } from 'ava';
import type { NodeAgent, PodMetric } from '../api/node-agent.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import { type ServedApi, servedApi } from '../testing/served-api.ts';

const metric = (pod: string, value: number, labels: Readonly<Record<string, string>> = {}): PodMetric => ({
  ...{ namespace: 'default', pod, name: 'requests_per_second', labels, value },
  atMs: Date.parse('2026-03-01T12:00:00Z'),
  windowMs: 30_000,
});
const metrics = [
  metric('web-1', 2.5, { code: '200' }),
  metric('web-1', 0.25, { code: '500' }),
  metric('web-2', 4),
  { ...metric('web-2', 9), name: 'queue', windowMs: 0 },
  metric('gone', 100),
];

/** Two pods with metrics, a third without, and a Service before the first two. */
async function served(t: ExecutionContext): Promise<ServedApi> {
  const unused = (): never => t.fail() as never;
  const agent: NodeAgent = {
    ...{ nodeName: 'box', run: unused, stop: unused, endPods: unused, nodeUsage: () => null },
    ...{
      removeVolumeData: unused,
      logs: unused,
      exec: unused,
      attach: unused,
      forward: unused,
      stats: unused,
    },
    podMetrics: (name) => metrics.filter((each) => name === undefined || each.name === name),
  };
  const api = await servedApi(t, { nodes: { agent: () => agent, all: () => [agent] } });
  for (const name of ['web-1', 'web-2', 'db']) {
    const labels = { app: name.split('-')[0] ?? '' };
    const body = { metadata: { name, labels }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };
    t.is((await api.ask('POST /api/v1/namespaces/default/pods', { body })).code, 201);
  }
  const body = { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };
  t.is((await api.ask('POST /api/v1/namespaces/default/services', { body })).code, 201);
  return api;
}

const values = (body: JsonObject): readonly string[] =>
  (Array.isArray(body.items) ? body.items : []).filter(isObject).map(({ describedObject, value }) => {
    const { kind, name } = isObject(describedObject) ? describedObject : {};
    return `${String(kind)} ${String(name)} ${String(value)}`;
  });

const BASE = '/apis/custom.metrics.k8s.io';

const answers: readonly {
  readonly title: string;
  readonly path: string;
  readonly found: readonly string[] | 404;
}[] = [
  { title: 'all pods', path: 'pods/*/requests_per_second', found: ['Pod web-1 2750m', 'Pod web-2 4'] },
  { title: 'pods by their labels', path: 'pods/*/requests_per_second?labelSelector=app%3Ddb', found: 404 },
  {
    title: "values by the metric's labels",
    path: 'pods/*/requests_per_second?metricLabelSelector=code%3D500',
    found: ['Pod web-1 250m'],
  },
  { title: 'one pod', path: 'pods/web-2/queue', found: ['Pod web-2 9'] },
  {
    title: 'the pods behind a Service',
    path: 'services/web/requests_per_second',
    found: ['Service web 6750m'],
  },
  { title: 'all of a namespace', path: 'metrics/requests_per_second', found: ['Namespace default 6750m'] },
  { title: 'a kind without pods', path: 'secrets/x/requests_per_second', found: 404 },
  { title: 'a metric nobody tells', path: 'pods/*/nothing', found: 404 },
  { title: 'a pod that is not there', path: 'pods/gone/requests_per_second', found: 404 },
  { title: 'a kind nobody knows', path: 'widgets/x/requests_per_second', found: 404 },
];

test('what pods tell is served by the objects they are of, in both versions', async (t) => {
  const api = await served(t);
  for (const version of ['v1beta1', 'v1beta2'])
    for (const { title, path, found } of answers) {
      const { code, body } = await api.ask(`GET ${BASE}/${version}/namespaces/default/${path}`);
      if (found === 404) t.is(code, 404, title);
      else t.deepEqual(values(body), found, title);
    }
  const one = (version: string) =>
    api.ask(`GET ${BASE}/${version}/namespaces/default/pods/web-2/requests_per_second`);
  const shared = { timestamp: '2026-03-01T12:00:00Z', windowSeconds: 30, value: '4' };
  const describedObject = { kind: 'Pod', namespace: 'default', name: 'web-2', apiVersion: '/v1' };
  t.deepEqual((await one('v1beta1')).body.items, [
    { describedObject, metricName: 'requests_per_second', ...shared, selector: null },
  ]);
  t.deepEqual((await one('v1beta2')).body.items, [
    { describedObject, metric: { name: 'requests_per_second', selector: null }, ...shared },
  ]);
});

test('discovery names both versions and the metrics there are', async (t) => {
  const api = await served(t);
  t.like((await api.ask(`GET ${BASE}`)).body, {
    kind: 'APIGroup',
    preferredVersion: { groupVersion: 'custom.metrics.k8s.io/v1beta2' },
  });
  const { body } = await api.ask(`GET ${BASE}/v1beta1`);
  const names = (Array.isArray(body.resources) ? body.resources : [])
    .filter(isObject)
    .map(({ name }) => name);
  t.deepEqual(names, [
    'pods/queue',
    'namespaces/queue',
    'pods/requests_per_second',
    'namespaces/requests_per_second',
  ]);
  t.is((await api.ask(`GET ${BASE}/v1`)).code, 404);
});

test('who was not allowed reads no metric, and who was reads those alone', async (t) => {
  const api = await served(t);
  const path = `${BASE}/v1beta1/namespaces/default/pods/*/requests_per_second`;
  const headers = { 'impersonate-user': 'ada' };
  t.is((await api.ask(`GET ${path}`, { headers })).code, 403);
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
  const rules = [
    { apiGroups: ['custom.metrics.k8s.io'], resources: ['pods/requests_per_second'], verbs: ['get'] },
  ];
  await api.ask(`POST ${rbac}/roles`, { body: { metadata: { name: 'reader' }, rules } });
  const subjects = [{ kind: 'User', name: 'ada', apiGroup: 'rbac.authorization.k8s.io' }];
  const roleRef = { kind: 'Role', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' };
  await api.ask(`POST ${rbac}/rolebindings`, { body: { metadata: { name: 'reader' }, subjects, roleRef } });
  t.is((await api.ask(`GET ${path}`, { headers })).code, 200);
  t.is((await api.ask(`GET ${path.replace('requests_per_second', 'queue')}`, { headers })).code, 403);
  t.is((await api.ask(`DELETE ${path}`)).code, 405);
});

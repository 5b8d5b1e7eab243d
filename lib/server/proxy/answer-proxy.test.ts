import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { fakeNodeAgent } from '../../testing/fake-node-agent.ts';
import { type ServedApi, servedApi } from '../../testing/served-api.ts';

const caller = { user: 'test', groups: ['system:masters'], fieldManager: 'test' } as const;
const NAMESPACE = '/api/v1/namespaces/default';

/** What the pods' program answers: what it was asked, or what the path says. */
async function program(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '', headers } = request;
  if (url.startsWith('/moved')) return void response.writeHead(302, { location: '/login?from=moved' }).end();
  if (url.startsWith('/broken')) {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half');
    return void setImmediate(() => response.destroy());
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  response.writeHead(url.startsWith('/teapot') ? 418 : 200, { 'x-from': 'pod' });
  response.end(JSON.stringify({ method, url, body, headers }));
}

async function proxied(t: ExecutionContext): Promise<ServedApi> {
  const server = createServer((request, response) => void program(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const { nodes } = fakeNodeAgent({ forwardTo: (server.address() as AddressInfo).port });
  const served = await servedApi(t, { nodes });
  await pods(served);
  return served;
}

async function pods({ client }: ServedApi): Promise<void> {
  const make = async (object: KubeObject & { readonly status?: JsonObject }): Promise<void> => {
    const made = await client.create(object, caller);
    if (object.status !== undefined)
      await client.update({ ...made, status: object.status }, caller, { subresource: 'status' });
  };
  const named = (name: string): KubeObject['metadata'] => ({ name, namespace: 'default' });
  const ports = [{ name: 'http', containerPort: 7 }];
  for (const [name, phase] of [
    ['web', 'Running'],
    ['done', 'Succeeded'],
  ] as const) {
    const spec = { nodeName: 'node', containers: [{ name: 'main', image: 'host', ports }] };
    const status = { phase, podIP: '10.1.2.3' };
    await make({ apiVersion: 'v1', kind: 'Pod', metadata: named(name), spec, status } as KubeObject);
  }
  for (const name of ['web', 'away']) {
    const spec = { ports: [{ name: 'ui', port: 80, targetPort: 'http' }] };
    await make({ apiVersion: 'v1', kind: 'Service', metadata: named(name), spec } as KubeObject);
    await make({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...named(name), labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'ui', port: 7 }],
      endpoints: [
        name === 'web'
          ? { addresses: ['10.1.2.3'], targetRef: { kind: 'Pod', namespace: 'default', name: 'web' } }
          : { addresses: ['192.0.2.1'] },
      ],
    } as KubeObject);
  }
}

for (const { title, path, url } of [
  { title: 'a pod at its first port', path: 'pods/web/proxy/a/b?q=1&q=2', url: '/a/b?q=1&q=2' },
  { title: 'a pod by the number of a port', path: 'pods/web:7/proxy/', url: '/' },
  { title: 'a pod by the name of a port', path: 'pods/web:http/proxy/', url: '/' },
  { title: 'a path that only the pod understands', path: 'pods/web/proxy/a%2Fb//c', url: '/a%2Fb//c' },
  { title: 'a Service at its only port', path: 'services/web/proxy/x', url: '/x' },
  { title: 'a Service by the number of its port', path: 'services/web:80/proxy/x', url: '/x' },
  { title: 'a Service by the name of its port', path: 'services/http:web:ui/proxy/x', url: '/x' },
] as const) {
  test(`${title} is reached`, async (t) => {
    const { code, body } = await (await proxied(t)).ask(`GET ${NAMESPACE}/${path}`);
    t.is(code, 200);
    t.is(body.url, url);
  });
}

for (const { title, path, code, reason } of [
  { title: 'a pod that is not there', path: 'pods/none/proxy/', code: 404, reason: 'NotFound' },
  { title: 'a pod that has ended', path: 'pods/done/proxy/', code: 503, reason: 'ServiceUnavailable' },
  { title: 'a port nobody listens at', path: 'pods/web:9/proxy/', code: 503, reason: 'ServiceUnavailable' },
  { title: 'a port that is none', path: 'pods/web:ftp/proxy/', code: 400, reason: 'BadRequest' },
  { title: 'a scheme that is none', path: 'pods/ftp:web:7/proxy/', code: 400, reason: 'BadRequest' },
  {
    title: 'a Service without that port',
    path: 'services/web:81/proxy/',
    code: 503,
    reason: 'ServiceUnavailable',
  },
  {
    title: 'a Service that leads away from our pods',
    path: 'services/away/proxy/',
    code: 503,
    reason: 'ServiceUnavailable',
  },
  {
    title: 'TLS with what speaks none',
    path: 'pods/https:web:7/proxy/',
    code: 503,
    reason: 'ServiceUnavailable',
  },
] as const) {
  test(`${title} is told`, async (t) => {
    const answer = await (await proxied(t)).ask(`GET ${NAMESPACE}/${path}`);
    t.is(answer.code, code);
    t.is(answer.body.reason, reason);
  });
}

test('method, body, code and headers go through; who asks does not', async (t) => {
  const api = await proxied(t);
  const headers = {
    'x-mine': 'yes',
    'content-type': 'text/plain',
    te: 'trailers',
    authorization: 'Bearer x',
  };
  const answer = await api.ask(`PUT ${NAMESPACE}/pods/web/proxy/teapot`, { body: 'tea', headers });
  t.is(answer.code, 418);
  t.is(answer.headers['x-from'], 'pod');
  t.like(answer.body, { method: 'PUT', body: 'tea' });
  t.like(answer.body.headers, { 'x-mine': 'yes', host: '10.1.2.3:7', 'content-type': 'text/plain' });
  for (const name of ['authorization', 'te']) t.false(name in Object(answer.body.headers), name);
});

test('where the pod leads elsewhere it leads there through the proxy', async (t) => {
  const api = await proxied(t);
  const moved = await api.ask(`GET ${NAMESPACE}/pods/web:7/proxy/moved`);
  t.is(moved.headers.location, `${NAMESPACE}/pods/web:7/proxy/login?from=moved`);
  const bare = await api.ask(`GET ${NAMESPACE}/pods/web:7/proxy?a=b`);
  t.deepEqual([bare.code, bare.headers.location], [301, `${NAMESPACE}/pods/web:7/proxy/?a=b`]);
});

test('an answer that breaks off breaks off, and the next request is answered', async (t) => {
  const api = await proxied(t);
  await t.throwsAsync(api.ask(`GET ${NAMESPACE}/pods/web/proxy/broken`));
  t.is((await api.ask(`GET ${NAMESPACE}/pods/web/proxy/fine`)).code, 200);
});

test('who may read pods may not speak to them', async (t) => {
  const api = await proxied(t);
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['*'] }];
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
  };
  await api.client.create({ ...role, rules } as KubeObject, caller);
  await api.client.create(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
    } as KubeObject,
    caller,
  );
  const headers = { 'impersonate-user': 'ann' };
  t.is((await api.ask(`GET ${NAMESPACE}/pods/web`, { headers })).code, 200);
  t.is((await api.ask(`GET ${NAMESPACE}/pods/web/proxy/`, { headers })).code, 403);
});

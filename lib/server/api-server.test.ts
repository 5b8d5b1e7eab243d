import test from 'ava';
import type { NodeAgent } from '../api/node-agent.ts';
import { isArray, isObject, type JsonObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { servedApi } from '../testing/served-api.ts';
import { until } from '../testing/until.ts';

const configMap = (name: string, data: JsonObject = { a: '1' }): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const MAPS = '/api/v1/namespaces/default/configmaps';
const typesOf = (lines: readonly JsonObject[]): readonly string[] =>
  lines.map(({ type, object }) => {
    const metadata = isObject(object) && isObject(object.metadata) ? object.metadata : {};
    return `${String(type)} ${String(metadata.name ?? '')}`.trim();
  });

test('create, get, list, update, patch, delete: codes and bodies', async (t) => {
  const api = await servedApi(t);
  const made = await api.ask(`POST ${MAPS}`, { body: configMap('one') });
  t.is(made.code, 201);
  t.like(made.body, { kind: 'ConfigMap', metadata: { name: 'one', namespace: 'default' } });
  const again = await api.ask(`POST ${MAPS}`, { body: configMap('one') });
  t.is(again.code, 409);
  t.like(again.body, {
    kind: 'Status',
    reason: 'AlreadyExists',
    message: 'configmaps "one" already exists',
    details: { name: 'one', kind: 'configmaps' },
  });
  const missing = await api.ask(`GET ${MAPS}/two`);
  t.like(missing.body, { code: 404, reason: 'NotFound', message: 'configmaps "two" not found' });
  const listed = await api.ask(`GET ${MAPS}?limit=500`);
  t.like(listed.body, { kind: 'ConfigMapList', apiVersion: 'v1' });
  t.is(isArray(listed.body.items) && listed.body.items.length, 1);
  const put = await api.ask(`PUT ${MAPS}/one`, { body: configMap('one', { b: '2' }) });
  t.like(put.body, { data: { b: '2' } });
  const other = await api.ask(`PUT ${MAPS}/one`, { body: configMap('two') });
  t.like(other.body, {
    code: 400,
    message: 'the name of the object (two) does not match the name on the URL (one)',
  });
  const stale = await api.ask(`PUT ${MAPS}/one`, {
    body: { ...configMap('one'), metadata: { name: 'one', resourceVersion: '1' } },
  });
  t.like(stale.body, { code: 409, reason: 'Conflict' });
  for (const [type, body] of [
    ['application/merge-patch+json', { data: { c: '3' } }],
    ['application/strategic-merge-patch+json', { data: { d: '4' } }],
    ['application/json-patch+json', '[{"op":"add","path":"/data/e","value":"5"}]'],
  ] as const) {
    const patched = await api.ask(`PATCH ${MAPS}/one`, { body, headers: { 'content-type': type } });
    t.is(patched.code, 200, type);
  }
  const after = await api.ask(`GET ${MAPS}/one`);
  t.deepEqual(after.body.data, { b: '2', c: '3', d: '4', e: '5' });
  const deleted = await api.ask(`DELETE ${MAPS}/one`, { body: { propagationPolicy: 'Background' } });
  t.like(deleted.body, { kind: 'Status', status: 'Success', details: { name: 'one', kind: 'configmaps' } });
  t.is((await api.ask(`GET ${MAPS}/one`)).code, 404);
});

test('dry runs change nothing: in the query, and in the body of a deletion', async (t) => {
  const api = await servedApi(t);
  t.is((await api.ask(`POST ${MAPS}?dryRun=All`, { body: configMap('one') })).code, 201);
  t.is((await api.ask(`GET ${MAPS}/one`)).code, 404);
  await api.ask(`POST ${MAPS}`, { body: configMap('one') });
  t.is((await api.ask(`DELETE ${MAPS}/one`, { body: { dryRun: ['All'] } })).code, 200);
  t.is((await api.ask(`GET ${MAPS}/one`)).code, 200);
  t.is((await api.ask(`POST ${MAPS}?dryRun=Some`, { body: configMap('two') })).code, 400);
});

test('fields a kind has not are refused, warned of or left out, as the client asks', async (t) => {
  const api = await servedApi(t);
  const body = { ...configMap('one'), extra: 1 };
  const strict = await api.ask(`POST ${MAPS}?fieldValidation=Strict`, { body });
  t.like(strict.body, {
    code: 400,
    reason: 'BadRequest',
    message:
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "extra"',
  });
  const warned = await api.ask(`POST ${MAPS}?dryRun=All`, { body });
  t.is(warned.code, 201);
  t.is(warned.headers.warning, '299 - "unknown field \\"extra\\""');
  t.false('extra' in warned.body);
  const ignored = await api.ask(`POST ${MAPS}?dryRun=All&fieldValidation=Ignore`, { body });
  t.is(ignored.headers.warning, undefined);
  t.is((await api.ask(`POST ${MAPS}?fieldValidation=Never`, { body })).code, 400);
});

test('pages of a list are of one moment, and a selector chooses', async (t) => {
  const api = await servedApi(t);
  for (const name of ['a', 'b', 'c']) await api.ask(`POST ${MAPS}`, { body: configMap(name) });
  const first = await api.ask(`GET ${MAPS}?limit=2`);
  const { continue: token, resourceVersion } = first.body.metadata as JsonObject;
  t.is(typeof token, 'string');
  await api.ask(`POST ${MAPS}`, { body: configMap('d') });
  const second = await api.ask(`GET ${MAPS}?limit=2&continue=${String(token)}`);
  t.is((second.body.metadata as JsonObject).resourceVersion, resourceVersion);
  t.is((second.body.items as readonly JsonObject[]).length, 1);
  const chosen = await api.ask(`GET ${MAPS}?fieldSelector=metadata.name%3Dc`);
  t.is((chosen.body.items as readonly JsonObject[]).length, 1);
  t.is((await api.ask(`GET ${MAPS}?continue=nonsense`)).code, 400);
  t.like((await api.ask(`GET ${MAPS}?resourceVersion=999999&resourceVersionMatch=NotOlderThan`)).body, {
    code: 504,
    details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
  });
  const past = await api.ask(
    `GET ${MAPS}?resourceVersion=${String(resourceVersion)}&resourceVersionMatch=Exact`,
  );
  t.is((past.body.items as readonly JsonObject[]).length, 3, 'as it was before the fourth');
  t.is((await api.ask(`GET ${MAPS}?resourceVersionMatch=Exact`)).code, 422);
});

test('a watch tells of everything after a list, once and in order, and ends at its time', async (t) => {
  const api = await servedApi(t);
  await api.ask(`POST ${MAPS}`, { body: configMap('one') });
  const { metadata } = (await api.ask(`GET ${MAPS}`)).body;
  const from = String((metadata as JsonObject).resourceVersion);
  await api.ask(`POST ${MAPS}`, { body: configMap('two') });
  const watch = api.watch(`${MAPS}?watch=true&resourceVersion=${from}&timeoutSeconds=1`);
  await until(() => watch.lines.length === 1, { what: 'the first event' });
  await api.ask(`PUT ${MAPS}/two`, { body: configMap('two', { b: '2' }) });
  await api.ask(`DELETE ${MAPS}/one`);
  await until(() => watch.ended(), { what: 'the end of the watch' });
  t.deepEqual(typesOf(watch.lines), ['ADDED two', 'MODIFIED two', 'DELETED one']);
});

test('a watch from 0 begins with what is there; one of initial events marks their end', async (t) => {
  const api = await servedApi(t);
  await api.ask(`POST ${MAPS}`, { body: configMap('one') });
  const plain = api.watch(`${MAPS}?watch=1&resourceVersion=0`);
  await until(() => plain.lines.length === 1, { what: 'what is there' });
  t.deepEqual(typesOf(plain.lines), ['ADDED one']);
  plain.close();
  const listing = api.watch(
    `${MAPS}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
  );
  await until(() => listing.lines.length === 2, { what: 'the bookmark' });
  t.like(listing.lines[1], {
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
  listing.close();
});

test('a watch from a revision that was never reached is expired', async (t) => {
  const api = await servedApi(t);
  t.like((await api.ask(`GET ${MAPS}?watch=1&resourceVersion=99999`)).body, { code: 410, reason: 'Expired' });
  t.is((await api.ask(`GET ${MAPS}?watch=1&resourceVersion=soon`)).code, 400);
});

test('nobody is answered but over /healthz, /livez, /readyz and /version', async (t) => {
  const api = await servedApi(t);
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
    t.is((await api.ask(`GET ${path}`, { bare: true })).code, 200, path);
  }
  for (const what of [
    'GET /',
    'GET /api',
    'GET /api/v1/pods',
    'POST /healthz',
    'GET /openapi/v3',
    'GET /nowhere',
  ]) {
    const { code, body } = await api.ask(what, { bare: true });
    t.is(code, 401, what);
    t.like(body, { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' });
  }
  const wrong = { authorization: 'Bearer aaa.bbb.ccc' };
  t.is((await api.ask('GET /api/v1/pods', { bare: true, headers: wrong })).code, 401);
});

test('a service account is known by its token, may do what it is bound to, and nothing once it is gone', async (t) => {
  const api = await servedApi(t);
  const issued = await api.ask('POST /api/v1/namespaces/default/serviceaccounts/default/token', {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } },
  });
  t.is(issued.code, 201);
  const headers = { authorization: `Bearer ${String((issued.body.status as JsonObject).token)}` };
  const list = () => api.ask(`GET ${MAPS}`, { bare: true, headers });
  const refused = await list();
  t.is(refused.code, 403);
  t.is(
    refused.body.message,
    'configmaps is forbidden: User "system:serviceaccount:default:default" cannot list resource "configmaps" in API group "" in the namespace "default"',
  );
  const rbac = 'rbac.authorization.k8s.io';
  await api.ask(`POST /apis/${rbac}/v1/namespaces/default/roles`, {
    body: {
      metadata: { name: 'reader' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
    },
  });
  await api.ask(`POST /apis/${rbac}/v1/namespaces/default/rolebindings`, {
    body: {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    },
  });
  t.is((await list()).code, 200);
  t.is((await api.ask('GET /api/v1/namespaces/kube-system/configmaps', { bare: true, headers })).code, 403);
  const asked = await api.ask('POST /apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {} });
  t.like(asked.body, {
    status: { userInfo: { username: 'pintle-admin', groups: ['system:masters', 'system:authenticated'] } },
  });
  await api.ask('DELETE /api/v1/namespaces/default/serviceaccounts/default');
  t.is((await list()).code, 401);
});

test('an administrator may speak as another, who may do no more than before', async (t) => {
  const api = await servedApi(t);
  const headers = { 'impersonate-user': 'ann', 'impersonate-group': 'dev' };
  t.is((await api.ask(`GET ${MAPS}`, { headers })).code, 403);
  const masters = { 'impersonate-user': 'ann', 'impersonate-group': 'system:masters' };
  t.is((await api.ask(`GET ${MAPS}`, { headers: masters })).code, 200);
  t.is((await api.ask(`GET ${MAPS}`, { headers: { 'impersonate-group': 'dev' } })).code, 400);
  const review = await api.ask('POST /apis/authorization.k8s.io/v1/subjectaccessreviews', {
    body: {
      spec: { user: 'ann', resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'default' } },
    },
  });
  t.deepEqual(review.body.status, { allowed: false });
});

const abuses = [
  { title: 'no JSON', what: `POST ${MAPS}`, body: '{"a":', code: 400 },
  { title: 'a list', what: `POST ${MAPS}`, body: '[]', code: 400 },
  { title: 'deep nesting', what: `POST ${MAPS}`, body: '['.repeat(100_000) + ']'.repeat(100_000), code: 400 },
  { title: 'a forbidden key', what: `POST ${MAPS}`, body: '{"__proto__":{"a":1}}', code: 400 },
  { title: 'another kind', what: `POST ${MAPS}`, body: '{"apiVersion":"v1","kind":"Secret"}', code: 400 },
  {
    title: 'another namespace',
    what: `POST ${MAPS}`,
    body: '{"metadata":{"name":"a","namespace":"b"}}',
    code: 400,
  },
  { title: 'an unknown media type', what: `POST ${MAPS}`, body: '{}', type: 'text/plain', code: 415 },
  {
    title: 'broken protobuf',
    what: `POST ${MAPS}`,
    body: 'k8s\0\u0001',
    type: 'application/vnd.kubernetes.protobuf',
    code: 400,
  },
  {
    title: 'a patch of an unknown type',
    what: `PATCH ${MAPS}/a`,
    body: '{}',
    type: 'application/json',
    code: 415,
  },
  {
    title: 'an unknown operation',
    what: `PATCH ${MAPS}/a`,
    body: '[{"op":"jump","path":"/a"}]',
    type: 'application/json-patch+json',
    code: 400,
  },
  { title: 'an unknown resource', what: 'GET /api/v1/unicorns', code: 404 },
  { title: 'an unknown version', what: 'GET /apis/apps/v9/deployments', code: 404 },
  { title: 'a method that is none', what: 'OPTIONS /api/v1/pods', code: 405 },
  { title: 'a path that goes up', what: 'GET /api/v1/namespaces/%2e%2e/pods', code: 404 },
  { title: 'a broken escape', what: 'GET /api/v1/namespaces/%zz/pods', code: 404 },
  { title: 'a limit that is no number', what: `GET ${MAPS}?limit=-1`, code: 400 },
  { title: 'a selector of nonsense', what: `GET ${MAPS}?labelSelector=((((`, code: 400 },
  {
    title: 'a stream of a pod that is not there',
    what: 'POST /api/v1/namespaces/default/pods/web/exec',
    code: 404,
  },
] as const;

for (const abuse of abuses) {
  const { title, what, code } = abuse;
  test(`${title} gets ${code} and a Status`, async (t) => {
    const api = await servedApi(t);
    const answer = await api.ask(what, {
      ...('body' in abuse && { body: abuse.body }),
      ...('type' in abuse && { headers: { 'content-type': abuse.type } }),
    });
    t.is(answer.code, code, answer.text);
    t.like(answer.body, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code });
    t.is((await api.ask('GET /healthz')).text, 'ok');
  });
}

test('a body that is too large is refused before it is read', async (t) => {
  const api = await servedApi(t);
  const body = 'a'.repeat(limits.serverBodyBytesMax + 1);
  const answer = await api.ask(`POST ${MAPS}`, { body }).catch(() => null);
  // The connection may be closed under a client that goes on sending.
  if (answer !== null) t.is(answer.code, 413);
  t.is((await api.ask('GET /healthz')).text, 'ok');
});

test('answers are compressed where that is worth it, and not acceptable where nothing is read', async (t) => {
  const api = await servedApi(t);
  const zipped = await api.ask('GET /openapi/v3/api/v1', { headers: { 'accept-encoding': 'gzip' } });
  t.is(zipped.headers['content-encoding'], 'gzip');
  const plain = await api.ask('GET /openapi/v3/api/v1');
  t.is(plain.body.openapi, '3.0.0');
  const { etag = '' } = plain.headers;
  t.is((await api.ask('GET /openapi/v3/api/v1', { headers: { 'if-none-match': etag } })).code, 304);
  t.is((await api.ask(`GET ${MAPS}`, { headers: { accept: 'text/html' } })).code, 406);
});

test('a Scale is read, patched and replaced; the object follows', async (t) => {
  const api = await servedApi(t);
  const labels = { app: 'web' };
  await api.ask('POST /apis/apps/v1/namespaces/default/deployments', {
    body: {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:1' }] } },
      },
    },
  });
  const path = '/apis/apps/v1/namespaces/default/deployments/web/scale';
  const scale = await api.ask(`GET ${path}`);
  t.like(scale.body, {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 2 },
    status: { selector: 'app=web' },
  });
  const patched = await api.ask(`PATCH ${path}`, {
    body: { spec: { replicas: 3 } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.like(patched.body, { spec: { replicas: 3 } });
  t.is((await api.ask(`PUT ${path}`, { body: scale.body })).code, 409);
  t.is(
    (
      await api.ask(`PATCH ${path}`, {
        body: { spec: { replicas: -1 } },
        headers: { 'content-type': 'application/merge-patch+json' },
      })
    ).code,
    422,
  );
});

test('what pods and nodes use is measured when it is asked', async (t) => {
  const usage = {
    namespace: 'default',
    pod: 'web',
    atMs: Date.parse('2026-03-01T12:00:00Z'),
    windowMs: 15_000,
    containers: [{ name: 'a', cpuMillis: 250.4, memoryBytes: 64 * 1024 * 1024 }],
  };
  const unused = (): never => t.fail() as never;
  const agent: NodeAgent = {
    ...{
      nodeName: 'box',
      run: unused,
      stop: unused,
      endPods: unused,
      nodeUsage: () => null,
      removeVolumeData: unused,
      logs: unused,
      exec: unused,
      attach: unused,
      forward: unused,
    },
    stats: () => Promise.resolve([usage]),
  };
  const api = await servedApi(t, { nodes: { agent: () => agent, all: () => [agent] } });
  const path = '/apis/metrics.k8s.io/v1beta1';
  t.deepEqual((await api.ask(`GET ${path}/pods`)).body.items, [], 'a pod the API does not know');
  await api.ask('POST /api/v1/nodes', { body: { metadata: { name: 'box' } } });
  await api.ask('POST /api/v1/namespaces/default/pods', {
    body: { metadata: { name: 'web' }, spec: { containers: [{ name: 'a', image: 'a:1' }] } },
  });
  const pod = await api.ask(`GET ${path}/namespaces/default/pods/web`);
  t.like(pod.body, {
    kind: 'PodMetrics',
    timestamp: '2026-03-01T12:00:00Z',
    window: '15s',
    containers: [{ name: 'a', usage: { cpu: '250m', memory: '65536Ki' } }],
  });
  t.like((await api.ask(`GET ${path}/nodes`)).body, {
    kind: 'NodeMetricsList',
    items: [{ usage: { cpu: '250m' } }],
  });
  for (const [name, items] of [
    ['web', [{ metadata: { name: 'web' } }]],
    ['db', []],
  ] as const)
    t.like((await api.ask(`GET ${path}/namespaces/default/pods?fieldSelector=metadata.name=${name}`)).body, {
      kind: 'PodMetricsList',
      items,
    });
  t.is((await api.ask(`GET ${path}/namespaces/default/pods/db`)).code, 404);
  t.is((await api.ask(`DELETE ${path}/namespaces/default/pods/web`)).code, 405);
});

test('a field that stands twice is told of, refused or let be, in JSON and in YAML', async (t) => {
  const api = await servedApi(t);
  const json = '{"metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}';
  const yaml = 'metadata:\n  name: twice\ndata:\n  a: "1"\n  a: "2"\n';
  const told = { json: /duplicate field \\"data\.a\\"/, yaml: /line 5: key \\"a\\" already set in map/ };
  for (const [form, body] of [['json', json] as const, ['yaml', yaml] as const]) {
    const headers = { 'content-type': `application/${form}` };
    const ask = (query: string) => api.ask(`POST ${MAPS}?dryRun=All&${query}`, { body, headers });
    const strict = await ask('fieldValidation=Strict');
    t.is(strict.code, 400);
    t.regex(
      String(strict.body.message),
      /^ConfigMap in version "v1" cannot be handled as a ConfigMap: strict/,
    );
    const warned = await ask('fieldValidation=Warn');
    t.is(warned.code, 201);
    t.regex(String(warned.headers.warning), told[form]);
    const ignored = await ask('fieldValidation=Ignore');
    t.is(ignored.code, 201);
    t.is(ignored.headers.warning, undefined);
  }
});

test('what is not valid is said in the words of Kubernetes', async (t) => {
  const api = await servedApi(t);
  const path = 'POST /apis/apps/v1/namespaces/default/deployments?dryRun=All';
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };
  const ask = async (spec: JsonObject): Promise<JsonObject> =>
    (await api.ask(path, { body: { metadata: { name: 'web' }, spec } })).body;
  t.like(await ask({ replicas: -1, selector: { matchLabels: labels }, template }), {
    reason: 'Invalid',
    message:
      'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    details: {
      name: 'web',
      group: 'apps',
      kind: 'Deployment',
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: -1: must be greater than or equal to 0',
          field: 'spec.replicas',
        },
      ],
    },
  });
  t.like(await ask({ replicas: 'three', selector: { matchLabels: labels }, template }), {
    reason: 'BadRequest',
    message:
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  });
  const policy = { ...template, spec: { ...template.spec, restartPolicy: 'Sometimes' } };
  t.like(await ask({ selector: { matchLabels: labels }, template: policy }), {
    message:
      'Deployment.apps "web" is invalid: spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
  });
  const nameless = { ...template, spec: { containers: [{ image: 'a:1' }] } };
  t.like(await ask({ selector: { matchLabels: labels }, template: nameless }), {
    message: 'Deployment.apps "web" is invalid: spec.template.spec.containers[0].name: Required value',
  });
});

import test from 'ava';
import { isObject, type JsonObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { builtinSchema } from '../../schema/builtin-schema.ts';
import { withCustomResources } from '../../schema/custom-resources.ts';
import { readCases } from '../../testing/case-file.ts';
import { servedApi } from '../../testing/served-api.ts';

const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;
const MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

const free = { type: 'object', properties: { spec: { 'x-kubernetes-preserve-unknown-fields': true } } };
const sprockets = withCustomResources(builtinSchema(), [
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'sprockets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Sprocket', plural: 'sprockets' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: free } }],
    },
  },
]);
const SPROCKETS = '/apis/example.com/v1/namespaces/default/sprockets';

type Docs = { readonly current?: JsonObject };
type Merged = { readonly threeWay?: JsonObject; readonly result?: JsonObject };

test('json-merge-patch.json: what the patch makes of the object, over the wire', async (t) => {
  const api = await servedApi(t, { schema: sprockets });
  const headers = { 'content-type': types.merge };
  for (const [at, { name, input, expected }] of readCases<Docs, Merged>('json-merge-patch').entries()) {
    if (expected.threeWay === undefined) continue;
    const path = `${SPROCKETS}/case-${at}`;
    const body = { metadata: { name: `case-${at}` }, spec: input.current ?? {} };
    t.is((await api.ask(`POST ${SPROCKETS}`, { body })).code, 201, name);
    const patched = await api.ask(`PATCH ${path}`, { body: { spec: expected.threeWay }, headers });
    t.is(patched.code, 200, `${name}: ${patched.text}`);
    t.deepEqual(patched.body.spec, expected.result, name);
  }
});

test('a custom resource takes no strategic patch', async (t) => {
  const api = await servedApi(t, { schema: sprockets });
  await api.ask(`POST ${SPROCKETS}`, { body: { metadata: { name: 'one' }, spec: {} } });
  const answer = await api.ask(`PATCH ${SPROCKETS}/one`, {
    body: { spec: { a: 1 } },
    headers: { 'content-type': types.strategic },
  });
  t.like(answer.body, { code: 415, reason: 'UnsupportedMediaType' });
});

/** The mechanisms of strategic-merge-patch.json, whose type is nobody's, on lists and maps that are served. */
const container = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  image: `${name}:1`,
  ...more,
});
const deployment = (containers: readonly JsonObject[], spec: JsonObject = {}): JsonObject => ({
  metadata: {
    name: 'web',
    finalizers: ['a.example.com/x', 'b.example.com/x'],
    annotations: { a: '1', b: '2' },
  },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
    ...spec,
  },
});
const pod = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } });
const strategic = [
  {
    title: 'an item is merged by its key',
    patch: pod({ containers: [{ name: 'b', image: 'b:2' }] }),
    are: 'b=b:2 a=a:1',
  },
  { title: 'a new item is added', patch: pod({ containers: [container('c')] }), are: 'c=c:1 a=a:1 b=b:1' },
  {
    title: 'an item is deleted',
    patch: pod({ containers: [{ name: 'a', $patch: 'delete' }] }),
    are: 'b=b:1',
  },
  {
    title: 'a list is replaced',
    patch: pod({ containers: [container('c'), { $patch: 'replace' }] }),
    are: 'c=c:1',
  },
  {
    title: 'items are set in order',
    patch: pod({ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] }),
    are: 'b=b:1 a=a:1',
  },
] as const;

for (const { title, patch, are } of strategic) {
  test(`strategic, over the wire: ${title}`, async (t) => {
    const api = await servedApi(t);
    await api.ask(`POST ${DEPLOYMENTS}`, { body: deployment([container('a'), container('b')]) });
    const headers = { 'content-type': types.strategic };
    const { code, body, text } = await api.ask(`PATCH ${DEPLOYMENTS}/web`, { body: patch, headers });
    t.is(code, 200, text);
    const { spec } = body as {
      spec: { template: { spec: { containers: { name: string; image: string }[] } } };
    };
    const shown = spec.template.spec.containers.map(({ name, image }) => `${name}=${image}`);
    t.deepEqual([...shown].sort(), are.split(' ').sort());
    if (title.includes('order')) t.deepEqual(shown, are.split(' '));
  });
}

test('strategic, over the wire: maps, primitive lists, and what is retained', async (t) => {
  const api = await servedApi(t);
  await api.ask(`POST ${DEPLOYMENTS}`, { body: deployment([container('a')]) });
  const headers = { 'content-type': types.strategic };
  const { body } = await api.ask(`PATCH ${DEPLOYMENTS}/web`, {
    body: {
      metadata: {
        annotations: { a: null, c: '3' },
        finalizers: ['c.example.com/x'],
        '$deleteFromPrimitiveList/finalizers': ['a.example.com/x'],
      },
      spec: { strategy: { type: 'Recreate', $retainKeys: ['type'] } },
    },
    headers,
  });
  const { metadata = {}, spec = {} } = body as { metadata?: JsonObject; spec?: JsonObject };
  t.deepEqual(metadata.annotations, { b: '2', c: '3' });
  t.deepEqual([...(metadata.finalizers as readonly string[])].sort(), ['b.example.com/x', 'c.example.com/x']);
  t.deepEqual(spec.strategy, { type: 'Recreate' });
});

const add = (path: string, value: JsonObject[string] = 'x') => ({ op: 'add', path, value });
/** What doubles itself: 2 to the power of 40 times a kibibyte. */
const doubling = [
  add('/data/a', 'x'.repeat(1024)),
  ...Array.from({ length: 40 }, (_, at) => ({ op: 'copy', from: '/data', path: `/data/b${at}` })),
];
const refused = [
  {
    title: 'a test that fails',
    type: types.json,
    body: [{ op: 'test', path: '/data/a', value: 'z' }],
    code: 422,
  },
  {
    title: 'a place that is not there',
    type: types.json,
    body: [{ op: 'remove', path: '/data/z' }],
    code: 422,
  },
  { title: 'no list', type: types.json, body: {}, code: 400 },
  { title: 'an operation of no kind', type: types.json, body: [{ op: 'jump', path: '/data' }], code: 400 },
  {
    title: 'more operations than there may be',
    type: types.json,
    body: Array.from({ length: limits.jsonPatchOperationsMax + 1 }, () => add('/data/a')),
    code: 413,
  },
  { title: 'copies that double', type: types.json, body: doubling, code: 413 },
  {
    title: 'a forbidden member',
    type: types.json,
    body: [add('/metadata/__proto__/polluted', 'yes')],
    code: 422,
  },
  {
    title: 'a member of a constructor',
    type: types.json,
    body: [add('/constructor/prototype/polluted', 'yes')],
    code: 422,
  },
  { title: 'a patch that is a text', type: types.merge, body: '"text"', code: 400 },
  { title: 'a patch that is null', type: types.merge, body: 'null', code: 400 },
  { title: 'a forbidden key', type: types.merge, body: '{"__proto__":{"polluted":"yes"}}', code: 400 },
  { title: 'another name', type: types.merge, body: { metadata: { name: 'two' } }, code: 400 },
  { title: 'another uid', type: types.merge, body: { metadata: { uid: 'other' } }, code: 409 },
  {
    title: 'a revision that is not current',
    type: types.merge,
    body: { metadata: { resourceVersion: '1' } },
    code: 409,
  },
  { title: 'an unknown directive', type: types.strategic, body: { data: { $patch: 'explode' } }, code: 400 },
  {
    title: 'an order that is no list',
    type: types.strategic,
    body: { metadata: { finalizers: ['a.b/c'], '$setElementOrder/finalizers': 1 } },
    code: 400,
  },
  {
    title: 'no manager',
    type: types.apply,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } },
    code: 422,
  },
  ...['a%0Ab', 'a%00', '%E2%80%AE', 'é'.repeat(65)].map((manager) => ({
    title: `a manager that cannot be printed, or is too long: ${manager.slice(0, 9)}`,
    type: types.apply,
    query: `?fieldManager=${manager.startsWith('é') ? encodeURIComponent(manager) : manager}`,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } },
    code: 422,
  })),
  { title: 'broken YAML', type: types.apply, query: '?fieldManager=a', body: 'a: [', code: 400 },
  {
    title: 'two documents',
    type: types.apply,
    query: '?fieldManager=a',
    body: 'a: 1\n---\nb: 2\n',
    code: 400,
  },
  {
    title: 'aliases that multiply',
    type: types.apply,
    query: '?fieldManager=a',
    body: `a0: &a0 [x,x]\n${Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at},*a${at}]`).join('\n')}\n`,
    code: 400,
  },
  {
    title: 'force where nothing is applied',
    type: types.merge,
    query: '?force=true',
    body: { data: {} },
    code: 422,
  },
  {
    title: 'an annotation that is too large',
    type: types.merge,
    body: { metadata: { annotations: { a: 'x'.repeat(262_145) } } },
    code: 422,
  },
  {
    title: 'data that is too large',
    type: types.merge,
    body: { data: { a: 'x'.repeat(1024 * 1024 + 1) } },
    code: 422,
  },
] as const;

for (const row of refused) {
  const { title, type, body, code } = row;
  test(`a patch (${type}) with ${title} gets ${code} and changes nothing`, async (t) => {
    const api = await servedApi(t);
    await api.ask(`POST ${MAPS}`, { body: { metadata: { name: 'one' }, data: { a: 'b' } } });
    const before = await api.ask(`GET ${MAPS}/one`);
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await api.ask(`PATCH ${MAPS}/one${'query' in row ? row.query : ''}`, {
      body: sent,
      headers: { 'content-type': type },
    });
    t.is(answer.code, code, answer.text.slice(0, 1_000));
    t.like(answer.body, { kind: 'Status', status: 'Failure', code });
    t.deepEqual((await api.ask(`GET ${MAPS}/one`)).body, before.body);
    t.false('polluted' in {});
    t.true(isObject(answer.body));
  });
}

import test, { type ExecutionContext } from 'ava';
import { isArray, isObject, type JsonObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { memoryStore } from '../store/memory-store.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { readCases } from '../testing/case-file.ts';
import { type Answer, type ServedApi, servedApi } from '../testing/served-api.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const metadataOf = ({ body }: Answer): JsonObject => (isObject(body.metadata) ? body.metadata : {});
const itemsOf = ({ body }: Answer): readonly JsonObject[] =>
  isArray(body.items) ? body.items.filter(isObject) : [];
const namesOf = (answer: Answer): string =>
  itemsOf(answer)
    .map(({ metadata }) => String(isObject(metadata) ? metadata.name : ''))
    .join(' ');
const configMap = (name: string, more: JsonObject = {}): JsonObject => ({ metadata: { name, ...more } });

const stores = {
  memory: () => memoryStore(),
  sqlite: async (t: ExecutionContext): Promise<Store> => {
    const store = await sqliteStore({ directory: await temporaryDirectory(t) });
    t.teardown(() => store.close());
    return store;
  },
} as const;

for (const [name, open] of Object.entries(stores)) {
  test(`${name}: pages are of one moment; once that is forgotten the token is expired, and comes with another`, async (t) => {
    const api = await servedApi(t, { store: await open(t) });
    for (const each of ['a', 'b', 'c', 'd', 'e']) await api.ask(`POST ${MAPS}`, { body: configMap(each) });
    const first = await api.ask(`GET ${MAPS}?limit=2`);
    const { continue: token, resourceVersion, remainingItemCount } = metadataOf(first);
    t.is(namesOf(first), 'a b');
    t.is(remainingItemCount, 3);
    await api.ask(`DELETE ${MAPS}/c`);
    await api.ask(`POST ${MAPS}`, { body: configMap('bb') });
    const second = await api.ask(`GET ${MAPS}?limit=2&continue=${String(token)}`);
    t.is(namesOf(second), 'c d', 'as it was');
    t.like(metadataOf(second), { resourceVersion, remainingItemCount: 1 });
    const chosen = await api.ask(`GET ${MAPS}?limit=1&fieldSelector=metadata.name!%3Dz`);
    t.is(metadataOf(chosen).remainingItemCount, undefined, 'what a selector leaves is not counted');
    // More than is remembered, and more lists than are held.
    for (let round = 0; round < limits.storePinnedListsMax + 2; round += 1) {
      const size = round < 11 ? 900_000 : 1;
      const body = { metadata: { name: 'big' }, data: { a: `${round % 10}`.repeat(size) } };
      await api.ask(round === 0 ? `POST ${MAPS}` : `PUT ${MAPS}/big`, { body });
      await api.ask(`GET ${MAPS}?limit=1`);
    }
    const lost = await api.ask(`GET ${MAPS}?limit=2&continue=${String(token)}`);
    t.like(lost.body, { code: 410, reason: 'Expired' });
    const fresh = metadataOf(lost).continue;
    t.is(typeof fresh, 'string');
    const rest = await api.ask(`GET ${MAPS}?limit=2&continue=${String(fresh)}`);
    t.is(namesOf(rest), 'bb big', 'what is there now');
    t.not(metadataOf(rest).resourceVersion, resourceVersion);
    const next = await api.ask(`GET ${MAPS}?continue=${String(metadataOf(rest).continue)}`);
    t.regex(namesOf(next), /^d e( |$)/);
    t.is(metadataOf(next).resourceVersion, metadataOf(rest).resourceVersion, 'of one moment again');
  });

  test(`${name}: a list is of the revision it asks for`, async (t) => {
    const api = await servedApi(t, { store: await open(t) });
    const versions: number[] = [];
    for (const each of ['a', 'b', 'c']) {
      const made = await api.ask(`POST ${MAPS}`, { body: configMap(each) });
      versions.push(Number(metadataOf(made).resourceVersion));
    }
    await api.ask(`DELETE ${MAPS}/a`);
    const [one = 0, two = 0] = versions;
    const rows = [
      { query: '', is: 'b c' },
      { query: 'resourceVersion=0', is: 'b c' },
      { query: `resourceVersion=${one}`, is: 'b c' },
      { query: `resourceVersion=${one}&resourceVersionMatch=NotOlderThan`, is: 'b c' },
      { query: 'resourceVersion=0&resourceVersionMatch=NotOlderThan', is: 'b c' },
      { query: `resourceVersion=${one}&resourceVersionMatch=Exact`, is: 'a' },
      { query: `resourceVersion=${two}&resourceVersionMatch=Exact`, is: 'a b' },
      { query: `resourceVersion=${two}&limit=1`, is: 'a' },
      { query: `resourceVersion=${two}&resourceVersionMatch=NotOlderThan&limit=1`, is: 'b' },
    ];
    for (const { query, is } of rows) t.is(namesOf(await api.ask(`GET ${MAPS}?${query}`)), is, query);
    const exact = await api.ask(`GET ${MAPS}?resourceVersion=${two}&resourceVersionMatch=Exact&limit=1`);
    t.is(metadataOf(exact).resourceVersion, `${two}`);
    const rest = await api.ask(`GET ${MAPS}?continue=${String(metadataOf(exact).continue)}`);
    t.is(namesOf(rest), 'b');
    const refused = [
      { query: 'resourceVersion=999999', code: 504, cause: 'ResourceVersionTooLarge' },
      { query: 'resourceVersion=soon', code: 400 },
      { query: 'resourceVersion=-1', code: 400 },
      { query: 'resourceVersionMatch=Exact', code: 422, cause: 'FieldValueForbidden' },
      {
        query: 'resourceVersion=1&resourceVersionMatch=Sometimes',
        code: 422,
        cause: 'FieldValueNotSupported',
      },
      { query: 'resourceVersion=0&resourceVersionMatch=Exact', code: 422, cause: 'FieldValueForbidden' },
      { query: 'sendInitialEvents=true', code: 422, cause: 'FieldValueForbidden' },
      { query: 'continue=abc', code: 400 },
      { query: 'limit=-1', code: 400 },
      { query: 'limit=many', code: 400 },
      { query: 'labelSelector=a%20in%20(', code: 400 },
      { query: 'fieldSelector=spec.nodeName%3Da', code: 400 },
    ];
    for (const { query, code, cause } of refused) {
      const { body, text } = await api.ask(`GET ${MAPS}?${query}`);
      t.is(body.code, code, `${query}: ${text}`);
      if (cause !== undefined) t.like(body, { details: { causes: [{ reason: cause }] } }, query);
    }
    t.is((await api.ask(`GET ${MAPS}?resourceVersion=999999`)).headers['retry-after'], '1');
    t.is((await api.ask(`GET ${MAPS}?limit=9223372036854775807`)).code, 200);
  });
}

test('what is created, replaced and deleted on conditions', async (t) => {
  const api = await servedApi(t);
  const made = await api.ask(`POST ${MAPS}`, { body: configMap('one') });
  const { uid, resourceVersion } = metadataOf(made);
  const generated = await api.ask(`POST ${MAPS}`, { body: { metadata: { generateName: 'web-' } } });
  t.regex(String(metadataOf(generated).name), /^web-[a-z0-9]{5}$/);
  const rows: readonly { what: string; body: JsonObject; code: number; reason: string; message?: RegExp }[] =
    [
      {
        what: `POST ${MAPS}`,
        body: configMap('two', { resourceVersion: '1' }),
        code: 400,
        reason: 'BadRequest',
      },
      {
        what: `POST ${MAPS}`,
        body: { metadata: {} },
        code: 422,
        reason: 'Invalid',
      },
      { what: `POST ${MAPS}`, body: configMap('one'), code: 409, reason: 'AlreadyExists' },
      { what: `PUT ${MAPS}/none`, body: configMap('none'), code: 404, reason: 'NotFound' },
      {
        what: `PUT ${MAPS}/one`,
        body: configMap('one', { resourceVersion: '1' }),
        code: 409,
        reason: 'Conflict',
        message:
          /^Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again$/,
      },
      {
        what: `PUT ${MAPS}/one`,
        body: configMap('one', { uid: 'other' }),
        code: 409,
        reason: 'Conflict',
        message: /Precondition failed: UID in precondition: other, UID in object meta: /,
      },
      {
        what: `DELETE ${MAPS}/one`,
        body: { preconditions: { uid: 'other' } },
        code: 409,
        reason: 'Conflict',
        message: /the UID in the precondition \(other\) does not match the UID in record/,
      },
      {
        what: `DELETE ${MAPS}/one`,
        body: { preconditions: { resourceVersion: '1' } },
        code: 409,
        reason: 'Conflict',
        message: /the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record/,
      },
      { what: `DELETE ${MAPS}/one`, body: { propagationPolicy: 'Sideways' }, code: 422, reason: 'Invalid' },
      {
        what: `DELETE ${MAPS}/one`,
        body: { propagationPolicy: 'Orphan', orphanDependents: true },
        code: 422,
        reason: 'Invalid',
      },
      { what: `DELETE ${MAPS}/one`, body: { gracePeriodSeconds: 'soon' }, code: 400, reason: 'BadRequest' },
      { what: `DELETE ${MAPS}/one`, body: { gracePeriodSeconds: 1e300 }, code: 422, reason: 'Invalid' },
      { what: `DELETE ${MAPS}/one?gracePeriodSeconds=x`, body: {}, code: 400, reason: 'BadRequest' },
      { what: `DELETE ${MAPS}/one?dryRun=Some`, body: {}, code: 400, reason: 'BadRequest' },
      { what: `DELETE ${MAPS}/one`, body: { dryRun: 'All' }, code: 400, reason: 'BadRequest' },
    ];
  for (const { what, body, code, reason, message } of rows) {
    const answer = await api.ask(what, { body });
    const title = `${what} ${JSON.stringify(body)}: ${answer.text}`;
    t.like(answer.body, { kind: 'Status', code, reason }, title);
    if (message) t.regex(String(answer.body.message), message);
  }
  t.is(
    (await api.ask(`PUT ${MAPS}/one`, { body: configMap('one', { labels: { a: 'b' } }) })).code,
    200,
    'any revision',
  );
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  const budget = { metadata: { name: 'one' }, spec: { minAvailable: 1 } };
  t.is((await api.ask(`POST ${budgets}`, { body: budget })).code, 201);
  const blind = await api.ask(`PUT ${budgets}/one`, { body: budget });
  t.like(blind.body, { code: 422, details: { causes: [{ field: 'metadata.resourceVersion' }] } });
  t.not(resourceVersion, undefined);
  const gone = await api.ask(`DELETE ${MAPS}/one`, { body: { preconditions: { uid: String(uid) } } });
  t.like(gone.body, { status: 'Success', details: { uid } });
});

test('dry runs of every verb answer as if, and leave nothing', async (t) => {
  const api = await servedApi(t);
  await api.ask(`POST ${MAPS}`, { body: configMap('one') });
  const before = (await api.ask(`GET ${MAPS}`)).body;
  const merge = { 'content-type': 'application/merge-patch+json' };
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  const applied = { apiVersion: 'v1', kind: 'ConfigMap', ...configMap('three') };
  const rows = [
    { what: `POST ${MAPS}?dryRun=All`, body: configMap('two'), code: 201 },
    { what: `POST ${MAPS}?dryRun=All`, body: configMap('one'), code: 409 },
    { what: `PUT ${MAPS}/one?dryRun=All`, body: { ...configMap('one'), data: { a: 'b' } }, code: 200 },
    { what: `PATCH ${MAPS}/one?dryRun=All`, body: { data: { a: 'b' } }, headers: merge, code: 200 },
    { what: `PATCH ${MAPS}/three?dryRun=All&fieldManager=a`, body: applied, headers: apply, code: 201 },
    { what: `DELETE ${MAPS}/one?dryRun=All`, body: {}, code: 200 },
    { what: `DELETE ${MAPS}/one`, body: { dryRun: ['All'] }, code: 200 },
    { what: `DELETE ${MAPS}?dryRun=All`, body: {}, code: 200 },
    { what: `POST /api/v1/namespaces?dryRun=All`, body: configMap('shop'), code: 201 },
  ];
  for (const { what, code, ...more } of rows) t.is((await api.ask(what, more)).code, code, what);
  t.deepEqual((await api.ask(`GET ${MAPS}`)).body, before);
  t.is((await api.ask('GET /api/v1/namespaces/shop')).code, 404);
});

test('a collection is deleted as it is chosen, and what holds an object holds it still', async (t) => {
  const api = await servedApi(t);
  for (const [name, tier, finalizers] of [
    ['a', 'web', []],
    ['b', 'web', ['example.com/hold']],
    ['c', 'db', []],
  ] as const) {
    await api.ask(`POST ${MAPS}`, { body: configMap(name, { labels: { tier }, finalizers }) });
  }
  const deleted = await api.ask(`DELETE ${MAPS}?labelSelector=tier%3Dweb`);
  t.like(deleted.body, { kind: 'ConfigMapList' });
  t.is(namesOf(deleted), 'a b');
  t.is(namesOf(await api.ask(`GET ${MAPS}`)), 'b c');
  const held = await api.ask(`GET ${MAPS}/b`);
  t.truthy(metadataOf(held).deletionTimestamp);
  const more = await api.ask(`PUT ${MAPS}/b`, {
    body: configMap('b', { finalizers: ['example.com/hold', 'example.com/more'] }),
  });
  t.is(more.code, 422, 'no new hold on what goes');
  await api.ask(`PUT ${MAPS}/b`, { body: configMap('b', { finalizers: [] }) });
  t.is((await api.ask(`GET ${MAPS}/b`)).code, 404);
  t.is((await api.ask(`DELETE ${MAPS}?labelSelector=((`)).code, 400);
});

async function posted(api: ServedApi, metadata: JsonObject, more: JsonObject = {}): Promise<number> {
  return (await api.ask(`POST ${MAPS}?dryRun=All`, { body: { metadata, ...more } })).code;
}

test('name-validation.json, over the wire', async (t) => {
  const api = await servedApi(t);
  const checks: Readonly<Record<string, (value: string) => Promise<number>>> = {
    'dns1123-subdomain': (value) => posted(api, { name: value }),
    'label-value': (value) => posted(api, { name: 'a', labels: { a: value } }),
    'qualified-name (label/annotation key)': (value) => posted(api, { name: 'a', labels: { [value]: 'a' } }),
    'configmap-key': (value) => posted(api, { name: 'a' }, { data: { [value]: 'a' } }),
  };
  const cases = readCases<{ readonly value: string }, { readonly valid: boolean }>('name-validation');
  for (const { kind = '', name, input, expected } of cases) {
    const code = await checks[kind]?.(input.value);
    if (code !== undefined) t.is(code, expected.valid ? 201 : 422, `${kind} ${name}`);
  }
});

test('label-selectors.json, over the wire', async (t) => {
  const api = await servedApi(t);
  type Input = { readonly selector?: string; readonly labels?: JsonObject };
  type Expected = { readonly valid?: boolean; readonly match?: boolean };
  for (const { kind, name, input, expected } of readCases<Input, Expected>('label-selectors')) {
    const query = `labelSelector=${encodeURIComponent(input.selector ?? '')}`;
    if (kind === 'parse')
      t.is((await api.ask(`GET ${MAPS}?${query}`)).code, expected.valid ? 200 : 400, name);
    if (kind !== 'match-string') continue;
    await api.ask(`POST ${MAPS}`, { body: configMap('one', { labels: input.labels ?? {} }) });
    t.is(namesOf(await api.ask(`GET ${MAPS}?${query}`)), expected.match ? 'one' : '', name);
    await api.ask(`DELETE ${MAPS}/one`);
  }
});

test('quantities.json, over the wire', async (t) => {
  const api = await servedApi(t);
  type Input = { readonly parse?: string };
  type Expected = { readonly error?: boolean; readonly value?: string; readonly string?: string };
  for (const { kind, name, input, expected } of readCases<Input, Expected>('quantities')) {
    if ((kind !== 'parse' && kind !== 'canonical') || input.parse === undefined) continue;
    // A quota may be of anything that is not negative.
    if (expected.value?.startsWith('-')) continue;
    const { code, text } = await api.ask('POST /api/v1/namespaces/default/resourcequotas?dryRun=All', {
      body: { metadata: { name: 'one' }, spec: { hard: { 'requests.memory': input.parse } } },
    });
    t.is(code === 201, expected.error !== true, `${kind} ${name}: ${text}`);
    t.true(code === 201 || code === 400 || code === 422, `${code}`);
  }
});

const absurd = [
  { title: 'a name without end', body: configMap('a'.repeat(2 * 1024 * 1024)), code: 422 },
  {
    title: 'thousands of finalizers',
    body: configMap('a', { finalizers: Array.from({ length: 5_000 }, (_, at) => `example.com/f${at}`) }),
    code: 201,
  },
  {
    title: 'thousands of owners, each of them the controller',
    body: configMap('a', {
      ownerReferences: Array.from({ length: 5_000 }, (_, at) => ({
        ...{ apiVersion: 'v1', kind: 'Pod', name: `p${at}`, uid: `${at}`, controller: true },
      })),
    }),
    code: 422,
  },
  {
    title: 'annotations over 262144 bytes',
    body: configMap('a', { annotations: { a: 'x'.repeat(262_144) } }),
    code: 422,
  },
  {
    title: 'data over a mebibyte',
    body: { ...configMap('a'), data: { a: 'x'.repeat(1024 * 1024 + 1) } },
    code: 422,
  },
  { title: 'a number where a text is to be', body: { ...configMap('a'), data: { a: 1e308 } }, code: 400 },
  { title: 'labels that are a list', body: configMap('a', { labels: ['a'] }), code: 400 },
] as const;

for (const { title, body, code } of absurd) {
  test(`${title} gets ${code}, and soon`, async (t) => {
    const api = await servedApi(t);
    const answer = await api.ask(`POST ${MAPS}`, { body });
    t.is(answer.code, code, answer.text.slice(0, 500));
    if (code >= 400) t.like(answer.body, { kind: 'Status', code });
    t.true(answer.text.length < 16 * 1024 * 1024);
    t.is((await api.ask('GET /healthz')).text, 'ok');
  });
}

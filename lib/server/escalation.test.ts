import test from 'ava';
import type { JsonObject } from '../base/json.ts';
import { type Answer, type ServedApi, servedApi } from '../testing/served-api.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const apply = { 'content-type': 'application/apply-patch+yaml' };
const map = (name: string): JsonObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

/** The API as `ann` meets it, who may do what these rules say, everywhere or in one namespace. */
async function asAnn(
  t: Parameters<typeof servedApi>[0],
  rules: readonly JsonObject[],
  { namespace }: { readonly namespace?: string } = {},
): Promise<{
  readonly api: ServedApi;
  ask(what: string, body: JsonObject, headers?: object): Promise<Answer>;
}> {
  const api = await servedApi(t);
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await api.ask(`POST ${rbac}/clusterroles`, { body: { metadata: { name: 'ann' }, rules } });
  const bindings = namespace === undefined ? 'clusterrolebindings' : `namespaces/${namespace}/rolebindings`;
  await api.ask(`POST ${rbac}/${bindings}`, {
    body: {
      metadata: { name: 'ann' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'ann' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' }],
    },
  });
  return {
    api,
    ask: (what, body, headers) => api.ask(what, { body, headers: { 'impersonate-user': 'ann', ...headers } }),
  };
}

test('who may patch and not create does not create by applying', async (t) => {
  const { api, ask } = await asAnn(t, [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }]);
  const what = `PATCH ${MAPS}/settings?fieldManager=ann`;
  const refused = await ask(what, map('settings'), apply);
  t.like(refused.body, { code: 403, reason: 'Forbidden' });
  t.regex(String(refused.body.message), /User "ann" cannot create resource "configmaps"/);
  await api.ask(`POST ${MAPS}`, { body: map('settings') });
  t.is((await ask(what, map('settings'), apply)).code, 200);
});

test('who may create objects of one name does not create others by naming it in the path', async (t) => {
  const one = { apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'], verbs: ['create'] };
  const { api, ask } = await asAnn(t, [one]);
  t.is((await ask(`POST ${MAPS}/settings`, map('other'))).code, 405);
  t.is((await api.ask(`GET ${MAPS}/other`)).code, 404);
  t.is((await ask(`POST ${MAPS}`, map('settings'))).code, 403);
});

test('who may ask about access in one namespace does not hear of others', async (t) => {
  const { ask } = await asAnn(t, [
    { apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'], verbs: ['create'] },
  ]);
  const what = 'POST /apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews';
  const about = (namespace: string): JsonObject => ({
    spec: { user: 'bob', resourceAttributes: { namespace, verb: 'get', resource: 'secrets' } },
  });
  t.like((await ask(what, about('default'))).body, { status: { allowed: false } });
  t.is((await ask(what, about('shop'))).code, 422);
  t.is((await ask(what, about(''))).code, 422);
  const path = { spec: { user: 'bob', nonResourceAttributes: { path: '/metrics', verb: 'get' } } };
  t.is((await ask(what, path)).code, 422);
});

test('a token is bound to a pod of its own account only', async (t) => {
  const { api } = await asAnn(t, []);
  for (const name of ['web', 'bot']) await api.ask(`POST ${ACCOUNTS}`, { body: { metadata: { name } } });
  await api.ask('POST /api/v1/namespaces/default/pods', {
    body: {
      metadata: { name: 'web' },
      spec: { serviceAccountName: 'web', containers: [{ name: 'web', image: 'host', command: ['true'] }] },
    },
  });
  const bound = { spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'web' } } };
  t.is((await api.ask(`POST ${ACCOUNTS}/web/token`, { body: bound })).code, 201);
  const other = await api.ask(`POST ${ACCOUNTS}/bot/token`, { body: bound });
  t.like(other.body, { code: 400, reason: 'BadRequest' });
  t.regex(String(other.body.message), /pod running with different serviceaccount name/);
});

test('who may only read runs no command by GET, which is how a WebSocket begins', async (t) => {
  const { ask } = await asAnn(t, [{ apiGroups: [''], resources: ['*'], verbs: ['get', 'list', 'watch'] }]);
  const refused = await ask('GET /api/v1/namespaces/default/pods/web/exec?command=id&stdout=1', {});
  t.like(refused.body, { code: 403 });
  t.regex(String(refused.body.message), /User "ann" cannot create resource "pods\/exec"/);
});

const everything = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
const elsewhere = [
  'GET /api/v1/namespaces/default/namespaces/kube-system',
  'GET /api/v1/namespaces/default/namespaces/kube-system/status',
  'GET /api/v1/namespaces/default/namespaces',
  'PATCH /api/v1/namespaces/default/namespaces/kube-system',
  'DELETE /api/v1/namespaces/default/namespaces/kube-system',
  'POST /api/v1/namespaces/default/namespaces',
  'GET /api/v1/namespaces/default/nodes',
  'GET /apis/metrics.k8s.io/v1beta1/namespaces/default/nodes',
  'GET /apis/rbac.authorization.k8s.io/v1/namespaces/default/clusterroles',
] as const;

test('who may do everything in a namespace reaches nothing outside of it through its path', async (t) => {
  const { ask } = await asAnn(t, [everything], { namespace: 'default' });
  t.is((await ask('GET /api/v1/namespaces/default', {})).code, 200);
  const patch = { 'content-type': 'application/merge-patch+json' };
  for (const what of elsewhere) {
    const { code } = await ask(what, { metadata: { name: 'kube-system' } }, patch);
    t.is(code, 404, what);
  }
});

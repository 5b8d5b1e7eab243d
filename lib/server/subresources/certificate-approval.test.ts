import { X509Certificate } from 'node:crypto';
import test from 'ava';
import type { JsonObject } from '../../base/json.ts';
import { type ServedApi, servedApi } from '../../testing/served-api.ts';
import { signingRequest } from '../../testing/signing-request.ts';

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const SIGNER = 'kubernetes.io/kube-apiserver-client';

function request(spec: JsonObject = {}, organizations: readonly string[] = ['devs']): JsonObject {
  const { pem } = signingRequest({ commonName: 'ann', organizations });
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'ann' },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: SIGNER,
      usages: ['client auth'],
      username: 'somebody-else',
      ...spec,
    },
  };
}

async function judged(api: ServedApi, type: string, more: JsonObject = {}, query = ''): Promise<JsonObject> {
  const { body } = await api.ask(`GET ${PATH}/ann`);
  const conditions = [{ type, status: 'True', reason: 'ByHand', message: '' }];
  const answer = await api.ask(`PUT ${PATH}/ann/approval${query}`, {
    body: { ...body, status: { conditions, ...more } },
    headers: { 'content-type': 'application/json' },
  });
  return answer.body;
}

const certificateOf = ({ status }: JsonObject): string => String(Object(status).certificate ?? '');
const typesOf = ({ status }: JsonObject): readonly string[] =>
  (Object(status).conditions ?? []).map(({ type }: { type: string }) => type);

test('what is approved is signed for its subject, by our authority, for as long as was asked', async (t) => {
  const api = await servedApi(t);
  const made = await api.ask(`POST ${PATH}`, { body: request({ expirationSeconds: 3600 }) });
  t.like(made.body.spec, { username: 'pintle-admin', groups: ['system:masters', 'system:authenticated'] });
  const approved = await judged(api, 'Approved', { certificate: 'Zm9yZ2Vk' });
  t.deepEqual(typesOf(approved), ['Approved']);
  const certificate = new X509Certificate(Buffer.from(certificateOf(approved), 'base64'));
  t.is(certificate.subject, 'O=devs\nCN=ann');
  t.true(certificate.verify(api.certificates.authority.certificate.publicKey));
  const leftMs = Date.parse(certificate.validTo) - Date.now();
  t.true(leftMs > 3_500_000 && leftMs <= 3_600_000);
});

test('a dry run of an approval gives nobody a certificate', async (t) => {
  const api = await servedApi(t);
  await api.ask(`POST ${PATH}`, { body: request() });
  const approved = await judged(api, 'Approved', {}, '?dryRun=All');
  t.deepEqual(typesOf(approved), ['Approved']);
  t.is(certificateOf(approved), '');
  t.deepEqual(typesOf((await api.ask(`GET ${PATH}/ann`)).body), []);
});

test('a verdict is not taken back, not even through the status', async (t) => {
  const api = await servedApi(t);
  await api.ask(`POST ${PATH}`, { body: request() });
  t.deepEqual(typesOf(await judged(api, 'Denied')), ['Denied']);
  t.like(await judged(api, 'Approved'), { reason: 'Invalid', code: 422 });
  const { body } = await api.ask(`GET ${PATH}/ann`);
  const conditions = [{ type: 'Approved', status: 'True' }];
  const put = await api.ask(`PUT ${PATH}/ann/status`, { body: { ...body, status: { conditions } } });
  t.deepEqual(typesOf(put.body), ['Denied']);
  const patch = await api.ask(`PATCH ${PATH}/ann/status`, {
    body: { status: { conditions } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.deepEqual(typesOf(patch.body), ['Denied']);
  t.is(certificateOf(patch.body), '');
});

test('uses that are not for a client fail; other signers are left to others', async (t) => {
  const api = await servedApi(t);
  await api.ask(`POST ${PATH}`, { body: request({ usages: ['server auth'] }) });
  const failed = await judged(api, 'Approved');
  t.deepEqual(typesOf(failed), ['Approved', 'Failed']);
  t.is(certificateOf(failed), '');
  await api.ask(`DELETE ${PATH}/ann`);
  await api.ask(`POST ${PATH}`, { body: request({ signerName: 'example.com/mine' }) });
  const other = await judged(api, 'Approved');
  t.deepEqual(typesOf(other), ['Approved']);
  t.is(certificateOf(other), '');
});

for (const { title, body, code } of [
  {
    title: 'nobody asks for the group that may do everything',
    body: request({}, ['system:masters']),
    code: 403,
  },
  { title: 'what is no request is refused', body: request({ request: 'aGVsbG8=' }), code: 422 },
  { title: 'five minutes are too few', body: request({ expirationSeconds: 300 }), code: 422 },
  { title: 'a request is for some use', body: request({ usages: [] }), code: 422 },
]) {
  test(title, async (t) => {
    const api = await servedApi(t);
    t.is((await api.ask(`POST ${PATH}`, { body })).code, code);
  });
}

test('who may approve for one signer may not for another', async (t) => {
  const api = await servedApi(t);
  await api.ask(`POST ${PATH}`, { body: request() });
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const rules = [
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests/approval'],
      verbs: ['update'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['signers'],
      resourceNames: ['example.com/*'],
      verbs: ['approve'],
    },
  ];
  await api.ask(`POST ${rbac}/clusterroles`, { body: { metadata: { name: 'approver' }, rules } });
  await api.ask(`POST ${rbac}/clusterrolebindings`, {
    body: {
      metadata: { name: 'approver' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'approver' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }],
    },
  });
  const { body } = await api.ask(`GET ${PATH}/ann`);
  const status = { conditions: [{ type: 'Approved', status: 'True' }] };
  const refused = await api.ask(`PUT ${PATH}/ann/approval`, {
    body: { ...body, status },
    headers: { 'impersonate-user': 'bob' },
  });
  t.like(refused.body, { code: 403, reason: 'Forbidden' });
  t.regex(String(refused.body.message), /not permitted to approve requests with signerName/);
});

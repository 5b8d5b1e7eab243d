import test from 'ava';
import type { Client } from '../../api/client.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { pod, ref, rejects, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';
import { TOKEN_DIRECTORY } from './access-volume.ts';

const settings = { rootCertificate: 'PEM' };
const api = async (): Promise<Client> => (await localApi({ settings })).client;
const account = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: 'default' },
  ...more,
});
const make = async (client: Client, spec: object = {}): Promise<Pod> =>
  (await client.create(pod('a', spec), tester)) as Pod;
const mountsOf = (made: Pod): readonly unknown[] => made.spec.containers[0]?.volumeMounts ?? [];

test('a pod gets token, certificate and namespace where programs look for them', async (t) => {
  const made = await make(await api(), {
    initContainers: [{ name: 'first', image: 'host', command: ['true'] }],
  });
  const [volume] = made.spec.volumes ?? [];
  t.regex(volume?.name ?? '', /^kube-api-access-[a-z0-9]{5}$/);
  t.like(volume?.projected, {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3_607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  });
  const mount = { name: volume?.name, readOnly: true, mountPath: TOKEN_DIRECTORY };
  t.deepEqual(mountsOf(made), [mount]);
  t.deepEqual(made.spec.initContainers?.[0]?.volumeMounts, [mount]);
});

for (const { title, ofAccount, ofPod, mounts } of [
  { title: 'nobody says anything', mounts: true },
  { title: 'the account says no', ofAccount: false, mounts: false },
  { title: 'the pod says no', ofPod: false, mounts: false },
  { title: 'the pod says yes and the account no', ofAccount: false, ofPod: true, mounts: true },
] as const) {
  test(`a token is ${mounts ? '' : 'not '}mounted when ${title}`, async (t) => {
    const client = await api();
    const said = (value: boolean | undefined) =>
      value === undefined ? {} : { automountServiceAccountToken: value };
    await client.create(account('bot', said(ofAccount)), tester);
    const made = await make(client, { serviceAccountName: 'bot', ...said(ofPod) });
    t.is(mountsOf(made).length, mounts ? 1 : 0);
    t.is(made.spec.volumes?.length ?? 0, mounts ? 1 : 0);
  });
}

test('a container that mounts something there itself keeps it', async (t) => {
  const volumeMounts = [{ name: 'own', mountPath: TOKEN_DIRECTORY }];
  const made = await make(await api(), {
    containers: [{ name: 'main', image: 'host', command: ['true'], volumeMounts }],
    volumes: [{ name: 'own', emptyDir: {} }],
  });
  t.like(mountsOf(made), [{ name: 'own' }]);
  t.is(made.spec.volumes?.length, 1);
});

test('a copied pod keeps the volume it brings', async (t) => {
  const client = await api();
  const { spec } = await make(client);
  const { nodeName: _node, ...copied } = { nodeName: undefined, ...spec };
  const again = (await client.create({ ...pod('b'), spec: copied }, tester)) as Pod;
  t.is(again.spec.volumes?.length, 1);
  t.is(mountsOf(again).length, 1);
});

test('image pull secrets are the account’s where the pod names none', async (t) => {
  const client = await api();
  await client.create(account('bot', { imagePullSecrets: [{ name: 'registry' }] }), tester);
  t.deepEqual((await make(client, { serviceAccountName: 'bot' })).spec.imagePullSecrets, [
    { name: 'registry' },
  ]);
});

test('where nothing issues tokens none is promised; an account that is not there is refused', async (t) => {
  const { client } = await localApi();
  t.is((await make(client)).spec.volumes, undefined);
  t.is(await client.get(ref('ConfigMap', 'kube-root-ca.crt'), tester), null);
  await rejects(t, client.create(pod('b', { serviceAccountName: 'ghost' }), tester), 'Forbidden');
});

test('a namespace has the certificate from the start', async (t) => {
  t.like(await (await api()).get(ref('ConfigMap', 'kube-root-ca.crt'), tester), {
    data: { 'ca.crt': 'PEM' },
  });
});

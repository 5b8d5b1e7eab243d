import test from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import type { PersistentVolumeClaim } from '../../schema/types.gen.ts';
import { localApi } from '../../testing/local-api.ts';
import { isApiError } from '../api-error.ts';
import type { Caller } from '../client.ts';

const tester: Caller = { user: 'test', fieldManager: 'test' };
const storageClass = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'local.pintle.dev',
  ...more,
});
const isDefault = { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
const claim = (spec: object = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

for (const { title, classes, spec, has } of [
  { title: 'no class is the default: none is given', classes: [storageClass('a')], spec: {}, has: undefined },
  {
    title: 'the default class is given',
    classes: [storageClass('a'), storageClass('b', { metadata: { name: 'b', ...isDefault } })],
    spec: {},
    has: 'b',
  },
  {
    title: 'a claim that asks for none gets none',
    classes: [storageClass('b', { metadata: { name: 'b', ...isDefault } })],
    spec: { storageClassName: '' },
    has: '',
  },
]) {
  test(`a claim and its class: ${title}`, async (t) => {
    const { client } = await localApi();
    for (const each of classes) await client.create(each, tester);
    const made = await client.create(claim(spec), tester);
    t.is(made.spec?.storageClassName, has);
    t.deepEqual(made.metadata.finalizers, ['kubernetes.io/pvc-protection']);
  });
}

for (const { title, allows, size, refused } of [
  { title: 'grows where its class lets it', allows: true, size: '2Gi', refused: null },
  { title: 'does not where its class says nothing', allows: undefined, size: '2Gi', refused: 'Forbidden' },
  { title: 'does not where its class says no', allows: false, size: '2Gi', refused: 'Forbidden' },
  { title: 'does not without a class', allows: null, size: '2Gi', refused: 'Forbidden' },
  { title: 'may be written as large as it is', allows: false, size: '1024Mi', refused: null },
  { title: 'never shrinks', allows: true, size: '1Mi', refused: 'Invalid' },
] as const) {
  test(`a bound claim ${title}`, async (t) => {
    const { client } = await localApi();
    if (allows !== null)
      await client.create(
        storageClass('a', allows === undefined ? {} : { allowVolumeExpansion: allows }),
        tester,
      );
    const made = await client.create(claim({ storageClassName: 'a' }), tester);
    const bound = { ...made, status: { phase: 'Bound' } };
    const stored = await client.update(bound, tester, { subresource: 'status' });
    const spec = { ...stored.spec, resources: { requests: { storage: size } } };
    const written = client.update({ ...stored, spec }, tester);
    if (refused === null) await t.notThrowsAsync(written);
    else t.true(isApiError(await t.throwsAsync(written), refused));
  });
}

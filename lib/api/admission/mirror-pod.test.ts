import test, { type ExecutionContext } from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import { localApi } from '../../testing/local-api.ts';
import { isApiError } from '../api-error.ts';
import type { Caller, Client } from '../client.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const node: Caller = { user: 'system:node:a', groups: ['system:nodes'], fieldManager: 'test' };
const admin: Caller = { user: 'admin', groups: ['system:masters'], fieldManager: 'test' };
const pod = (annotations: Readonly<Record<string, string>>): KubeObject & { readonly spec: object } => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', annotations },
  spec: { nodeName: 'a', containers: [{ name: 'main', image: 'host' }] },
});

async function refused(t: ExecutionContext, work: Promise<unknown>): Promise<void> {
  const failure: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  t.true(isApiError(failure, 'Forbidden'), String(failure));
}

const annotated = (
  client: Client,
  annotations: Readonly<Record<string, string>>,
  by: Caller,
): Promise<unknown> =>
  client.get({ group: '', kind: 'Pod', namespace: 'default', name: 'web' }, by).then((found) => {
    const { metadata, ...rest } = found ?? pod({});
    return client.update({ ...rest, metadata: { ...metadata, annotations } }, by);
  });

test('a mirror is made by nodes alone, and stays one whoever writes it: it was never judged', async (t) => {
  const { client } = await localApi();
  await refused(t, client.create(pod({ [MIRROR]: 'one' }), admin));
  const made = pod({ [MIRROR]: 'one' });
  await client.create({ ...made, spec: { ...made.spec, hostPID: true } } as KubeObject, node);
  for (const by of [node, admin]) {
    await refused(t, annotated(client, {}, by));
    await refused(t, annotated(client, { [MIRROR]: 'other' }, by));
  }
  await annotated(client, { [MIRROR]: 'one', more: 'said' }, node);
  await refused(t, annotated(client, { [MIRROR]: 'one', more: 'else' }, admin));
});

test('a pod does not become a mirror, by a node neither', async (t) => {
  const { client } = await localApi();
  await client.create(pod({}), admin);
  for (const by of [node, admin]) await refused(t, annotated(client, { [MIRROR]: 'one' }, by));
});

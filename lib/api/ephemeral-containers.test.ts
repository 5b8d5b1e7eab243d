import test from 'ava';
import type { JsonObject } from '../base/json.ts';
import type { EphemeralContainer, Pod } from '../schema/types.gen.ts';
import { localApi } from '../testing/local-api.ts';
import type { ApiError, ApiReason } from './api-error.ts';
import type { Caller, Client } from './client.ts';

const caller: Caller = { user: 'ann', fieldManager: 'kubectl-debug' };
const ref = { group: '', kind: 'Pod', namespace: 'default', name: 'web' };
const pod = (ephemeralContainers?: readonly EphemeralContainer[]): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    containers: [{ name: 'main', image: 'host' }],
    ...(ephemeralContainers && { ephemeralContainers }),
  },
});
const debuggerOf = (name: string, more: JsonObject = {}): EphemeralContainer => ({
  name,
  image: 'host',
  ...more,
});
/** As kubectl debug sends it. */
const add = (
  client: Client,
  containers: readonly EphemeralContainer[],
  spec: JsonObject = {},
): Promise<Pod> =>
  client.patch<Pod>(
    ref,
    { type: 'strategic', patch: { spec: { ...spec, ephemeralContainers: containers } } },
    caller,
    { subresource: 'ephemeralcontainers' },
  );
const names = ({ spec }: Pod): readonly string[] => (spec.ephemeralContainers ?? []).map(({ name }) => name);

test('containers are added one after another, with their defaults, and nothing else is changed', async (t) => {
  const { client } = await localApi();
  await client.create(pod(), caller);
  await add(client, [debuggerOf('one', { targetContainerName: 'main' })], { activeDeadlineSeconds: 5 });
  const both = await add(client, [debuggerOf('two', { stdin: true })]);
  t.deepEqual(names(both).toSorted(), ['one', 'two']);
  t.is(both.spec.activeDeadlineSeconds, undefined);
  t.is(both.spec.ephemeralContainers?.[0]?.terminationMessagePath, '/dev/termination-log');
});

const refused: readonly {
  readonly title: string;
  readonly reason: ApiReason;
  readonly field?: string;
  readonly act: (client: Client, live: Pod) => Promise<unknown>;
}[] = [
  {
    title: 'one that is there is changed',
    reason: 'Invalid',
    field: 'spec.ephemeralContainers[0]',
    act: (client) => add(client, [debuggerOf('one', { command: ['false'] })]),
  },
  {
    title: 'one that is there is taken away',
    reason: 'Invalid',
    field: 'spec.ephemeralContainers',
    act: (client, live) =>
      client.update({ ...live, spec: { ...live.spec, ephemeralContainers: [] } }, caller, {
        subresource: 'ephemeralcontainers',
      }),
  },
  {
    title: 'the target is not there',
    reason: 'Invalid',
    field: 'spec.ephemeralContainers[1].targetContainerName',
    act: (client, live) =>
      client.update(
        {
          ...live,
          spec: {
            ...live.spec,
            ephemeralContainers: [
              ...(live.spec.ephemeralContainers ?? []),
              debuggerOf('two', { targetContainerName: 'other' }),
            ],
          },
        },
        caller,
        { subresource: 'ephemeralcontainers' },
      ),
  },
  {
    title: 'the pod itself is patched',
    reason: 'Invalid',
    field: 'spec.ephemeralContainers',
    act: (client) =>
      client.patch(
        ref,
        { type: 'strategic', patch: { spec: { ephemeralContainers: [debuggerOf('two')] } } },
        caller,
      ),
  },
  {
    title: 'it reaches into the machine',
    reason: 'Forbidden',
    act: (client) => add(client, [debuggerOf('two', { securityContext: { privileged: true } })]),
  },
  {
    title: 'a pod is to begin with one',
    reason: 'Invalid',
    field: 'spec.ephemeralContainers',
    act: (client) =>
      client.create(
        { ...pod([debuggerOf('one')]), metadata: { name: 'other', namespace: 'default' } },
        caller,
      ),
  },
];
for (const { title, reason, field, act } of refused) {
  test(`refused: ${title}`, async (t) => {
    const { client } = await localApi();
    await client.create(pod(), caller);
    const live = await add(client, [debuggerOf('one')]);
    const failure = await t.throwsAsync<ApiError>(act(client, live));
    t.is(failure?.reason, reason, failure?.message);
    if (field !== undefined)
      t.deepEqual(
        failure?.causes.map((cause) => cause.field),
        [field],
      );
    t.deepEqual(names((await client.get<Pod>(ref, caller)) ?? pod()), ['one']);
  });
}

test('a kind that has no such subresource says so', async (t) => {
  const { client } = await localApi();
  await client.create(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'default' } },
    caller,
  );
  const patch = client.patch({ ...ref, kind: 'ConfigMap' }, { type: 'merge', patch: {} }, caller, {
    subresource: 'ephemeralcontainers',
  });
  t.is((await t.throwsAsync<ApiError>(patch))?.reason, 'NotFound');
});

import test from 'ava';
import { silentLog } from '../base/log.ts';
import { type ManualClock, manualClock, settle } from '../base/manual-clock.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { conditionOf } from '../schema/conditions.ts';
import { withCustomResources } from '../schema/custom-resources.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import type { Namespace } from '../schema/types.gen.ts';
import { configMap, deployment, pod, ref, tester } from '../testing/client-contract.ts';
import { localApi } from '../testing/local-api.ts';
import type { Client } from './client.ts';
import { startGarbageCollector } from './garbage-collector.ts';

type World = { readonly client: Client; readonly clock: ManualClock; readonly quiet: () => Promise<void> };

async function world(t: { teardown(run: () => void): void }): Promise<World> {
  const clock = manualClock();
  const { client } = await localApi({ clock });
  const collector = startGarbageCollector(client, clock, silentLog());
  t.teardown(() => collector.stop());
  await collector.synced;
  const quiet = async (): Promise<void> => {
    do await settle();
    while (!collector.idle());
  };
  return { client, clock, quiet };
}

const owned = (name: string, owners: readonly KubeObject[], more: object = {}): KubeObject =>
  configMap(
    name,
    {},
    {
      ...more,
      ownerReferences: owners.map((owner) => ({
        apiVersion: owner.apiVersion,
        kind: owner.kind,
        name: owner.metadata.name,
        uid: owner.metadata.uid ?? '',
        blockOwnerDeletion: true,
      })),
    },
  );

const widgetDefinition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    ...{ group: 'example.com', scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets' } },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

const names = async (client: Client): Promise<string> =>
  (await client.list({ group: '', kind: 'ConfigMap' }, { namespace: 'default' }, tester)).items
    .map((item) => item.metadata.name)
    .join(' ');

test('what a deleted object owned goes with it, through all generations', async (t) => {
  const { client, quiet } = await world(t);
  const root = await client.create(configMap('root'), tester);
  const child = await client.create(owned('child', [root]), tester);
  await client.create(owned('grandchild', [child]), tester);
  await client.create(configMap('bystander'), tester);
  await client.delete(ref('ConfigMap', 'root'), {}, tester);
  await quiet();
  t.is(await names(client), 'bystander');
});

test('what belongs to an object of a kind that came later goes with it', async (t) => {
  const clock = manualClock();
  const builtin = builtinSchema();
  let kinds = builtin;
  const schema: Schema = {
    get kinds() {
      return kinds.kinds;
    },
    kindOf: (apiVersion, kind) => kinds.kindOf(apiVersion, kind),
    kind: (kind) => kinds.kind(kind),
    kindByPlural: (group, plural) => kinds.kindByPlural(group, plural),
    type: (name) => kinds.type(name),
  };
  const { client } = await localApi({ clock, schema });
  const collector = startGarbageCollector(client, clock, silentLog());
  t.teardown(() => collector.stop());
  await collector.synced;
  const quiet = async (): Promise<void> => {
    do await settle();
    while (!collector.idle());
  };
  kinds = withCustomResources(builtin, [widgetDefinition]);
  collector.kindsChanged();
  const widget = await client.create(
    { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'default' } },
    tester,
  );
  await client.create(owned('child', [widget]), tester);
  const parent = await client.create(configMap('parent'), tester);
  await client.create(
    {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { ...owned('owned', [parent]).metadata, name: 'owned', namespace: 'default' },
    },
    tester,
  );
  await quiet();
  t.is(await names(client), 'child parent');
  await client.delete({ group: 'example.com', kind: 'Widget', namespace: 'default', name: 'w' }, {}, tester);
  await client.delete(ref('ConfigMap', 'parent'), {}, tester);
  await quiet();
  t.is(await names(client), '');
  const left = await client.list({ group: 'example.com', kind: 'Widget' }, {}, tester);
  t.deepEqual(left.items, []);
  // A kind that went is followed no more, and what still comes is not taken for it.
  kinds = builtin;
  collector.kindsChanged();
  await quiet();
  t.true(collector.idle());
});

test('foreground: the owner goes last', async (t) => {
  const { client, quiet } = await world(t);
  const root = await client.create(deployment('root'), tester);
  const held = await client.create(owned('child', [root], { finalizers: ['x/hold'] }), tester);
  await client.delete(ref('Deployment', 'root'), { propagation: 'Foreground' }, tester);
  await quiet();
  t.truthy((await client.get(ref('ConfigMap', 'child'), tester))?.metadata.deletionTimestamp);
  t.truthy(await client.get(ref('Deployment', 'root'), tester));
  await client.patch(
    ref('ConfigMap', 'child'),
    { type: 'merge', patch: { metadata: { finalizers: null, uid: held.metadata.uid } } },
    tester,
  );
  await quiet();
  t.is(await names(client), '');
  t.is(await client.get(ref('Deployment', 'root'), tester), null);
});

test('orphan: dependents stay and lose their owner', async (t) => {
  const { client, quiet } = await world(t);
  const root = await client.create(configMap('root'), tester);
  await client.create(owned('child', [root]), tester);
  await client.delete(ref('ConfigMap', 'root'), { propagation: 'Orphan' }, tester);
  await quiet();
  t.is(await names(client), 'child');
  t.is((await client.get(ref('ConfigMap', 'child'), tester))?.metadata.ownerReferences, undefined);
});

test('one of two owners goes: the dependent stays with the other', async (t) => {
  const { client, quiet } = await world(t);
  const one = await client.create(configMap('one'), tester);
  const two = await client.create(configMap('two'), tester);
  await client.create(owned('child', [one, two]), tester);
  await client.delete(ref('ConfigMap', 'one'), {}, tester);
  await quiet();
  const child = await client.get(ref('ConfigMap', 'child'), tester);
  t.deepEqual(
    child?.metadata.ownerReferences?.map((owner) => owner.name),
    ['two'],
  );
});

test('an owner that was replaced by another of its name is gone', async (t) => {
  const { client, quiet } = await world(t);
  const first = await client.create(configMap('root'), tester);
  await client.create(owned('child', [first]), tester);
  await client.delete(ref('ConfigMap', 'root'), {}, tester);
  await client.create(configMap('root'), tester);
  await quiet();
  t.is(await names(client), 'root');
});

test('what was orphaned before the collector began is found', async (t) => {
  const clock = manualClock();
  const { client } = await localApi({ clock });
  await client.create(
    owned('child', [{ ...configMap('never'), metadata: { name: 'never', uid: 'u' } }]),
    tester,
  );
  const collector = startGarbageCollector(client, clock, silentLog());
  t.teardown(() => collector.stop());
  await collector.synced;
  do await settle();
  while (!collector.idle());
  t.is(await names(client), '');
});

test('a namespace goes after all it held; a running pod holds it for its grace period', async (t) => {
  const { client, quiet } = await world(t);
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, tester);
  await client.create(configMap('a', {}, { namespace: 'shop' }), tester);
  await client.create(pod('p', { nodeName: 'n' }, { namespace: 'shop' }), tester);
  const left = await client.delete(ref('Namespace', 'shop', ''), {}, tester);
  t.like(left, { status: { phase: 'Terminating' } });
  await quiet();
  t.is(await client.get(ref('ConfigMap', 'a', 'shop'), tester), null);
  const waiting = await client.get<Namespace & KubeObject>(ref('Namespace', 'shop', ''), tester);
  t.like(conditionOf(waiting?.status?.conditions, 'NamespaceContentRemaining'), {
    status: 'True',
    message: 'Some resources are remaining: pods. has 1 resource instances',
  });
  const late = client.create(configMap('late', {}, { namespace: 'shop' }), tester);
  t.like(await t.throwsAsync(late, { name: 'ApiError' }), {
    reason: 'Forbidden',
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: 'namespace shop is being terminated',
        field: 'metadata.namespace',
      },
    ],
  });
  await client.delete(ref('Pod', 'p', 'shop'), { gracePeriodSeconds: 0 }, tester);
  await quiet();
  t.is(await client.get(ref('Namespace', 'shop', ''), tester), null);
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, tester);
});

test('events go an hour after they last happened', async (t) => {
  const { client, clock, quiet } = await world(t);
  const event = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'Started',
    type: 'Normal',
    lastTimestamp: new Date(clock.now()).toISOString().replace('.000Z', 'Z'),
  });
  const events = async (): Promise<string> =>
    (await client.list({ group: '', kind: 'Event' }, {}, tester)).items
      .map((item) => item.metadata.name)
      .join(' ');
  await client.create(event('early'), tester);
  await clock.run(30 * 60_000);
  await client.create(event('late'), tester);
  await clock.run(31 * 60_000);
  await quiet();
  t.is(await events(), 'late');
  await clock.run(30 * 60_000);
  await quiet();
  t.is(await events(), '');
  t.is(clock.nextTimerAt(), null);
});

import type { ExecutionContext, TestFn } from 'ava';
import type { ApiReason } from '../api/api-error.ts';
import type { Caller, Client } from '../api/client.ts';
import type { KubeObject, ObjectRef } from '../schema/object.ts';
import { until } from './until.ts';

/** A Client to test, with the namespaces `default` and `kube-system` and nothing else of the user's. */
export type ClientUnderTest = { readonly client: Client; readonly dispose: () => Promise<void> };

export const tester: Caller = { user: 'tester', groups: ['system:masters'], fieldManager: 'test' };

export const ref = (kind: string, name: string, namespace = 'default'): ObjectRef => ({
  group: kind === 'Deployment' || kind === 'ReplicaSet' ? 'apps' : kind === 'Job' ? 'batch' : '',
  kind,
  namespace,
  name,
});

export const configMap = (
  name: string,
  data: Record<string, string> = {},
  more: object = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...more },
  data,
});

export const pod = (name: string, spec: object = {}, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...more },
  spec: { containers: [{ name: 'main', image: 'host' }], ...spec },
});

export const deployment = (name: string, replicas = 1): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'host' }] },
    },
  },
});

type Body = (t: ExecutionContext, client: Client) => Promise<void>;

/** What every Client promises. Registers its tests with `test`. */
export function clientContract(test: TestFn, name: string, open: () => Promise<ClientUnderTest>): void {
  const check = (title: string, body: Body): void => {
    test(`${name}: ${title}`, async (t) => {
      const { client, dispose } = await open();
      try {
        await body(t, client);
      } finally {
        await dispose();
      }
    });
  };
  createContract(check);
  updateContract(check);
  patchContract(check);
  deleteContract(check);
  listContract(check);
  watchContract(check);
  transactContract(check);
}

type Check = (title: string, body: Body) => void;

export async function rejects(t: ExecutionContext, call: Promise<unknown>, reason: ApiReason): Promise<void> {
  const failure = await t.throwsAsync(call, { name: 'ApiError' });
  t.is((failure as { reason?: string } | undefined)?.reason, reason);
}

function createContract(check: Check): void {
  check('a created object has what only the API sets, and is read back the same', async (t, client) => {
    const made = await client.create(configMap('a', { k: 'v' }), tester);
    t.truthy(made.metadata.uid);
    t.truthy(made.metadata.creationTimestamp);
    t.truthy(made.metadata.resourceVersion);
    t.deepEqual(await client.get(ref('ConfigMap', 'a'), tester), made);
  });
  check('what only the API sets cannot be brought along', async (t, client) => {
    const more = {
      uid: 'mine',
      creationTimestamp: '2000-01-01T00:00:00Z',
      deletionTimestamp: '2000-01-01T00:00:00Z',
    };
    const made = await client.create(configMap('a', {}, more), tester);
    t.not(made.metadata.uid, 'mine');
    t.not(made.metadata.creationTimestamp, '2000-01-01T00:00:00Z');
    t.is(made.metadata.deletionTimestamp, undefined);
  });
  check('a name is taken once', async (t, client) => {
    await client.create(configMap('a'), tester);
    await rejects(t, client.create(configMap('a'), tester), 'AlreadyExists');
  });
  check('generateName gives fresh names', async (t, client) => {
    const given = (): KubeObject => ({
      ...configMap('', {}, { name: undefined, generateName: `${'x'.repeat(70)}-` }),
    });
    const names = [await client.create(given(), tester), await client.create(given(), tester)].map(
      (made) => made.metadata.name,
    );
    t.not(names[0], names[1]);
    for (const made of names) t.regex(made, /^x{58}[a-z0-9]{5}$/);
  });
  check('no namespace, no object', async (t, client) => {
    await rejects(t, client.create(configMap('a', {}, { namespace: 'nowhere' }), tester), 'NotFound');
  });
  check('an unknown kind is not found', async (t, client) => {
    const stranger: KubeObject = {
      apiVersion: 'v1',
      kind: 'Stranger',
      metadata: { name: 'a', namespace: 'default' },
    };
    await rejects(t, client.create(stranger, tester), 'NotFound');
  });
  check('an object of the wrong shape is invalid, with its causes', async (t, client) => {
    const wrong = { ...configMap('a'), data: { k: 7 } };
    const failure = await t.throwsAsync(client.create(wrong as KubeObject, tester), { name: 'ApiError' });
    t.like(failure, { reason: 'Invalid', causes: [{ field: 'data[k]' }] });
  });
  check('an object that is too large is refused', async (t, client) => {
    const huge = configMap(
      'a',
      Object.fromEntries([1, 2, 3, 4].map((at) => [`k${at}`, 'x'.repeat(1_000_000)])),
    );
    const failure = await t.throwsAsync(client.create(huge, tester), { name: 'ApiError' });
    t.true(['Invalid', 'RequestEntityTooLarge'].includes((failure as { reason?: string }).reason ?? ''));
  });
  check('a dry run answers and keeps nothing', async (t, client) => {
    const made = await client.create(configMap('a'), { ...tester, dryRun: true });
    t.truthy(made.metadata.uid);
    t.is(await client.get(ref('ConfigMap', 'a'), tester), null);
  });
  check("status is not the creator's to say", async (t, client) => {
    const made = await client.create({ ...deployment('web'), status: { replicas: 9 } }, tester);
    t.not((made.status as { replicas?: number } | undefined)?.replicas, 9);
  });
}

function updateContract(check: Check): void {
  check('an update from an old version is a conflict', async (t, client) => {
    const first = await client.create(configMap('a', { k: '1' }), tester);
    await client.update({ ...first, data: { k: '2' } }, tester);
    await rejects(t, client.update({ ...first, data: { k: '3' } }, tester), 'Conflict');
    const blind = configMap('a', { k: '4' });
    t.deepEqual((await client.update(blind, tester)).data, { k: '4' });
  });
  check('an update of what is not there is not found', async (t, client) => {
    await rejects(t, client.update(configMap('a'), tester), 'NotFound');
  });
  check('an update that changes nothing makes no revision', async (t, client) => {
    const first = await client.create(configMap('a', { k: '1' }), tester);
    const second = await client.update(first, tester);
    t.is(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });
  check('generation counts content, not labels and not status', async (t, client) => {
    const made = await client.create(deployment('web'), tester);
    t.is(made.metadata.generation, 1);
    const labelled: KubeObject = await client.update(
      { ...made, metadata: { ...made.metadata, labels: { a: 'b' } } },
      tester,
    );
    t.is(labelled.metadata.generation, 1);
    const reported: KubeObject = await client.update({ ...labelled, status: { replicas: 1 } }, tester, {
      subresource: 'status',
    });
    t.is(reported.metadata.generation, 1);
    t.like(reported.status, { replicas: 1 });
    const scaled = await client.update(
      { ...reported, spec: { ...Object(reported.spec), replicas: 3 } },
      tester,
    );
    t.is(scaled.metadata.generation, 2);
  });
  check('status and the rest are written apart', async (t, client) => {
    const made = await client.create(deployment('web'), tester);
    const both = { ...made, status: { replicas: 5 }, spec: { ...Object(made.spec), replicas: 5 } };
    const viaStatus = await client.update(both, tester, { subresource: 'status' });
    t.like(viaStatus, { spec: { replicas: 1 }, status: { replicas: 5 } });
    const viaMain = await client.update({ ...viaStatus, status: { replicas: 7 } }, tester);
    t.like(viaMain.status, { replicas: 5 });
    const viaScale = await client.update(
      { ...both, metadata: { ...made.metadata, resourceVersion: '' } },
      tester,
      {
        subresource: 'scale',
      },
    );
    t.like(viaScale, { spec: { replicas: 5 }, status: { replicas: 5 } });
  });
  check('what cannot change once the object exists is refused, with its place', async (t, client) => {
    const made = await client.create(configMap('a', { k: '1' }), tester);
    const closed = await client.update({ ...made, immutable: true }, tester);
    const failure = await t.throwsAsync(client.update({ ...closed, data: { k: '2' } }, tester), {
      name: 'ApiError',
    });
    t.like(failure, { reason: 'Invalid', causes: [{ field: 'data' }] });
    await client.create(deployment('web'), tester);
    const selector = { matchLabels: { app: 'other' } };
    const patch = { spec: { selector, template: { metadata: { labels: { app: 'other' } } } } };
    await rejects(t, client.patch(ref('Deployment', 'web'), { type: 'merge', patch }, tester), 'Invalid');
  });
  check('what breaks a rule of its kind is refused, with its place', async (t, client) => {
    const wrong = { ...deployment('web'), spec: { ...Object(deployment('web').spec), replicas: -1 } };
    const failure = await t.throwsAsync(client.create(wrong, tester), { name: 'ApiError' });
    t.like(failure, { reason: 'Invalid', causes: [{ field: 'spec.replicas' }] });
    await rejects(t, client.create(configMap('Not_A_Name'), tester), 'Invalid');
  });
  check('defaults are filled in', async (t, client) => {
    t.like(await client.create(deployment('web'), tester), {
      spec: { revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: { type: 'RollingUpdate' } },
    });
  });
  check('metadata of the API survives every update', async (t, client) => {
    const made = await client.create(configMap('a'), tester);
    const { uid: _uid, ...metadata } = made.metadata;
    const forged = {
      ...made,
      metadata: { ...metadata, creationTimestamp: '2000-01-01T00:00:00Z', generation: 99 },
    };
    const after: KubeObject = await client.update(forged, tester);
    t.is(after.metadata.uid, made.metadata.uid);
    t.is(after.metadata.creationTimestamp, made.metadata.creationTimestamp);
    t.is(after.metadata.generation, undefined);
    await rejects(
      t,
      client.update({ ...made, metadata: { ...made.metadata, uid: 'other' } }, tester),
      'Conflict',
    );
  });
}

function patchContract(check: Check): void {
  check('patches of each type', async (t, client) => {
    await client.create(configMap('a', { k: '1', l: '2' }), tester);
    const at = ref('ConfigMap', 'a');
    const merged = await client.patch(at, { type: 'merge', patch: { data: { k: '9', l: null } } }, tester);
    t.deepEqual(merged.data, { k: '9' });
    const json = await client.patch(
      at,
      { type: 'json', operations: [{ op: 'add', path: '/data/m', value: '3' }] },
      tester,
    );
    t.deepEqual(json.data, { k: '9', m: '3' });
    await client.create(deployment('web'), tester);
    const strategic = await client.patch(
      ref('Deployment', 'web'),
      {
        type: 'strategic',
        patch: { spec: { template: { spec: { containers: [{ name: 'side', image: 'host' }] } } } },
      },
      tester,
    );
    const { containers } = Object(strategic.spec).template.spec;
    t.deepEqual(containers.map((container: { name: string }) => container.name).sort(), ['main', 'side']);
  });
  check('a patch with an old resourceVersion, or a failed test, changes nothing', async (t, client) => {
    const made = await client.create(configMap('a', { k: '1' }), tester);
    const at = ref('ConfigMap', 'a');
    await client.patch(at, { type: 'merge', patch: { data: { k: '2' } } }, tester);
    const old = { resourceVersion: made.metadata.resourceVersion ?? '' };
    await rejects(
      t,
      client.patch(at, { type: 'merge', patch: { metadata: old, data: { k: '3' } } }, tester),
      'Conflict',
    );
    await rejects(
      t,
      client.patch(at, { type: 'merge', patch: { data: { k: '3' } } }, tester, { preconditions: old }),
      'Conflict',
    );
    const operations = [{ op: 'test', path: '/data/k', value: 'no' }] as const;
    await rejects(t, client.patch(at, { type: 'json', operations }, tester), 'Invalid');
    await rejects(
      t,
      client.patch(at, { type: 'merge', patch: { metadata: { name: 'b' } } }, tester),
      'BadRequest',
    );
    t.like(await client.get(at, tester), { data: { k: '2' } });
  });
}

function deleteContract(check: Check): void {
  check('deleting removes; deleting again is not found', async (t, client) => {
    await client.create(configMap('a'), tester);
    t.is(await client.delete(ref('ConfigMap', 'a'), {}, tester), null);
    t.is(await client.get(ref('ConfigMap', 'a'), tester), null);
    await rejects(t, client.delete(ref('ConfigMap', 'a'), {}, tester), 'NotFound');
  });
  check('preconditions guard a delete', async (t, client) => {
    await client.create(configMap('a'), tester);
    const wrong = { preconditions: { uid: 'other' } };
    await rejects(t, client.delete(ref('ConfigMap', 'a'), wrong, tester), 'Conflict');
  });
  check(
    'finalizers hold an object until the last is gone, and none is added meanwhile',
    async (t, client) => {
      await client.create(configMap('a', {}, { finalizers: ['x/one', 'x/two'] }), tester);
      const left = await client.delete(ref('ConfigMap', 'a'), {}, tester);
      t.truthy(left?.metadata.deletionTimestamp);
      if (left === null) return;
      const withFinalizers = (finalizers: readonly string[]): KubeObject => ({
        ...left,
        metadata: { ...left.metadata, resourceVersion: '', finalizers },
      });
      await rejects(t, client.update(withFinalizers(['x/one', 'x/three']), tester), 'Invalid');
      await client.update(withFinalizers(['x/two']), tester);
      t.truthy(await client.get(ref('ConfigMap', 'a'), tester));
      await client.update(withFinalizers([]), tester);
      t.is(await client.get(ref('ConfigMap', 'a'), tester), null);
    },
  );
  check('a running pod gets its grace period; a later delete only shortens it', async (t, client) => {
    await client.create(pod('a', { nodeName: 'n', terminationGracePeriodSeconds: 60 }), tester);
    const at = ref('Pod', 'a');
    const first = await client.delete(at, {}, tester);
    t.is(first?.metadata.deletionGracePeriodSeconds, 60);
    const longer = await client.delete(at, { gracePeriodSeconds: 90 }, tester);
    t.deepEqual(longer, first);
    const shorter = await client.delete(at, { gracePeriodSeconds: 10 }, tester);
    t.is(shorter?.metadata.deletionGracePeriodSeconds, 10);
    t.is(await client.delete(at, { gracePeriodSeconds: 0 }, tester), null);
    t.is(await client.get(at, tester), null);
  });
  check('a pod that no node has, or that has ended, goes at once', async (t, client) => {
    await client.create(pod('unscheduled'), tester);
    t.is(await client.delete(ref('Pod', 'unscheduled'), {}, tester), null);
    const ended = await client.create(pod('ended', { nodeName: 'n' }), tester);
    await client.update({ ...ended, status: { phase: 'Succeeded' } }, tester, { subresource: 'status' });
    t.is(await client.delete(ref('Pod', 'ended'), {}, tester), null);
  });
  check('propagation is kept as a finalizer', async (t, client) => {
    await client.create(deployment('web'), tester);
    const at = ref('Deployment', 'web');
    const foreground = await client.delete(at, { propagation: 'Foreground' }, tester);
    t.deepEqual(foreground?.metadata.finalizers, ['foregroundDeletion']);
    const orphan = await client.delete(at, { propagation: 'Orphan' }, tester);
    t.deepEqual(orphan?.metadata.finalizers, ['orphan']);
    t.is(await client.delete(at, { propagation: 'Background' }, tester), null);
  });
}

function listContract(check: Check): void {
  check('lists choose by namespace, labels and fields', async (t, client) => {
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, tester);
    await client.create(configMap('a', {}, { labels: { app: 'web' } }), tester);
    await client.create(configMap('b', {}, { labels: { app: 'api' } }), tester);
    await client.create(configMap('c', {}, { namespace: 'shop', labels: { app: 'web' } }), tester);
    const names = async (options: object): Promise<readonly string[]> =>
      (await client.list({ group: '', kind: 'ConfigMap' }, options, tester)).items.map(
        (item) => item.metadata.name,
      );
    t.deepEqual(await names({}), ['a', 'b', 'c']);
    t.deepEqual(await names({ namespace: 'default' }), ['a', 'b']);
    t.deepEqual(await names({ labelSelector: 'app=web' }), ['a', 'c']);
    t.deepEqual(await names({ fieldSelector: 'metadata.name!=b', namespace: 'default' }), ['a']);
    await rejects(t, names({ labelSelector: 'app in (' }), 'BadRequest');
    await rejects(t, names({ fieldSelector: 'spec.colour=red' }), 'BadRequest');
  });
  check('pages are of one snapshot, with and without a selector', async (t, client) => {
    for (const at of [1, 2, 3, 4, 5]) {
      await client.create(configMap(`c${at}`, { k: 'old' }, { labels: { odd: `${at % 2 === 1}` } }), tester);
    }
    for (const [labelSelector, expected] of [
      ['', 'c1 c2 c3 c4 c5'],
      ['odd=true', 'c1 c3 c5'],
    ] as const) {
      const seen: string[] = [];
      let continueToken: string | undefined;
      do {
        const page = await client.list(
          { group: '', kind: 'ConfigMap' },
          { namespace: 'default', limit: 2, labelSelector, ...(continueToken && { continueToken }) },
          tester,
        );
        t.true(page.items.length <= 2);
        seen.push(...page.items.map((item) => item.metadata.name));
        continueToken = page.continueToken;
        await client.update(
          configMap('c4', { k: `${labelSelector}${seen.length}` }, { labels: { odd: 'false' } }),
          tester,
        );
      } while (continueToken !== undefined);
      t.is(seen.join(' '), expected);
    }
  });
  check('a token that is not one is refused', async (t, client) => {
    const list = client.list({ group: '', kind: 'ConfigMap' }, { continueToken: 'abc' }, tester);
    await rejects(t, list, 'BadRequest');
  });
}

function watchContract(check: Check): void {
  const follow = (client: Client, options: object, seen: string[]): { close(): void } =>
    client.watch(
      { group: '', kind: 'ConfigMap' },
      { resourceVersion: '0', ...options },
      {
        onEvents: (events) => {
          for (const event of events) {
            if (event.type !== 'BOOKMARK') seen.push(`${event.type} ${event.object.metadata.name}`);
          }
        },
        onExpired: () => void seen.push('EXPIRED'),
      },
      tester,
    );
  check('a watch tells what happened after its revision', async (t, client) => {
    const first = await client.create(configMap('a'), tester);
    const seen: string[] = [];
    follow(client, { resourceVersion: first.metadata.resourceVersion }, seen);
    await client.update(configMap('a', { k: '1' }), tester);
    await client.create(configMap('b'), tester);
    await client.delete(ref('ConfigMap', 'a'), {}, tester);
    await until(() => seen.length >= 3, { what: 'three events' });
    t.deepEqual(seen, ['MODIFIED a', 'ADDED b', 'DELETED a']);
  });
  check('an object that enters or leaves the selection is added or deleted', async (t, client) => {
    const labelled = (app: string, k: string): KubeObject => configMap('a', { k }, { labels: { app } });
    const first = await client.create(labelled('api', '1'), tester);
    const seen: string[] = [];
    const options = { labelSelector: 'app=web', resourceVersion: first.metadata.resourceVersion };
    follow(client, options, seen);
    await client.update(labelled('api', '2'), tester);
    await client.update(labelled('web', '3'), tester);
    await client.update(labelled('web', '4'), tester);
    await client.update(labelled('api', '5'), tester);
    await client.delete(ref('ConfigMap', 'a'), {}, tester);
    await client.create(labelled('web', '6'), tester);
    await until(() => seen.length >= 4, { what: 'four events' });
    t.deepEqual(seen, ['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED a']);
  });
  check('a revision that is no number, or lies ahead, is refused', async (t, client) => {
    const at = (resourceVersion: string) => () => follow(client, { resourceVersion }, []);
    t.like(t.throws(at('x'), { name: 'ApiError' }), { reason: 'BadRequest' });
    t.like(t.throws(at('999999'), { name: 'ApiError' }), { reason: 'Expired' });
  });
}

function transactContract(check: Check): void {
  const atomic = (title: string, body: Body): void =>
    check(title, async (t, client) => {
      if (client.transactional) await body(t, client);
      else t.pass();
    });
  atomic('a transaction is one revision, and later operations see earlier ones', async (t, client) => {
    const results = await client.transact(
      [
        { op: 'create', object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } },
        { op: 'create', object: configMap('a', { k: '1' }, { namespace: 'shop' }) },
        { op: 'update', object: configMap('a', { k: '2' }, { namespace: 'shop' }) },
        { op: 'create', object: configMap('b', {}, { namespace: 'shop' }) },
        { op: 'delete', ref: ref('ConfigMap', 'b', 'shop') },
      ],
      tester,
    );
    const revisions = new Set(results.flatMap((result) => result?.metadata.resourceVersion ?? []));
    t.is(revisions.size, 1);
    t.is(results[4], null);
    t.like(await client.get(ref('ConfigMap', 'a', 'shop'), tester), { data: { k: '2' } });
    t.is(await client.get(ref('ConfigMap', 'b', 'shop'), tester), null);
  });
  atomic('one bad operation undoes them all and is named', async (t, client) => {
    const transaction = client.transact(
      [
        { op: 'create', object: configMap('a') },
        { op: 'delete', ref: ref('ConfigMap', 'ghost') },
      ],
      tester,
    );
    const failure = await t.throwsAsync(transaction, { name: 'ApiError' });
    t.like(failure, { reason: 'NotFound', details: { operationIndex: 1 } });
    t.is(await client.get(ref('ConfigMap', 'a'), tester), null);
  });
}

import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { settle } from '../base/manual-clock.ts';
import type { KubeObject } from '../schema/object.ts';
import { configMap, ref, tester } from '../testing/client-contract.ts';
import { localApi } from '../testing/local-api.ts';
import { tries } from '../testing/thoroughness.ts';
import { ApiError } from './api-error.ts';
import type { Client, WatchListener } from './client.ts';
import { informer } from './informer.ts';
import { informers } from './informers.ts';

const CONFIG_MAP = { group: '', kind: 'ConfigMap' };

test('it holds what was there, and follows what comes, changes and goes', async (t) => {
  const { client } = await localApi();
  await client.create(configMap('a'), tester);
  const changes: string[] = [];
  const following = informer(client, CONFIG_MAP, tester, {
    onChange: ({ key, before, after }) => changes.push(`${key} ${before ? 1 : 0}${after ? 1 : 0}`),
  });
  t.false(following.isSynced);
  await following.synced;
  t.true(following.isSynced);
  await client.create(configMap('b'), tester);
  await client.update(configMap('a', { k: '1' }), tester);
  await client.delete(ref('ConfigMap', 'a'), {}, tester);
  await settle();
  t.deepEqual(changes, [
    '/ConfigMap/default/a 01',
    '/ConfigMap/default/b 01',
    '/ConfigMap/default/a 11',
    '/ConfigMap/default/a 10',
  ]);
  t.deepEqual([...following.objects.keys()], ['/ConfigMap/default/b']);
  t.is(following.get({ namespace: 'default', name: 'b' })?.metadata.name, 'b');
  following.stop();
  await client.create(configMap('c'), tester);
  await settle();
  t.is(following.objects.size, 1);
});

test('it finds by namespace and by controller', async (t) => {
  const { client } = await localApi();
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u1', controller: true };
  await client.create(configMap('a', {}, { ownerReferences: [owner] }), tester);
  await client.create(configMap('b', {}, { ownerReferences: [{ ...owner, controller: false }] }), tester);
  await client.create(configMap('c', {}, { namespace: 'kube-system' }), tester);
  const following = informer(client, CONFIG_MAP, tester);
  await following.synced;
  const names = (objects: readonly KubeObject[]): string =>
    objects.map((object) => object.metadata.name).join(' ');
  t.is(names(following.inNamespace('default')), 'a b');
  t.is(names(following.inNamespace('kube-system')), 'c');
  t.is(names(following.ownedBy('u1')), 'a');
  await client.update(configMap('a'), tester);
  await settle();
  t.is(names(following.ownedBy('u1')), '');
});

test('when the watch expires it lists again and tells what was missed', async (t) => {
  const { client } = await localApi();
  let current: WatchListener | undefined;
  let deaf = false;
  const flaky: Client = {
    ...client,
    watch(kind, options, listener, caller) {
      current = listener;
      const hearing: typeof listener = {
        onEvents: (events) => {
          if (!deaf) listener.onEvents(events);
        },
        onExpired: () => listener.onExpired(),
      };
      return client.watch(kind, options, hearing, caller);
    },
  };
  const changes: string[] = [];
  const following = informer(flaky, CONFIG_MAP, tester, {
    onChange: ({ key, before, after }) =>
      changes.push(`${key.split('/').at(-1)} ${before ? 1 : 0}${after ? 1 : 0}`),
  });
  await following.synced;
  await client.create(configMap('stays'), tester);
  await client.create(configMap('goes'), tester);
  await settle();
  deaf = true;
  await client.delete(ref('ConfigMap', 'goes'), {}, tester);
  await client.create(configMap('comes'), tester);
  await settle();
  deaf = false;
  current?.onExpired();
  await settle();
  t.deepEqual(changes, ['stays 01', 'goes 01', 'comes 01', 'goes 10']);
});

test('a list that is too old to be followed is made again', async (t) => {
  const { client } = await localApi();
  let refusals = 2;
  const late: Client = {
    ...client,
    watch(kind, options, listener, caller) {
      if (refusals > 0) {
        refusals -= 1;
        throw new ApiError('Expired', 'too old');
      }
      return client.watch(kind, options, listener, caller);
    },
  };
  const following = informer(late, CONFIG_MAP, tester);
  await following.synced;
  await client.create(configMap('a'), tester);
  await settle();
  t.is(following.objects.size, 1);
});

test('those who ask for the same kind share one informer', async (t) => {
  const { client } = await localApi();
  const shared = informers(client, tester);
  t.is(shared.of(CONFIG_MAP), shared.of({ group: '', kind: 'ConfigMap' }));
  await shared.synced();
  t.true(shared.of(CONFIG_MAP).isSynced);
  shared.stop();
});

test('whatever several writers do, at any moment, the informer ends with what the API has', async (t) => {
  const write = fc.record({ name: fc.constantFrom('a', 'b', 'c'), what: fc.nat(4), wait: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 30 }), fc.nat(29), async (writes, startAt) => {
      const { client } = await localApi();
      let following = informer(client, CONFIG_MAP, tester);
      for (const [at, { name, what, wait }] of writes.entries()) {
        if (at === startAt) following = informer(client, CONFIG_MAP, tester);
        const done: Promise<unknown> =
          what === 0
            ? client.delete(ref('ConfigMap', name), {}, tester)
            : what === 1
              ? client.create(configMap(name), tester)
              : client.update(configMap(name, { k: `${what}` }), tester);
        const settled = done.catch(() => null);
        if (wait) await settled;
      }
      await following.synced;
      await settle();
      const { items } = await client.list(CONFIG_MAP, {}, tester);
      const held = [...following.objects.values()].sort((a, b) =>
        a.metadata.name < b.metadata.name ? -1 : 1,
      );
      t.true(isDeepStrictEqual(held, items));
    }),
    { numRuns: tries(40) },
  );
});

import test from 'ava';
import { informers } from '../api/informers.ts';
import { systemClock } from '../base/clock.ts';
import { WorldError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import type { EndpointSlice, Event, Service } from '../schema/types.gen.ts';
import { localApi } from '../testing/local-api.ts';
import { until } from '../testing/until.ts';
import type { ListenFailure, ProxyTable } from './proxy/proxy-table.ts';
import type { ProxyClient } from './proxy-client.ts';
import { serviceSync } from './service-sync.ts';

const caller = { user: 'test', fieldManager: 'test' };

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { ports: [{ port: 80, protocol: 'TCP' }] },
};

const slice = (name: string, address: string): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [address] }],
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
});

async function world(t: { teardown(run: () => Promise<void>): void }) {
  const clock = systemClock();
  const { client } = await localApi({ clock });
  const tables: ProxyTable[] = [];
  let refuse = false;
  let failures: readonly ListenFailure[] = [];
  let calls: { onFailures(next: readonly ListenFailure[]): void; onBack(): void } | null = null;
  const proxy: ProxyClient = {
    open: async () => {},
    close: async () => {},
    shutDown: async () => {},
    setState: async ({ table }) => {
      if (refuse) throw new WorldError('PROXY_DOWN', 'down');
      tables.push(table);
      return { failures, carrier: null };
    },
  };
  const all = informers(client, caller);
  const sync = serviceSync({
    podRange: '127.97.0.0/16',
    client,
    informers: all,
    clock,
    log: silentLog(),
    proxy: (given) => {
      calls = given;
      return proxy;
    },
  });
  t.teardown(async () => {
    await sync.stop();
    all.stop();
  });
  await sync.run();
  return {
    client,
    sync,
    tables,
    back: () => calls?.onBack(),
    refuse: (value: boolean) => {
      refuse = value;
    },
    fail: (next: readonly ListenFailure[]) => {
      failures = next;
    },
  };
}

const backendsOf = (table: ProxyTable | undefined): readonly string[] =>
  (table?.[0]?.backends ?? []).map(({ address }) => address);

test('what Services and slices say reaches the proxy, changes of one moment as one table', async (t) => {
  const { client, tables } = await world(t);
  t.deepEqual(tables, [[]]);
  await Promise.all([
    client.create(service, caller),
    client.create(slice('a', '127.97.0.1'), caller),
    client.create(slice('b', '127.97.0.2'), caller),
  ]);
  await until(() => backendsOf(tables.at(-1)).length === 2, { what: 'both endpoints' });
  t.true(tables.length <= 4);
  t.regex(tables.at(-1)?.[0]?.address ?? '', /^127\.96\./);
});

test('while the proxy is down nothing is lost, and a new one gets the whole table', async (t) => {
  const { client, tables, refuse, back } = await world(t);
  refuse(true);
  await client.create(service, caller);
  await client.create(slice('a', '127.97.0.1'), caller);
  refuse(false);
  await until(() => backendsOf(tables.at(-1)).length === 1, { what: 'the endpoint' });
  const sent = tables.length;
  back();
  await until(() => tables.length > sent, { what: 'the table again' });
  t.deepEqual(tables.at(-1), tables.at(sent - 1));
});

test('a place that cannot be had is told once, as an Event of its Service', async (t) => {
  const { client, sync, fail } = await world(t);
  const failure = { protocol: 'TCP', address: '127.96.0.1', port: 80, service: 'default/web' } as const;
  fail([{ ...failure, code: 'EADDRINUSE' }]);
  await client.create(service, caller);
  await until(() => sync.failures().length === 1, { what: 'the failure' });
  await client.create(slice('a', '127.97.0.1'), caller);
  const events = async () =>
    (await client.list<Event>({ group: '', kind: 'Event' }, {}, caller)).items.filter(
      ({ reason }) => reason === 'ListenFailed',
    );
  await until(async () => (await events()).length > 0, { what: 'the Event' });
  t.like((await events())[0], { type: 'Warning', count: 1, involvedObject: { name: 'web' } });
  t.is((await events()).length, 1);
});

test('a Service says for as long as one of its addresses cannot be had, and that it can again', async (t) => {
  const { client, fail } = await world(t);
  const condition = async () => {
    const stored = await client.get<Service>(
      { group: '', kind: 'Service', namespace: 'default', name: 'web' },
      caller,
    );
    return stored?.status?.conditions?.find(({ type }) => type === 'pintle.dev/Listens');
  };
  fail([{ protocol: 'TCP', address: '0.0.0.0', port: 30080, service: 'default/web', code: 'EADDRINUSE' }]);
  await client.create(service, caller);
  await until(async () => (await condition())?.status === 'False', { what: 'the condition' });
  t.is((await condition())?.reason, 'ListenFailed');
  fail([]);
  await client.create(slice('a', '127.97.0.1'), caller);
  await until(async () => (await condition())?.status === 'True', { what: 'the condition to change' });
});

test('a Service of a protocol that is not carried says so', async (t) => {
  const { client } = await world(t);
  await client.create({ ...service, spec: { ports: [{ port: 99, protocol: 'SCTP' }] } }, caller);
  await until(
    async () => {
      const ref = { group: '', kind: 'Service', namespace: 'default', name: 'web' };
      const conditions = (await client.get<Service>(ref, caller))?.status?.conditions ?? [];
      return conditions.some(
        ({ type, message }) => type === 'pintle.dev/Listens' && message.includes('SCTP'),
      );
    },
    { what: 'the condition' },
  );
  t.pass();
});

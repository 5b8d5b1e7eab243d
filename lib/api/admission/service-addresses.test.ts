import test from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import type { Service, ServiceSpec } from '../../schema/types.gen.ts';
import { ref, rejects, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';

const service = (name: string, spec: Partial<ServiceSpec> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
});
const specOf = (object: KubeObject | null): ServiceSpec => (object as Service | null)?.spec ?? {};
const withSpec = (object: KubeObject, spec: Partial<ServiceSpec>): KubeObject => ({
  ...object,
  spec: { ...specOf(object), ...spec },
});

test('each Service gets an address of its own, the same for the same seed', async (t) => {
  const addresses = async (): Promise<readonly (string | undefined)[]> => {
    const { client } = await localApi({ seed: 7 });
    const made = [];
    for (const name of ['a', 'b', 'c'])
      made.push(specOf(await client.create(service(name), tester)).clusterIP);
    return made;
  };
  const first = await addresses();
  t.is(new Set(first).size, 3);
  for (const address of first) t.regex(address ?? '', /^127\.96\.\d+\.\d+$/);
  t.deepEqual(await addresses(), first);
});

test('default/kubernetes has the first address, and nobody else gets it', async (t) => {
  const { client } = await localApi({ settings: { serviceRange: '10.0.0.0/30' } });
  const other = specOf(await client.create(service('other'), tester));
  t.is(other.clusterIP, '10.0.0.2');
  const { selector: _selector, ...spec } = specOf(service('kubernetes'));
  const own = await client.create({ ...service('kubernetes'), spec }, tester);
  t.is(specOf(own).clusterIP, '10.0.0.1');
  await rejects(t, client.create(service('late'), tester), 'Invalid');
});

test('an address asked for is given, unless it is taken or out of range', async (t) => {
  const { client } = await localApi();
  const made = specOf(await client.create(service('a', { clusterIP: '127.96.3.4' }), tester));
  t.deepEqual([made.clusterIP, made.clusterIPs], ['127.96.3.4', ['127.96.3.4']]);
  await rejects(t, client.create(service('b', { clusterIP: '127.96.3.4' }), tester), 'Invalid');
  await rejects(t, client.create(service('b', { clusterIP: '10.1.2.3' }), tester), 'Invalid');
});

test('a deleted Service gives its address and ports back', async (t) => {
  const { client } = await localApi();
  const spec = { clusterIP: '127.96.3.4', type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] };
  await client.create(service('a', spec), tester);
  await client.delete(ref('Service', 'a'), {}, tester);
  const made = specOf(await client.create(service('b', spec), tester));
  t.is(made.clusterIP, '127.96.3.4');
  t.is(made.ports?.[0]?.nodePort, 30_080);
});

test('what goes wrong in a transaction gives nothing away', async (t) => {
  const { client } = await localApi();
  const taken = service('a', { clusterIP: '127.96.3.4' });
  await rejects(
    t,
    client.transact(
      [
        { op: 'create', object: taken },
        { op: 'create', object: taken },
      ],
      tester,
    ),
    'AlreadyExists',
  );
  t.is(
    specOf(await client.create(service('b', { clusterIP: '127.96.3.4' }), tester)).clusterIP,
    '127.96.3.4',
  );
});

test('a headless Service and an ExternalName have no address; a change of type gives and takes them', async (t) => {
  const { client } = await localApi();
  t.is(specOf(await client.create(service('headless', { clusterIP: 'None' }), tester)).clusterIP, 'None');
  const made = await client.create(service('a', { clusterIP: '127.96.3.4' }), tester);
  const { clusterIP: _ip, clusterIPs: _ips, ...rest } = specOf(made);
  const external = await client.update(
    { ...made, spec: { ...rest, type: 'ExternalName', externalName: 'x.example' } },
    tester,
  );
  t.is(specOf(external).clusterIP, undefined);
  t.is(
    specOf(await client.create(service('b', { clusterIP: '127.96.3.4' }), tester)).clusterIP,
    '127.96.3.4',
  );
  const { externalName: _name, ...back } = specOf(external);
  const again = specOf(await client.update({ ...external, spec: { ...back, type: 'ClusterIP' } }, tester));
  t.regex(again.clusterIP ?? '', /^127\.96\./);
});

test('an update without the address keeps it', async (t) => {
  const { client } = await localApi();
  const made = await client.create(service('a', { type: 'NodePort' }), tester);
  const blind = await client.update(service('a', { type: 'NodePort', sessionAffinity: 'ClientIP' }), tester);
  t.is(specOf(blind).clusterIP, specOf(made).clusterIP);
  t.is(specOf(blind).ports?.[0]?.nodePort, specOf(made).ports?.[0]?.nodePort);
});

test('node ports: within the range, one holder each, kept apart by protocol', async (t) => {
  const { client } = await localApi({ settings: { nodePortRange: { from: 30_000, to: 30_002 } } });
  const ports = [
    { name: 'a', port: 80, nodePort: 30_001 },
    { name: 'b', port: 81 },
    { name: 'c', port: 81, protocol: 'UDP', nodePort: 30_001 },
  ];
  const made = specOf(await client.create(service('a', { type: 'NodePort', ports }), tester));
  const given = made.ports?.map((port) => port.nodePort) ?? [];
  t.deepEqual([given[0], given[2]], [30_001, 30_001]);
  t.true(given[1] === 30_000 || given[1] === 30_002);
  const taken = [{ port: 80, nodePort: 30_001 }];
  await rejects(t, client.create(service('b', { type: 'NodePort', ports: taken }), tester), 'Invalid');
  const outside = [{ port: 80, nodePort: 29_999 }];
  await rejects(t, client.create(service('b', { type: 'NodePort', ports: outside }), tester), 'Invalid');
  await client.create(service('last', { type: 'NodePort' }), tester);
  await rejects(t, client.create(service('none-left', { type: 'NodePort' }), tester), 'Invalid');
  const closed = await client.update(withSpec(await client.create(service('d'), tester), {}), tester);
  t.is(specOf(closed).ports?.[0]?.nodePort, undefined);
  const back = await client.get(ref('Service', 'last'), tester);
  const { ports: lastPorts } = specOf(back);
  if (back === null) return t.fail();
  await client.update(
    withSpec(back, {
      type: 'ClusterIP',
      ports: lastPorts?.map(({ nodePort: _port, ...port }) => port) ?? [],
    }),
    tester,
  );
  await t.notThrowsAsync(client.create(service('room-again', { type: 'NodePort' }), tester));
});

import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import type { Service } from '../schema/types.gen.ts';
import { localApi } from '../testing/local-api.ts';
import { renumberServices } from './renumber-services.ts';

const caller = { user: 'test', fieldManager: 'test' };

const service = (name: string, spec: Service['spec'], namespace = 'default'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { ports: [{ port: 80 }], ...spec },
});

test('Services move to another range, keep what else they have, and the name server has its place', async (t) => {
  const { client } = await localApi();
  const made = [
    service('kubernetes', {}),
    service('a', { clusterIP: '127.96.0.20' }),
    service('node', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] }),
    service('headless', { clusterIP: 'None' }),
    service('out', { type: 'ExternalName', externalName: 'example.com' }),
    service('tenth', { clusterIP: '127.96.0.10' }),
  ];
  for (const object of made) await client.create(object, caller);
  const all = async (): Promise<ReadonlyMap<string, Service>> =>
    new Map(
      (await client.list<Service>({ group: '', kind: 'Service' }, {}, caller)).items.map((one) => [
        one.metadata.name,
        one,
      ]),
    );
  const before = await all();
  // Of the same range: only the one at the name server's place moves.
  await renumberServices(client, { serviceRange: '127.96.0.0/16', withNames: true });
  const named = await all();
  t.is(named.get('kube-dns')?.spec.clusterIP, '127.96.0.10');
  t.not(named.get('tenth')?.spec.clusterIP, '127.96.0.10');
  t.is(named.get('tenth')?.metadata.uid, before.get('tenth')?.metadata.uid);
  t.deepEqual(named.get('a'), before.get('a'));
  const version = named.get('tenth')?.metadata.resourceVersion;
  await renumberServices(client, { serviceRange: '127.96.0.0/16', withNames: true });
  t.is((await all()).get('tenth')?.metadata.resourceVersion, version);
  await renumberServices(client, { serviceRange: '127.96.0.0/16', withNames: false });
  t.is((await all()).get('kube-dns'), undefined);
});

test('a change of range gives everybody an address of the new one', async (t) => {
  const { client, store } = await localApi();
  const { client: another } = await localApi({ store, settings: { serviceRange: '10.96.0.0/16' } });
  await client.create(service('kubernetes', {}), caller);
  await client.create(
    service('node', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }], selector: { app: 'x' } }),
    caller,
  );
  await client.create(service('out', { type: 'ExternalName', externalName: 'example.com' }), caller);
  await renumberServices(another, { serviceRange: '10.96.0.0/16', withNames: true });
  const { items } = await another.list<Service>({ group: '', kind: 'Service' }, {}, caller);
  const specs = new Map(items.map(({ metadata, spec }) => [metadata.name, spec]));
  t.is(specs.get('kubernetes')?.clusterIP, '10.96.0.1');
  t.is(specs.get('kube-dns')?.clusterIP, '10.96.0.10');
  t.regex(specs.get('node')?.clusterIP ?? '', /^10\.96\./);
  t.is(specs.get('node')?.type, 'NodePort');
  t.is(specs.get('node')?.externalName, undefined);
  t.is(specs.get('node')?.ports?.[0]?.nodePort, 30_080);
  t.deepEqual(specs.get('node')?.selector, { app: 'x' });
  t.is(specs.get('out')?.externalName, 'example.com');
});

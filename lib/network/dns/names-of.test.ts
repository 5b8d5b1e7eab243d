import test from 'ava';
import type { EndpointSlice, Pod, Service } from '../../schema/types.gen.ts';
import { parseNameTable } from './name-table.ts';
import { namesOf } from './names-of.ts';

const service = (name: string, spec: Service['spec']): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec,
});

const slice = (of: string, more: Pick<EndpointSlice, 'endpoints' | 'ports'>): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${of}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': of } },
  addressType: 'IPv4',
  ...more,
});

const pod = (name: string, status: Pod['status'], spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { containers: [], ...spec },
  status,
});

test('Services, endpoints and pods give their names, and the table survives the wire', (t) => {
  const sql = { name: 'sql', protocol: 'TCP', port: 5432 };
  const table = namesOf({
    services: [
      service('web', { clusterIP: '10.96.0.20', ports: [{ name: 'http', port: 80 }, { port: 81 }] }),
      service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432 }] }),
      service('out', { type: 'ExternalName', externalName: 'www.example.com' }),
      service('bad', { type: 'ExternalName', externalName: 'no name at all' }),
      service('early', {}),
    ],
    slices: [
      slice('db', {
        endpoints: [
          { addresses: ['10.244.0.3'], hostname: 'db-1' },
          { addresses: ['10.244.0.2'], conditions: { ready: true } },
          { addresses: ['10.244.0.4'], conditions: { ready: false, serving: true, terminating: true } },
        ],
        ports: [sql],
      }),
      slice('db', {
        endpoints: [{ addresses: ['10.244.0.2'] }],
        ports: [{ name: 'admin', protocol: 'UDP', port: 9 }],
      }),
      slice('web', { endpoints: [{ addresses: ['10.244.0.9'] }], ports: [] }),
    ],
    pods: [
      pod('a', { podIP: '10.244.0.2' }),
      pod('b', { podIP: '192.0.2.2' }, { hostNetwork: true }),
      pod('c', { podIP: '10.244.0.5', phase: 'Succeeded' }),
      pod('d', {}),
    ],
  });
  const ports = [{ name: 'sql', protocol: 'tcp', port: 5432 }];
  t.deepEqual(table, {
    services: [
      {
        ...{ name: 'db', namespace: 'shop', kind: 'headless' },
        endpoints: [
          {
            address: '10.244.0.2',
            hostname: null,
            ports: [{ name: 'admin', protocol: 'udp', port: 9 }, ...ports],
          },
          { address: '10.244.0.3', hostname: 'db-1', ports },
        ],
      },
      { name: 'out', namespace: 'shop', kind: 'external', target: 'www.example.com' },
      {
        ...{ name: 'web', namespace: 'shop', kind: 'cluster', address: '10.96.0.20' },
        ports: [{ name: 'http', protocol: 'tcp', port: 80 }],
      },
    ],
    pods: [{ namespace: 'shop', address: '10.244.0.2' }],
  });
  t.deepEqual(parseNameTable(JSON.parse(JSON.stringify(table))), table);
  t.is(parseNameTable({ services: [] }), null);
});

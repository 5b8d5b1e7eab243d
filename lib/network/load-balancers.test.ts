import test from 'ava';
import type { Service } from '../schema/types.gen.ts';
import { decideIngress } from './load-balancers.ts';

const service = (name: string, spec: Partial<Service['spec']>, more: Partial<Service> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [{ port: 80 }], ...spec },
  ...more,
});
const old = { metadata: { name: 'z', namespace: 'shop', creationTimestamp: '2025-01-01T00:00:00Z' } };
const has = (ip: string): Partial<Service> => ({ status: { loadBalancer: { ingress: [{ ip }] } } });

const cases: readonly {
  readonly title: string;
  readonly services: readonly Service[];
  /** `name address`. */
  readonly expected: readonly string[];
}[] = [
  { title: 'a load balancer gets the address', services: [service('a', {})], expected: ['a 192.0.2.2'] },
  { title: 'once', services: [service('a', {}, has('192.0.2.2'))], expected: [] },
  {
    title: 'the new one where the machine has another',
    services: [service('a', {}, has('192.0.2.1'))],
    expected: ['a 192.0.2.2'],
  },
  {
    title: 'the older has the port, and another port is free',
    services: [service('a', {}), service('z', {}, old), service('b', { ports: [{ port: 81 }] })],
    expected: ['z 192.0.2.2', 'b 192.0.2.2'],
  },
  {
    title: 'the same port of another protocol is another',
    services: [service('a', {}), service('b', { ports: [{ port: 80, protocol: 'UDP' }] })],
    expected: ['a 192.0.2.2', 'b 192.0.2.2'],
  },
  {
    title: 'who lost the port gives the address back',
    services: [service('a', {}, has('192.0.2.2')), service('z', {}, { ...old, ...has('192.0.2.2') })],
    expected: ['a'],
  },
  {
    title: 'as does who is none any more',
    services: [service('a', { type: 'ClusterIP' }, has('192.0.2.2'))],
    expected: ['a'],
  },
  {
    title: 'others are left alone',
    services: [
      service('a', { type: 'NodePort' }),
      service('b', { loadBalancerClass: 'example.com/other' }, has('198.51.100.1')),
    ],
    expected: [],
  },
];
for (const { title, services, expected } of cases)
  test(title, (t) => {
    const changes = decideIngress(services, '192.0.2.2').map(({ service: { metadata }, loadBalancer }) =>
      [metadata.name, ...(loadBalancer.ingress ?? []).map(({ ip }) => ip)].join(' '),
    );
    t.deepEqual(changes, expected);
  });

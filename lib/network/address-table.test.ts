import test from 'ava';
import fc from 'fast-check';
import type { Endpoint, EndpointSlice, Pod, Service, ServiceSpec } from '../schema/types.gen.ts';
import { addressTable } from './address-table.ts';

const service = (spec: Partial<ServiceSpec>, name = 'web'): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { clusterIP: '127.96.0.10', ports: [{ port: 80 }], ...spec },
});

const slice = (
  endpoints: readonly Endpoint[],
  more: {
    readonly port?: number;
    readonly portName?: string;
    readonly of?: string;
    readonly name?: string;
  } = {},
): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: more.name ?? 'web-1',
    namespace: 'shop',
    labels: { 'kubernetes.io/service-name': more.of ?? 'web' },
  },
  addressType: 'IPv4',
  endpoints,
  ports: [{ name: more.portName ?? '', port: more.port ?? 8080, protocol: 'TCP' }],
});

const at = (host: number, conditions?: Endpoint['conditions']): Endpoint => ({
  addresses: [`127.97.0.${host}`],
  conditions,
});

const here = (host: number, conditions?: Endpoint['conditions']): Endpoint => ({
  ...at(host, conditions),
  nodeName: 'node-1',
});

const pod = (spec: Partial<Pod['spec']>, status: Pod['status'] = { podIP: '127.97.0.7' }): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080 }] }], ...spec },
  status,
});

type Case = {
  readonly pods?: readonly Pod[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  /** `protocol address:port > backends`. */
  readonly expected: readonly string[];
};

const cases: Readonly<Record<string, Case>> = {
  'ready endpoints stand behind the cluster address': {
    services: [service({})],
    slices: [slice([at(2), at(1, { ready: true })])],
    expected: ['TCP 127.96.0.10:80 > 127.97.0.1:8080 127.97.0.2:8080'],
  },
  'endpoints that are not ready do not': {
    services: [service({})],
    slices: [slice([at(1), at(2, { ready: false })])],
    expected: ['TCP 127.96.0.10:80 > 127.97.0.1:8080'],
  },
  'those that leave and still serve stand in when nothing is ready': {
    services: [service({})],
    slices: [
      slice([
        at(1, { ready: false, serving: true, terminating: true }),
        at(2, { ready: false, serving: false, terminating: true }),
        at(3, { ready: false, serving: true, terminating: false }),
      ]),
    ],
    expected: ['TCP 127.96.0.10:80 > 127.97.0.1:8080'],
  },
  'those that leave do not stand beside ready ones': {
    services: [service({})],
    slices: [slice([at(1), at(2, { ready: false, serving: true, terminating: true })])],
    expected: ['TCP 127.96.0.10:80 > 127.97.0.1:8080'],
  },
  'a Service without endpoints has its place and nothing behind it': {
    services: [service({})],
    slices: [slice([at(1)], { of: 'other' })],
    expected: ['TCP 127.96.0.10:80 > '],
  },
  'ports go by name, and pods may differ in where they listen': {
    services: [
      service({
        ports: [
          { name: 'http', port: 80 },
          { name: 'admin', port: 81 },
        ],
      }),
    ],
    slices: [
      slice([at(1)], { portName: 'http', port: 8080, name: 'a' }),
      slice([at(2)], { portName: 'http', port: 20_001, name: 'b' }),
      slice([at(1)], { portName: 'admin', port: 9000, name: 'c' }),
    ],
    expected: [
      'TCP 127.96.0.10:80 > 127.97.0.1:8080 127.97.0.2:20001',
      'TCP 127.96.0.10:81 > 127.97.0.1:9000',
    ],
  },
  'node ports listen at every address, of a load balancer too': {
    services: [
      service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] }),
      service(
        { type: 'LoadBalancer', clusterIP: '127.96.0.11', ports: [{ port: 80, nodePort: 30_002 }] },
        'lb',
      ),
    ],
    slices: [slice([at(1)])],
    expected: [
      'TCP 0.0.0.0:30001 > 127.97.0.1:8080',
      'TCP 0.0.0.0:30002 > ',
      'TCP 127.96.0.10:80 > 127.97.0.1:8080',
      'TCP 127.96.0.11:80 > ',
    ],
  },
  'headless, external, address-less and SCTP have no place': {
    services: [
      service({ clusterIP: 'None' }, 'a'),
      service({ type: 'ExternalName', externalName: 'x.test' }, 'b'),
      service({ clusterIP: '' }, 'c'),
      service({ ports: [{ port: 80, protocol: 'SCTP' }] }, 'd'),
    ],
    slices: [],
    expected: [],
  },
  'what listens for this machine only is not reached through a Service': {
    services: [service({})],
    slices: [
      slice(
        ['127.0.0.1', '0.0.0.0', '169.254.169.254', '127.96.0.1', '127.98.0.1', '224.0.0.1', '192.0.2.7'].map(
          (address) => ({ addresses: [address] }),
        ),
      ),
    ],
    expected: ['TCP 127.96.0.10:80 > 192.0.2.7:8080'],
  },
  'the API is, through its own Service': {
    services: [
      { ...service({ clusterIP: '127.96.0.1' }), metadata: { name: 'kubernetes', namespace: 'default' } },
    ],
    slices: [
      {
        ...slice([{ addresses: ['127.0.0.1'] }], { of: 'kubernetes' }),
        metadata: {
          name: 'kubernetes',
          namespace: 'default',
          labels: { 'kubernetes.io/service-name': 'kubernetes' },
        },
      },
    ],
    expected: ['TCP 127.96.0.1:80 > 127.0.0.1:8080'],
  },
  'a policy Local leaves what is on this machine, also when only what leaves is': {
    services: [
      service({ internalTrafficPolicy: 'Local' }),
      service(
        {
          type: 'NodePort',
          clusterIP: '127.96.0.11',
          externalTrafficPolicy: 'Local',
          ports: [{ port: 80, nodePort: 30_001 }],
        },
        'b',
      ),
    ],
    slices: [
      slice([at(1), here(2)]),
      slice([at(1), here(2, { ready: false, serving: true, terminating: true })], { of: 'b' }),
    ],
    expected: [
      'TCP 0.0.0.0:30001 > 127.97.0.2:8080 keeps',
      'TCP 127.96.0.10:80 > 127.97.0.2:8080',
      'TCP 127.96.0.11:80 > 127.97.0.1:8080',
    ],
  },
  'addresses of the machine lead to a Service where pods have their own network': {
    pods: [],
    services: [
      {
        ...service({
          type: 'LoadBalancer',
          externalIPs: ['192.0.2.9', 'no address'],
          loadBalancerSourceRanges: ['198.51.100.0/24'],
        }),
        status: { loadBalancer: { ingress: [{ ip: '192.0.2.2' }] } },
      },
    ],
    slices: [slice([at(1)])],
    expected: [
      'TCP 127.96.0.10:80 > 127.97.0.1:8080',
      'TCP 192.0.2.2:80 > 127.97.0.1:8080 from 198.51.100.0/24',
      'TCP 192.0.2.9:80 > 127.97.0.1:8080',
    ],
  },
  'host ports lead to their pod, however ready it is': {
    pods: [
      pod({}),
      pod({ containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 2, hostIP: '192.0.2.2' }] }] }),
      pod({ hostNetwork: true, containers: [{ name: 'c', ports: [{ containerPort: 3, hostPort: 3 }] }] }),
      pod({ containers: [{ name: 'c', ports: [{ containerPort: 4, hostPort: 4 }] }] }, { phase: 'Failed' }),
      pod({ containers: [{ name: 'c', ports: [{ containerPort: 5, hostPort: 5 }] }] }, {}),
      pod({ containers: [{ name: 'c', ports: [{ containerPort: 6 }] }] }),
      pod(
        { containers: [{ name: 'c', ports: [{ containerPort: 7, hostPort: 7 }] }] },
        { podIP: '127.0.0.1' },
      ),
    ],
    services: [],
    slices: [],
    expected: ['TCP 0.0.0.0:8080 > 127.97.0.7:80 keeps', 'TCP 192.0.2.2:2 > 127.97.0.7:1 keeps'],
  },
  'a Service behind a Service is not followed': {
    services: [service({}), service({ clusterIP: '127.96.0.11' }, 'other')],
    slices: [slice([{ addresses: ['127.96.0.11'] }], { port: 80 })],
    expected: ['TCP 127.96.0.10:80 > ', 'TCP 127.96.0.11:80 > '],
  },
};

const text = (input: Case): readonly string[] =>
  addressTable({ podRange: '127.97.0.0/16', ...input }).map(
    ({ protocol, address, port, backends, keepsSource, sources }) =>
      `${protocol} ${address}:${port} > ${backends.map((one) => `${one.address}:${one.port}`).join(' ')}${
        keepsSource === true ? ' keeps' : ''
      }${sources === undefined ? '' : ` from ${sources.join()}`}`,
  );

for (const [title, input] of Object.entries(cases)) {
  test(title, (t) => t.deepEqual(text(input), input.expected));
}

test('session affinity has the time of the Service, or the default', (t) => {
  const affinityOf = (spec: Partial<ServiceSpec>) =>
    addressTable({ podRange: '127.97.0.0/16', services: [service(spec)], slices: [] })[0]?.affinitySeconds;
  t.is(affinityOf({}), null);
  t.is(affinityOf({ sessionAffinity: 'ClientIP' }), 10_800);
  t.is(
    affinityOf({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }),
    5,
  );
});

test('property: the order of what comes in does not matter', (t) => {
  const input = cases['ports go by name, and pods may differ in where they listen'];
  if (input === undefined) return t.fail();
  fc.assert(
    fc.property(fc.shuffledSubarray([...input.slices], { minLength: input.slices.length }), (slices) => {
      t.deepEqual(text({ ...input, slices }), input.expected);
    }),
  );
});

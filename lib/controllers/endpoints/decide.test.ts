import test from 'ava';
import fc from 'fast-check';
import { PORTS_ANNOTATION } from '../../api/annotations.ts';
import { toRfc3339 } from '../../base/clock.ts';
import type { EndpointSlice, Endpoints, Pod, Service } from '../../schema/types.gen.ts';
import { tries } from '../../testing/thoroughness.ts';
import { decideEndpoints, type EndpointsAction } from './decide.ts';

const service = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'svc', labels: { team: 'shop' } },
  spec: {
    selector: { app: 'web' },
    ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
    ...spec,
  },
});

type PodIs = {
  readonly ip?: string | null;
  readonly ready?: boolean;
  readonly going?: boolean;
  readonly phase?: string;
  readonly realPorts?: string;
  readonly named?: number;
};
const pod = (name: string, is: PodIs = {}): Pod => {
  const {
    ip = `10.0.0.${name.length}`,
    ready = true,
    going = false,
    phase = 'Running',
    realPorts,
    named,
  } = is;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      ...(going && { deletionTimestamp: toRfc3339(0) }),
      ...(realPorts !== undefined && { annotations: { [PORTS_ANNOTATION]: realPorts } }),
    },
    spec: {
      nodeName: 'node-1',
      containers: [
        { name: 'c', ...(named !== undefined && { ports: [{ name: 'web', containerPort: named }] }) },
      ],
    },
    status: {
      phase,
      ...(ip !== null && { podIP: ip }),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
};

type Kept = { readonly slices: readonly EndpointSlice[]; readonly endpoints: Endpoints | undefined };
const nothing: Kept = { slices: [], endpoints: undefined };

/** What is there once the actions are carried out; new slices get names in order. */
function carryOut(kept: Kept, actions: readonly EndpointsAction[]): Kept {
  let { slices, endpoints } = kept;
  let made = slices.length;
  for (const { do: what, object } of actions) {
    if (object.kind === 'Endpoints') {
      endpoints = object as Endpoints;
      continue;
    }
    const slice = object as EndpointSlice;
    if (what === 'create') {
      made += 1;
      slices = [
        ...slices,
        { ...slice, metadata: { ...slice.metadata, name: `web-${String(made).padStart(3, '0')}` } },
      ];
    } else {
      const others = slices.filter(({ metadata }) => metadata.name !== slice.metadata.name);
      slices = what === 'update' ? [...others, slice] : others;
    }
  }
  return { slices, endpoints };
}
const decided = (of: Service, pods: readonly Pod[], kept = nothing): Kept =>
  carryOut(kept, decideEndpoints({ service: of, pods, ...kept }));

/** `name ready/serving/terminating` of every endpoint, with the ports of its slice. */
const shown = ({ slices }: Kept): readonly string[] =>
  slices.flatMap(({ endpoints = [], ports = [] }) =>
    endpoints.map(({ targetRef, conditions }) => {
      const { ready, serving, terminating } = conditions ?? {};
      const flags = [ready && 'ready', serving && 'serving', terminating && 'terminating']
        .filter(Boolean)
        .join(' ');
      return `${targetRef?.name} ${flags} ${ports.map(({ port }) => port).join()}`;
    }),
  );

const rows = [
  { title: 'a ready pod', pods: [pod('a')], expected: ['a ready serving 8080'] },
  { title: 'a pod that is not ready', pods: [pod('a', { ready: false })], expected: ['a  8080'] },
  {
    title: 'a pod that is not ready, published all the same',
    service: service({ publishNotReadyAddresses: true }),
    pods: [pod('a', { ready: false })],
    expected: ['a ready 8080'],
  },
  {
    title: 'a ready pod on its way out',
    pods: [pod('a', { going: true })],
    expected: ['a serving terminating 8080'],
  },
  {
    title: 'pods without an address, or that ended: none',
    pods: [pod('a', { ip: null }), pod('b', { phase: 'Failed' })],
    expected: [],
  },
  {
    title: 'a named port is looked up in each pod: one slice for each',
    service: service({ ports: [{ port: 80, targetPort: 'web' }] }),
    pods: [pod('a', { named: 3000 }), pod('bb', { named: 4000 }), pod('ccc')],
    expected: ['ccc ready serving ', 'a ready serving 3000', 'bb ready serving 4000'],
  },
  {
    title: 'real ports: one slice for each',
    pods: [pod('a', { realPorts: '{"8080":41001}' }), pod('bb', { realPorts: '{"8080":41002,"9090":1}' })],
    expected: ['a ready serving 41001', 'bb ready serving 41002'],
  },
  {
    title: 'real ports that cannot be read are none',
    pods: [pod('a', { realPorts: '{"8080":' }), pod('bb', { realPorts: '{"8080":"x","__proto__":{}}' })],
    expected: ['a ready serving 8080', 'bb ready serving 8080'],
  },
  {
    title: 'without a selector nothing is ours',
    service: service({ selector: {} }),
    pods: [pod('a')],
    expected: [],
  },
];
for (const { title, service: of = service(), pods, expected } of rows) {
  test(`endpoints: ${title}`, (t) => {
    t.deepEqual(shown(decided(of, pods)).toSorted(), [...expected].toSorted());
  });
}

test('the Endpoints object shows ready and not ready addresses, and none on their way out', (t) => {
  const { endpoints } = decided(service(), [
    pod('a'),
    pod('bb', { ready: false }),
    pod('ccc', { going: true }),
  ]);
  const [subset, ...others] = endpoints?.subsets ?? [];
  t.deepEqual(others, []);
  t.deepEqual(
    subset?.addresses?.map(({ ip }) => ip),
    ['10.0.0.1'],
  );
  t.deepEqual(
    subset?.notReadyAddresses?.map(({ ip }) => ip),
    ['10.0.0.2'],
  );
  t.deepEqual(subset?.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
});

test('more than a thousand addresses: the ready ones first, and it says that some were left out', (t) => {
  const pods = Array.from({ length: 1_200 }, (_, at) =>
    pod(`p${at}`, { ip: `10.1.${at >> 8}.${at & 255}`, ready: at % 2 === 0 }),
  );
  const { endpoints, slices } = decided(service(), pods);
  t.is(endpoints?.subsets?.[0]?.addresses?.length, 600);
  t.is(endpoints?.subsets?.[0]?.notReadyAddresses?.length, 400);
  t.is(endpoints?.metadata.annotations?.['endpoints.kubernetes.io/over-capacity'], 'truncated');
  t.deepEqual(
    slices.map((slice) => slice.endpoints?.length),
    Array(12).fill(100),
  );
});

const several = fc.uniqueArray(fc.nat(400), { maxLength: 260 });
test('property: after any change of pods the slices show each once, none holds too many, and then nothing is written', (t) => {
  fc.assert(
    fc.property(several, several, (before, after) => {
      const pods = (ids: readonly number[]): readonly Pod[] =>
        ids.map((id) =>
          pod(`p${id}`, { ip: `10.1.${id >> 8}.${id & 255}`, realPorts: `{"8080":${9000 + (id % 2)}}` }),
        );
      const first = decided(service(), pods(before));
      const second = decided(service(), pods(after), first);
      const names = second.slices.flatMap(({ endpoints = [] }) =>
        endpoints.map(({ targetRef }) => targetRef?.name),
      );
      const full = second.slices.every(
        ({ endpoints = [] }) => endpoints.length >= 1 && endpoints.length <= 100,
      );
      const quiet =
        decideEndpoints({ service: service(), pods: pods(after).toReversed(), ...second }).length === 0;
      return full && quiet && names.length === after.length && new Set(names).size === after.length;
    }),
    { numRuns: tries(60) },
  );
  t.pass();
});

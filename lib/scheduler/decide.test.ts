import test from 'ava';
import type { Node, Pod } from '../schema/types.gen.ts';
import { decideScheduling } from './decide.ts';

const node = (
  name: string,
  is: Partial<Node['spec']> & {
    readonly cpu?: string;
    readonly pods?: string;
    readonly labels?: Readonly<Record<string, string>>;
  } = {},
): Node => {
  const { cpu = '4', pods = '110', labels = {}, ...spec } = is;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec,
    status: { allocatable: { cpu, memory: '8Gi', pods } },
  };
};
const pod = (
  name: string,
  is: Partial<Pod['spec']> & {
    readonly cpu?: string;
    readonly hostPort?: number;
    readonly created?: string;
  } = {},
): Pod => {
  const { cpu, hostPort, created = '2026-01-01T00:00:00Z', ...spec } = is;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, creationTimestamp: created },
    spec: {
      containers: [
        {
          name: 'c',
          ...(cpu !== undefined && { resources: { requests: { cpu } } }),
          ...(hostPort !== undefined && { ports: [{ containerPort: 80, hostPort }] }),
        },
      ],
      ...spec,
    },
  };
};

/** What preemption says where nobody is of lower priority; of `final` nodes it knows that it would not help. */
const notHelped = (nodes: number, final = 0): string =>
  `preemption: 0/${nodes} nodes are available: ${[
    ...(nodes > final ? [`${nodes - final} No preemption victims found for incoming pod`] : []),
    ...(final > 0 ? [`${final} Preemption is not helpful for scheduling`] : []),
  ].join(', ')}.`;

type Row = {
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly assigned?: readonly { readonly pod: Pod; readonly nodeName: string }[];
  readonly pending: readonly Pod[];
  /** `pod node`, or `pod: why not`. */
  readonly expected: readonly string[];
};
const rows: readonly Row[] = [
  { title: 'no node', nodes: [], pending: [pod('a')], expected: ['a: no nodes available to schedule pods'] },
  { title: 'one node with room', nodes: [node('n')], pending: [pod('a', { cpu: '4' })], expected: ['a n'] },
  {
    title: 'too much is asked for',
    nodes: [node('n')],
    pending: [pod('a', { cpu: '4100m' })],
    expected: [`a: 0/1 nodes are available: 1 Insufficient cpu. ${notHelped(1, 1)}`],
  },
  {
    title: 'what others took counts, and so do those of the same pass',
    nodes: [node('n')],
    assigned: [{ pod: pod('x', { cpu: '2' }), nodeName: 'n' }],
    pending: [pod('a', { cpu: '1500m' }), pod('b', { cpu: '1' })],
    expected: ['a n', `b: 0/1 nodes are available: 1 Insufficient cpu. ${notHelped(1)}`],
  },
  {
    title: 'higher priority first, then older',
    nodes: [node('n', { pods: '2' })],
    pending: [
      pod('young', { created: '2026-01-02T00:00:00Z' }),
      pod('old'),
      pod('urgent', { priority: 10, created: '2026-01-03T00:00:00Z' }),
    ],
    expected: ['urgent n', 'old n', `young: 0/1 nodes are available: 1 Too many pods. ${notHelped(1)}`],
  },
  {
    title: 'reasons are counted over the nodes',
    nodes: [
      node('n1', { unschedulable: true }),
      node('n2', { taints: [{ key: 'gpu', value: 'only', effect: 'NoSchedule' }] }),
      node('n3', { cpu: '1' }),
      node('n4', { cpu: '1' }),
    ],
    pending: [pod('a', { cpu: '2' })],
    expected: [
      `a: 0/4 nodes are available: 1 node(s) had untolerated taint {gpu: only}, 1 node(s) were unschedulable, 2 Insufficient cpu. ${notHelped(4, 4)}`,
    ],
  },
  {
    title: 'tolerated taints do not matter',
    nodes: [node('n', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] })],
    pending: [pod('a', { tolerations: [{ operator: 'Exists' }] })],
    expected: ['a n'],
  },
  {
    title: 'the node selector chooses',
    nodes: [node('n1'), node('n2', { labels: { disk: 'ssd' } })],
    pending: [pod('a', { nodeSelector: { disk: 'ssd' } }), pod('b', { nodeSelector: { disk: 'tape' } })],
    expected: [
      'a n2',
      `b: 0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${notHelped(2, 2)}`,
    ],
  },
  {
    title: 'a host port is one pod only, on each node',
    nodes: [node('n')],
    pending: [pod('a', { hostPort: 80 }), pod('b', { hostPort: 80 }), pod('c', { hostPort: 81 })],
    expected: [
      'a n',
      `b: 0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${notHelped(1)}`,
      'c n',
    ],
  },
  {
    title: 'the emptier node is chosen, and of equals the first by name',
    nodes: [node('n1'), node('n2')],
    pending: [pod('a', { cpu: '1' }), pod('b', { cpu: '1' }), pod('c', { cpu: '1' })],
    expected: ['a n1', 'b n2', 'c n1'],
  },
  {
    title: 'gates are waited for',
    nodes: [node('n')],
    pending: [pod('a', { schedulingGates: [{ name: 'review' }] })],
    expected: ['a: Scheduling is blocked due to non-empty scheduling gates'],
  },
];
for (const { title, nodes, assigned = [], pending, expected } of rows) {
  test(`scheduling: ${title}`, (t) => {
    const { bindings, unschedulable } = decideScheduling({ nodes, assigned, pending });
    const lines = [
      ...bindings.map(({ pod: each, nodeName }) => `${each.metadata.name} ${nodeName}`),
      ...unschedulable.map(({ pod: each, message }) => `${each.metadata.name}: ${message}`),
    ];
    t.deepEqual(lines.toSorted(), [...expected].toSorted());
  });
}

test('what a node says of its images may be nothing', (t) => {
  const odd = node('a');
  const images = [{ names: null, sizeBytes: 1 }];
  const status = JSON.parse(JSON.stringify({ ...odd.status, images }));
  const { bindings } = decideScheduling({ nodes: [{ ...odd, status }], assigned: [], pending: [pod('one')] });
  t.deepEqual(
    bindings.map(({ nodeName }) => nodeName),
    ['a'],
  );
});

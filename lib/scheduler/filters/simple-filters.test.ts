import test from 'ava';
import type { Node, Pod } from '../../schema/types.gen.ts';
import { explainPlacement } from '../../testing/explain-placement.ts';
import { testNode, testPod } from '../../testing/scheduled-objects.ts';

type Row = {
  readonly title: string;
  readonly node: Node;
  readonly others?: readonly Pod[];
  readonly pod: Pod;
  /** null: the node can take the pod. */
  readonly refused: readonly [filter: string, ...reasons: string[]] | null;
};

const CORDONED = ['NodeUnschedulable', 'node(s) were unschedulable'] as const;
const UNFIT = ['NodeAffinity', "node(s) didn't match Pod's node affinity/selector"] as const;
const PORT_TAKEN = ['NodePorts', "node(s) didn't have free ports for the requested pod ports"] as const;
const gpuTaint = { key: 'gpu', value: 'only', effect: 'NoSchedule' } as const;
const onNames = (...values: readonly string[]): Pod['spec']['affinity'] => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values }] }],
    },
  },
});
const port = (
  hostPort: number,
  more: { readonly hostIP?: string; readonly protocol?: string } = {},
): Pod['spec'] => ({
  containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort, ...more }] }],
});

const rows: readonly Row[] = [
  { title: 'nothing is asked for', node: testNode('n'), pod: testPod('p'), refused: null },
  {
    title: 'a cordoned node',
    node: testNode('n', { unschedulable: true }),
    pod: testPod('p'),
    refused: CORDONED,
  },
  {
    title: 'a cordoned node that the pod tolerates',
    node: testNode('n', { unschedulable: true }),
    pod: testPod('p', { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] }),
    refused: null,
  },
  {
    title: 'the node that the pod names',
    node: testNode('n'),
    pod: testPod('p', { nodeName: 'n' }),
    refused: null,
  },
  {
    title: 'a node that the pod does not name',
    node: testNode('n'),
    pod: testPod('p', { nodeName: 'm' }),
    refused: ['NodeName', "node(s) didn't match the requested node name"],
  },
  {
    title: 'a taint',
    node: testNode('n', { taints: [gpuTaint] }),
    pod: testPod('p'),
    refused: ['TaintToleration', 'node(s) had untolerated taint {gpu: only}'],
  },
  {
    title: 'of several taints the first that is not tolerated is told',
    node: testNode('n', { taints: [gpuTaint, { key: 'old', effect: 'NoExecute' }] }),
    pod: testPod('p', { tolerations: [{ key: 'gpu', operator: 'Exists' }] }),
    refused: ['TaintToleration', 'node(s) had untolerated taint {old: }'],
  },
  {
    title: 'a taint that only prefers others',
    node: testNode('n', { taints: [{ ...gpuTaint, effect: 'PreferNoSchedule' }] }),
    pod: testPod('p'),
    refused: null,
  },
  {
    title: 'a node selector that does not match',
    node: testNode('n', { labels: { disk: 'tape' } }),
    pod: testPod('p', { nodeSelector: { disk: 'ssd' } }),
    refused: UNFIT,
  },
  {
    title: 'a field that matches',
    node: testNode('n'),
    pod: testPod('p', { affinity: onNames('m', 'n') }),
    refused: null,
  },
  {
    title: 'a field that does not',
    node: testNode('n'),
    pod: testPod('p', { affinity: onNames('m') }),
    refused: UNFIT,
  },
  {
    title: 'a port that is taken',
    node: testNode('n'),
    others: [testPod('o', port(80))],
    pod: testPod('p', port(80)),
    refused: PORT_TAKEN,
  },
  {
    title: 'a port of another protocol',
    node: testNode('n'),
    others: [testPod('o', port(53))],
    pod: testPod('p', port(53, { protocol: 'UDP' })),
    refused: null,
  },
  {
    title: 'a port at another address',
    node: testNode('n'),
    others: [testPod('o', port(80, { hostIP: '127.0.0.1' }))],
    pod: testPod('p', port(80, { hostIP: '127.0.0.2' })),
    refused: null,
  },
  {
    title: 'a port at any address, taken at one',
    node: testNode('n'),
    others: [testPod('o', port(80, { hostIP: '127.0.0.1' }))],
    pod: testPod('p', port(80)),
    refused: PORT_TAKEN,
  },
  {
    title: 'all that is there',
    node: testNode('n'),
    pod: testPod('p', { cpu: '4', memory: '8Gi' }),
    refused: null,
  },
  {
    title: 'several things too much',
    node: testNode('n', { pods: '1' }),
    others: [testPod('o', { cpu: '1' })],
    pod: testPod('p', { cpu: '3500m', memory: '9Gi' }),
    refused: ['NodeResourcesFit', 'Insufficient cpu', 'Insufficient memory', 'Too many pods'],
  },
  {
    title: 'nothing asked for where more is taken than there is',
    node: testNode('n', { cpu: '1' }),
    others: [testPod('o', { cpu: '2' })],
    pod: testPod('p', { memory: '1Gi' }),
    refused: null,
  },
  {
    title: 'a resource that the node does not have',
    node: testNode('n'),
    pod: testPod('p', {
      containers: [
        { name: 'c', resources: { limits: { 'x.com/gpu': '1' }, requests: { 'x.com/gpu': '1' } } },
      ],
    }),
    refused: ['NodeResourcesFit', 'Insufficient x.com/gpu'],
  },
  {
    title: 'a resource of its own that is left',
    node: testNode('n', { extended: { 'x.com/gpu': '1' } }),
    pod: testPod('p', { containers: [{ name: 'c', resources: { requests: { 'x.com/gpu': '1' } } }] }),
    refused: null,
  },
  {
    title: 'the overhead counts',
    node: testNode('n'),
    pod: testPod('p', { cpu: '3900m', overhead: { cpu: '200m' } }),
    refused: ['NodeResourcesFit', 'Insufficient cpu'],
  },
  {
    title: 'an init container that wants more than all others together',
    node: testNode('n'),
    pod: testPod('p', { cpu: '1', initContainers: [{ name: 'i', resources: { requests: { cpu: '5' } } }] }),
    refused: ['NodeResourcesFit', 'Insufficient cpu'],
  },
  {
    title: 'sidecars count beside the containers',
    node: testNode('n'),
    pod: testPod('p', {
      cpu: '3',
      initContainers: [{ name: 'i', restartPolicy: 'Always', resources: { requests: { cpu: '2' } } }],
    }),
    refused: ['NodeResourcesFit', 'Insufficient cpu'],
  },
];

for (const { title, node, others = [], pod, refused } of rows) {
  test(`filters: ${title}`, (t) => {
    const assigned = others.map((each) => ({ pod: each, nodeName: node.metadata.name }));
    const [verdict] = explainPlacement({ nodes: [node], assigned }, pod);
    const { filter, reasons } = verdict ?? { filter: 'none', reasons: [] };
    t.deepEqual(
      filter === null ? null : [filter, ...reasons.toSorted()],
      refused === null ? null : [...refused],
    );
  });
}

import test from 'ava';
import type { PodDisruptionBudget } from '../../api/disruption-budget.ts';
import type { Node, Pod } from '../../schema/types.gen.ts';
import { testNode, testPod } from '../../testing/scheduled-objects.ts';
import { decideScheduling } from '../decide.ts';

const budget = (name: string, app: string, disruptionsAllowed: number): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'default' },
  spec: { minAvailable: 1, selector: { matchLabels: { app } } },
  status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
});
const running = (name: string, priority: number, is: Parameters<typeof testPod>[1] = {}): Pod =>
  testPod(name, { cpu: '2', priority, status: { startTime: '2026-01-01T00:00:00Z' }, ...is });
const started = (hour: number) => ({ startTime: `2026-01-01T0${hour}:00:00Z` });

type Row = {
  readonly title: string;
  readonly nodes?: readonly Node[];
  /** By the node they are on. */
  readonly others: readonly (readonly [nodeName: string, pod: Pod])[];
  readonly budgets?: readonly PodDisruptionBudget[];
  readonly pod: Pod;
  /** Node and victims, or what is said. */
  readonly does: string;
};

const high = testPod('high', { cpu: '4', priority: 100 });
const two = [testNode('a'), testNode('b')];

const rows: readonly Row[] = [
  {
    title: 'pods of lower priority make room, the most important first',
    others: [
      ['a', running('x', 1)],
      ['a', running('y', 2)],
    ],
    pod: high,
    does: 'a: y x',
  },
  {
    title: 'no more of them than has to be: the least important goes',
    others: [
      ['a', running('x', 1)],
      ['a', running('y', 2)],
    ],
    pod: testPod('high', { cpu: '2', priority: 100 }),
    does: 'a: x',
  },
  {
    title: 'of equals the one that started last goes',
    others: [
      ['a', running('x', 1, { status: started(1) })],
      ['a', running('y', 1, { status: started(2) })],
    ],
    pod: testPod('high', { cpu: '2', priority: 100 }),
    does: 'a: y',
  },
  {
    title: 'equal priority is left alone',
    others: [['a', running('x', 100, { cpu: '4' })]],
    pod: high,
    does: '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  },
  {
    title: 'who would not fit though all went lets them be',
    others: [
      ['a', running('x', 1)],
      ['a', running('y', 200)],
    ],
    pod: high,
    does: '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient cpu.',
  },
  {
    title: 'a pod that never preempts',
    others: [['a', running('x', 1, { cpu: '4' })]],
    pod: testPod('high', { cpu: '4', priority: 100, preemptionPolicy: 'Never' }),
    does: '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
  },
  {
    title: 'a node that others cannot make fit',
    nodes: [testNode('a', { unschedulable: true })],
    others: [['a', running('x', 1)]],
    pod: high,
    does: '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  },
  {
    title: 'the node whose budgets are not overdrawn, though its pod is more important',
    nodes: two,
    others: [
      ['a', running('x', 1, { cpu: '4', labels: { app: 'x' } })],
      ['b', running('y', 2, { cpu: '4', labels: { app: 'y' } })],
    ],
    budgets: [budget('x', 'x', 0), budget('y', 'y', 1)],
    pod: high,
    does: 'b: y',
  },
  {
    title: 'a budget is overdrawn where nothing else helps',
    others: [['a', running('x', 1, { cpu: '4', labels: { app: 'x' } })]],
    budgets: [budget('x', 'x', 0)],
    pod: high,
    does: 'a: x',
  },
  {
    title: 'on one node the pod of a budget is spared first',
    others: [
      ['a', running('x', 1, { labels: { app: 'x' } })],
      ['a', running('y', 2, { labels: { app: 'y' } })],
    ],
    budgets: [budget('x', 'x', 0)],
    pod: testPod('high', { cpu: '2', priority: 100 }),
    does: 'a: y',
  },
  {
    title: 'the node with the least important of the most important victims',
    nodes: two,
    others: [
      ['a', running('x', 3, { cpu: '4' })],
      ['b', running('y', 2)],
      ['b', running('z', 2)],
    ],
    pod: high,
    does: 'b: y z',
  },
  {
    title: 'then the smallest sum: fewer victims',
    nodes: two,
    others: [
      ['a', running('x', 2)],
      ['a', running('y', 2)],
      ['b', running('z', 2, { cpu: '4' })],
    ],
    pod: high,
    does: 'b: z',
  },
  {
    title: 'fewer victims though their priorities are below zero',
    nodes: two,
    others: [
      ['a', running('x', -5)],
      ['a', running('y', -5)],
      ['b', running('z', -5, { cpu: '4' })],
    ],
    pod: high,
    does: 'b: z',
  },
  {
    title: 'then the victims that started last',
    nodes: two,
    others: [
      ['a', running('x', 2, { cpu: '4', status: started(1) })],
      ['b', running('y', 2, { cpu: '4', status: started(2) })],
    ],
    pod: high,
    does: 'b: y',
  },
  {
    title: 'of equals the first by name',
    nodes: two,
    others: [
      ['b', running('y', 2, { cpu: '4' })],
      ['a', running('x', 2, { cpu: '4' })],
    ],
    pod: high,
    does: 'a: x',
  },
  {
    title: 'a port is a reason, too',
    others: [['a', testPod('x', { hostPort: 80 })]],
    pod: testPod('high', { hostPort: 80, priority: 1 }),
    does: 'a: x',
  },
  {
    title: 'and so is being kept away',
    others: [['a', testPod('x', { labels: { app: 'web' } })]],
    pod: testPod('high', {
      priority: 1,
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
          ],
        },
      },
    }),
    does: 'a: x',
  },
  {
    title: 'room that is being made is waited for',
    others: [
      [
        'a',
        running('x', 1, {
          cpu: '4',
          deleting: true,
          status: {
            conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }],
          },
        }),
      ],
    ],
    pod: testPod('high', { cpu: '4', priority: 100, status: { nominatedNodeName: 'a' } }),
    does: '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node.',
  },
];

for (const { title, nodes = [testNode('a')], others, budgets = [], pod, does } of rows) {
  test(`preemption: ${title}`, (t) => {
    const assigned = others.map(([nodeName, each]) => ({ nodeName, pod: each }));
    const { unschedulable } = decideScheduling({ nodes, assigned, budgets, pending: [pod] });
    const [found] = unschedulable;
    const { preemption = null, message } = found ?? {};
    const names = preemption?.victims.map(({ metadata }) => metadata.name).join(' ');
    t.is(preemption === null ? message : `${preemption.nodeName}: ${names}`, does);
  });
}

test('preemption: room that is kept for a nominated pod is no room for a less important one', (t) => {
  const { bindings, unschedulable } = decideScheduling({
    nodes: [testNode('a')],
    assigned: [],
    pending: [testPod('low', { cpu: '2', priority: 1 }), testPod('other', { cpu: '1', priority: 200 })],
    // It waits for its turn elsewhere.
    nominated: [{ pod: testPod('high', { cpu: '3', priority: 100 }), nodeName: 'a' }],
  });
  t.deepEqual(
    bindings.map(({ pod }) => pod.metadata.name),
    ['other'],
  );
  t.is(unschedulable.length, 1);
});

test('preemption: a more important pod takes the node from one that was nominated', (t) => {
  const { unschedulable } = decideScheduling({
    nodes: [testNode('a')],
    assigned: [{ pod: running('x', 1, { cpu: '4' }), nodeName: 'a' }],
    pending: [testPod('first', { cpu: '4', priority: 300 })],
    nominated: [{ pod: testPod('high', { cpu: '3', priority: 100 }), nodeName: 'a' }],
  });
  t.deepEqual(
    unschedulable[0]?.preemption?.displaced.map(({ metadata }) => metadata.name),
    ['high'],
  );
});

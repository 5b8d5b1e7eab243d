import test from 'ava';
import type { Node, Pod } from '../../schema/types.gen.ts';
import { testNode, testPod } from '../../testing/scheduled-objects.ts';
import { type ClusterObjects, clusterOf } from '../cluster-of.ts';
import { podFacts } from '../facts/pod-facts.ts';
import { imageLocalityScore } from './image-locality.ts';
import { interPodAffinityScore } from './inter-pod-affinity.ts';
import { nodeAffinityScore } from './node-affinity.ts';
import { nodeResourcesBalancedScore } from './node-resources-balanced.ts';
import { nodeResourcesFitScore } from './node-resources-fit.ts';
import { podTopologySpreadScore } from './pod-topology-spread.ts';
import type { Score } from './score.ts';
import { taintTolerationScore } from './taint-toleration.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const web = { app: 'web' };
const soft = (...keys: readonly string[]) =>
  keys.map((key) => ({ key, effect: 'PreferNoSchedule' }) as const);
const preferring = (weight: number, key: string) => ({
  weight,
  preference: { matchExpressions: [{ key, operator: 'Exists' }] },
});
const near = (weight: number, topologyKey = HOST) => ({
  weight,
  podAffinityTerm: { topologyKey, labelSelector: { matchLabels: web } },
});

type Row = {
  readonly title: string;
  readonly score: Score;
  readonly nodes: readonly Node[];
  readonly others?: readonly (readonly [nodeName: string, pod: Pod])[];
  readonly pod: Pod;
  readonly groupOf?: ClusterObjects['groupOf'];
  /** In the order of the nodes; null: it does not matter. */
  readonly gives: readonly number[] | null;
};

const rows: readonly Row[] = [
  {
    title: 'taints: the more, the worse',
    score: taintTolerationScore,
    nodes: [testNode('a', { taints: soft('x', 'y') }), testNode('b', { taints: soft('x') }), testNode('c')],
    pod: testPod('p'),
    gives: [0, 50, 100],
  },
  {
    title: 'taints: those tolerated do not count',
    score: taintTolerationScore,
    nodes: [testNode('a', { taints: soft('x', 'y') }), testNode('b', { taints: soft('z') })],
    pod: testPod('p', { tolerations: [{ key: 'x', operator: 'Exists', effect: 'PreferNoSchedule' }] }),
    gives: [0, 0],
  },
  {
    title: 'taints: a toleration of another effect is none',
    score: taintTolerationScore,
    nodes: [testNode('a', { taints: soft('x') }), testNode('b')],
    pod: testPod('p', { tolerations: [{ key: 'x', operator: 'Exists', effect: 'NoSchedule' }] }),
    gives: [0, 100],
  },
  {
    title: 'taints: there are none',
    score: taintTolerationScore,
    nodes: [testNode('a')],
    pod: testPod('p'),
    gives: null,
  },
  {
    title: 'node affinity: weights add up, the most is 100',
    score: nodeAffinityScore,
    nodes: [
      testNode('a', { labels: { disk: '1', gpu: '1' } }),
      testNode('b', { labels: { disk: '1' } }),
      testNode('c'),
    ],
    pod: testPod('p', {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [preferring(2, 'disk'), preferring(4, 'gpu')],
        },
      },
    }),
    gives: [100, 33, 0],
  },
  {
    title: 'fit: the emptier the better, with what is assumed for pods that ask for nothing',
    score: nodeResourcesFitScore,
    nodes: [testNode('a'), testNode('b')],
    others: [['a', testPod('o', { cpu: '1900m', memory: '3896Mi' })]],
    pod: testPod('p'),
    gives: [Math.trunc((50 + 50) / 2), Math.trunc((97 + 97) / 2)],
  },
  {
    title: 'fit: each container without a request counts',
    score: nodeResourcesFitScore,
    nodes: [testNode('a', { cpu: '1', memory: '1000Mi' })],
    pod: testPod('p', { containers: [{ name: 'c' }, { name: 'd' }] }),
    gives: [Math.trunc((80 + 60) / 2)],
  },
  {
    title: 'balance: shares alike come first',
    score: nodeResourcesBalancedScore,
    nodes: [testNode('a'), testNode('b')],
    others: [['a', testPod('o', { cpu: '2' })]],
    pod: testPod('p', { cpu: '1', memory: '2Gi' }),
    gives: [75, 100],
  },
  {
    title: 'balance: a pod that asks for nothing does not care',
    score: nodeResourcesBalancedScore,
    nodes: [testNode('a')],
    pod: testPod('p'),
    gives: null,
  },
  {
    title: 'images: half of the nodes have it',
    score: imageLocalityScore,
    nodes: [testNode('a', { images: { 'web:latest': 523 } }), testNode('b')],
    pod: testPod('p', { image: 'web' }),
    gives: [Math.trunc((100 * (523 / 2 - 23)) / (1000 - 23)), 0],
  },
  {
    title: 'images: nobody has it',
    score: imageLocalityScore,
    nodes: [testNode('a', { images: { other: 500 } })],
    pod: testPod('p', { image: 'web' }),
    gives: null,
  },
  {
    title: 'pod affinity: near those the pod prefers',
    score: interPodAffinityScore,
    nodes: [testNode('a'), testNode('b'), testNode('c')],
    others: [
      ['a', testPod('o1', { labels: web })],
      ['a', testPod('o2', { labels: web })],
      ['b', testPod('o3', { labels: web })],
    ],
    pod: testPod('p', {
      affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [near(5)] } },
    }),
    gives: [100, 50, 0],
  },
  {
    title: 'pod affinity: far from those the pod would rather avoid',
    score: interPodAffinityScore,
    nodes: [testNode('a'), testNode('b')],
    others: [['a', testPod('o1', { labels: web })]],
    pod: testPod('p', {
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [near(5)] } },
    }),
    gives: [0, 100],
  },
  {
    title: 'pod affinity: near those that prefer the pod, and those that need it a little',
    score: interPodAffinityScore,
    nodes: [testNode('a'), testNode('b'), testNode('c')],
    others: [
      [
        'a',
        testPod('o1', {
          affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [near(4)] } },
        }),
      ],
      [
        'b',
        testPod('o2', {
          affinity: {
            podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near(0).podAffinityTerm] },
          },
        }),
      ],
    ],
    pod: testPod('p', { labels: web }),
    gives: [100, 25, 0],
  },
  {
    title: 'spread: the zone with fewer pods',
    score: podTopologySpreadScore,
    nodes: [
      testNode('a', { labels: { [ZONE]: 'one' } }),
      testNode('b', { labels: { [ZONE]: 'two' } }),
      testNode('c'),
    ],
    others: [
      ['a', testPod('o1', { labels: web })],
      ['a', testPod('o2', { labels: web })],
    ],
    pod: testPod('p', {
      labels: web,
      topologySpreadConstraints: [
        {
          ...{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway' },
          labelSelector: { matchLabels: web },
        },
      ],
    }),
    // Two pods times log(4) is 3; a node without the label gets nothing.
    gives: [0, 100, 0],
  },
  {
    title: 'spread: pods of one Service, by default over hosts and zones',
    score: podTopologySpreadScore,
    nodes: [testNode('a'), testNode('b')],
    others: [
      ['a', testPod('o1', { labels: web })],
      ['a', testPod('o2', { labels: web })],
    ],
    pod: testPod('p', { labels: web }),
    groupOf: () => [{ key: 'app', operator: '=', values: ['web'] }],
    // 2 * log(4) + 2 and 2: 5 and 2.
    gives: [Math.trunc((100 * 2) / 5), 100],
  },
  {
    title: 'spread: a pod on its own',
    score: podTopologySpreadScore,
    nodes: [testNode('a')],
    pod: testPod('p', { labels: web }),
    gives: null,
  },
];

for (const { title, score, nodes, others = [], pod, groupOf, gives } of rows) {
  test(`scores: ${title}`, (t) => {
    const assigned = others.map(([nodeName, each]) => ({ nodeName, pod: each }));
    const state = clusterOf({ nodes, assigned, ...(groupOf && { groupOf }) });
    const loads = nodes.flatMap(({ metadata }) => state.slot(metadata.name)?.load ?? []);
    t.deepEqual(score.of(podFacts(pod), loads, state), gives);
  });
}

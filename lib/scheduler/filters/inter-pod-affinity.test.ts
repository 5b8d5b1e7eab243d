import test from 'ava';
import type { Namespace, Pod, PodAffinityTerm } from '../../schema/types.gen.ts';
import { explainPlacement } from '../../testing/explain-placement.ts';
import { testNode, testPod } from '../../testing/scheduled-objects.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
/** a and b in one zone, c in another, d in none. */
const nodes = [
  testNode('a', { labels: { [ZONE]: 'one' } }),
  testNode('b', { labels: { [ZONE]: 'one' } }),
  testNode('c', { labels: { [ZONE]: 'two' } }),
  testNode('d'),
];
const term = (
  matchLabels: Readonly<Record<string, string>>,
  topologyKey: string,
  more: Partial<PodAffinityTerm> = {},
): PodAffinityTerm => ({ labelSelector: { matchLabels }, topologyKey, ...more });
const near = (...terms: readonly PodAffinityTerm[]): Pod['spec']['affinity'] => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const away = (...terms: readonly PodAffinityTerm[]): Pod['spec']['affinity'] => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const namespace = (name: string, labels: Readonly<Record<string, string>>): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
  spec: {},
});
const web = { app: 'web' };

type Row = {
  readonly title: string;
  /** By the node they are on. */
  readonly others?: readonly (readonly [nodeName: string, pod: Pod])[];
  readonly pod: Pod;
  /** The nodes that can take it. */
  readonly can: string;
};

const rows: readonly Row[] = [
  {
    title: 'near a pod: its zone',
    others: [['a', testPod('o', { labels: web })]],
    pod: testPod('p', { affinity: near(term(web, ZONE)) }),
    can: 'ab',
  },
  {
    title: 'near a pod that is not there',
    pod: testPod('p', { affinity: near(term(web, ZONE)) }),
    can: '',
  },
  {
    title: 'the first of a group that wants itself goes anywhere with the label',
    pod: testPod('p', { labels: web, affinity: near(term(web, ZONE)) }),
    can: 'abc',
  },
  {
    title: 'the second does not',
    others: [['c', testPod('o', { labels: web })]],
    pod: testPod('p', { labels: web, affinity: near(term(web, ZONE)) }),
    can: 'c',
  },
  {
    title: 'one pod has to match all terms',
    others: [
      ['a', testPod('o1', { labels: { app: 'web' } })],
      ['c', testPod('o2', { labels: { app: 'web', tier: 'front' } })],
    ],
    pod: testPod('p', { affinity: near(term(web, ZONE), term({ tier: 'front' }, HOST)) }),
    can: 'c',
  },
  {
    title: 'away from a pod: not its node',
    others: [['a', testPod('o', { labels: web })]],
    pod: testPod('p', { affinity: away(term(web, HOST)) }),
    can: 'bcd',
  },
  {
    title: 'away from a pod: not its zone; a node of no zone is in none',
    others: [['a', testPod('o', { labels: web })]],
    pod: testPod('p', { affinity: away(term(web, ZONE)) }),
    can: 'cd',
  },
  {
    title: 'a pod there wants to be away from this one',
    others: [['a', testPod('o', { affinity: away(term(web, ZONE)) })]],
    pod: testPod('p', { labels: web }),
    can: 'cd',
  },
  {
    title: 'pods of another namespace do not count',
    others: [['a', testPod('o', { labels: web, namespace: 'shop' })]],
    pod: testPod('p', { affinity: away(term(web, HOST)) }),
    can: 'abcd',
  },
  {
    title: 'unless it is named',
    others: [['a', testPod('o', { labels: web, namespace: 'shop' })]],
    pod: testPod('p', { affinity: away(term(web, HOST, { namespaces: ['shop'] })) }),
    can: 'bcd',
  },
  {
    title: 'or its labels are',
    others: [
      ['a', testPod('o', { labels: web, namespace: 'shop' })],
      ['b', testPod('q', { labels: web, namespace: 'office' })],
    ],
    pod: testPod('p', {
      affinity: away(term(web, HOST, { namespaceSelector: { matchLabels: { kind: 'shop' } } })),
    }),
    can: 'bcd',
  },
  {
    title: 'an empty namespace selector is all of them',
    others: [['a', testPod('o', { labels: web, namespace: 'shop' })]],
    pod: testPod('p', { affinity: away(term(web, HOST, { namespaceSelector: {} })) }),
    can: 'bcd',
  },
  {
    title: 'no label selector is nobody',
    others: [['a', testPod('o', { labels: web })]],
    pod: testPod('p', { affinity: away({ topologyKey: HOST }) }),
    can: 'abcd',
  },
  {
    title: 'only pods of the same revision',
    others: [
      ['a', testPod('o', { labels: { app: 'web', hash: 'old' } })],
      ['b', testPod('q', { labels: { app: 'web', hash: 'new' } })],
    ],
    pod: testPod('p', {
      labels: { app: 'web', hash: 'new' },
      affinity: away(term(web, HOST, { matchLabelKeys: ['hash'] })),
    }),
    can: 'acd',
  },
  {
    title: 'only pods of other tenants',
    others: [
      ['a', testPod('o', { labels: { tenant: 'mine' } })],
      ['b', testPod('q', { labels: { tenant: 'theirs' } })],
    ],
    pod: testPod('p', {
      labels: { tenant: 'mine' },
      affinity: away({
        labelSelector: { matchExpressions: [{ key: 'tenant', operator: 'Exists' }] },
        mismatchLabelKeys: ['tenant'],
        topologyKey: HOST,
      }),
    }),
    can: 'acd',
  },
];

for (const { title, others = [], pod, can } of rows) {
  test(`pod affinity: ${title}`, (t) => {
    const assigned = others.map(([nodeName, each]) => ({ nodeName, pod: each }));
    const namespaces = [namespace('shop', { kind: 'shop' }), namespace('office', {})];
    const verdicts = explainPlacement({ nodes, assigned, namespaces }, pod);
    const able = verdicts.filter(({ filter }) => filter === null).map(({ nodeName }) => nodeName);
    t.is(able.toSorted().join(''), can);
  });
}

test('pod affinity: each side has its reason', (t) => {
  const reasonAt = (pod: Pod, other: Pod): string =>
    explainPlacement({ nodes: nodes.slice(0, 1), assigned: [{ pod: other, nodeName: 'a' }] }, pod)
      .flatMap(({ reasons }) => reasons)
      .join();
  t.is(
    reasonAt(testPod('p', { affinity: near(term({ app: 'db' }, ZONE)) }), testPod('o')),
    "node(s) didn't match pod affinity rules",
  );
  t.is(
    reasonAt(testPod('p', { affinity: away(term(web, ZONE)) }), testPod('o', { labels: web })),
    "node(s) didn't match pod anti-affinity rules",
  );
  t.is(
    reasonAt(testPod('p', { labels: web }), testPod('o', { affinity: away(term(web, ZONE)) })),
    "node(s) didn't satisfy existing pods anti-affinity rules",
  );
});

import test from 'ava';
import type { Pod, TopologySpreadConstraint } from '../../schema/types.gen.ts';
import { explainPlacement } from '../../testing/explain-placement.ts';
import { testNode, testPod } from '../../testing/scheduled-objects.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
/** a and b in one zone, c in another, d in a third that is tainted, e in none. */
const nodes = [
  testNode('a', { labels: { [ZONE]: 'one', disk: 'ssd' } }),
  testNode('b', { labels: { [ZONE]: 'one' } }),
  testNode('c', { labels: { [ZONE]: 'two', disk: 'ssd' } }),
  testNode('d', { labels: { [ZONE]: 'three' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
  testNode('e'),
];
const web = { app: 'web' };
const spread = (more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  ...{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule' },
  labelSelector: { matchLabels: web },
  ...more,
});
const webPod = (is: Parameters<typeof testPod>[1] = {}): Pod => testPod('p', { labels: web, ...is });

type Row = {
  readonly title: string;
  /** The node of each web pod there is. */
  readonly others?: string;
  readonly going?: string;
  readonly pod: Pod;
  readonly can: string;
};

const rows: readonly Row[] = [
  {
    title: 'the first goes anywhere with the label that it tolerates',
    pod: webPod({ topologySpreadConstraints: [spread()] }),
    can: 'abc',
  },
  {
    title: 'a zone that is one ahead of an empty one takes none, though the empty one is tainted',
    others: 'a',
    pod: webPod({ topologySpreadConstraints: [spread()] }),
    can: 'c',
  },
  {
    title: 'where taints are honoured the tainted zone does not count',
    others: 'ac',
    pod: webPod({ topologySpreadConstraints: [spread({ nodeTaintsPolicy: 'Honor' })] }),
    can: 'abc',
  },
  {
    title: 'and where they are ignored it does',
    others: 'ac',
    pod: webPod({ topologySpreadConstraints: [spread()] }),
    can: '',
  },
  {
    title: 'zones that the selector leaves out do not count',
    others: 'ac',
    pod: webPod({ nodeSelector: { disk: 'ssd' }, topologySpreadConstraints: [spread()] }),
    can: 'ac',
  },
  {
    title: 'unless affinity is ignored',
    others: 'ac',
    pod: webPod({
      nodeSelector: { disk: 'ssd' },
      topologySpreadConstraints: [spread({ nodeAffinityPolicy: 'Ignore' })],
    }),
    can: '',
  },
  {
    title: 'a larger skew',
    others: 'aab',
    pod: webPod({ topologySpreadConstraints: [spread({ maxSkew: 4 })] }),
    can: 'abc',
  },
  {
    title: 'fewer domains than there have to be count as one that is empty',
    others: 'ac',
    pod: webPod({
      nodeSelector: { disk: 'ssd' },
      topologySpreadConstraints: [spread({ minDomains: 3 })],
    }),
    can: '',
  },
  {
    title: 'pods on their way out do not count',
    going: 'a',
    pod: webPod({ topologySpreadConstraints: [spread()] }),
    can: 'abc',
  },
  {
    title: 'a pod that does not match its own constraint makes nothing worse',
    others: 'a',
    pod: testPod('p', { topologySpreadConstraints: [spread()] }),
    can: 'abc',
  },
  {
    title: 'two constraints: nodes without one of the labels do not count',
    others: 'a',
    pod: webPod({
      tolerations: [{ operator: 'Exists' }],
      topologySpreadConstraints: [spread({ maxSkew: 2 }), spread({ topologyKey: HOST })],
    }),
    can: 'bcd',
  },
  {
    title: 'only pods of the same revision',
    others: 'a',
    pod: webPod({
      labels: { app: 'web', hash: 'new' },
      topologySpreadConstraints: [spread({ matchLabelKeys: ['hash'] })],
    }),
    can: 'abc',
  },
  {
    title: 'what schedules anyway keeps nobody away',
    others: 'aaa',
    pod: webPod({ topologySpreadConstraints: [spread({ whenUnsatisfiable: 'ScheduleAnyway' })] }),
    can: 'abce',
  },
];

for (const { title, others = '', going = '', pod, can } of rows) {
  test(`topology spread: ${title}`, (t) => {
    const on = (letters: string, deleting: boolean) =>
      [...letters].map((nodeName, at) => ({
        nodeName,
        pod: testPod(`${deleting ? 'going' : 'other'}-${at}`, { labels: web, deleting }),
      }));
    const verdicts = explainPlacement({ nodes, assigned: [...on(others, false), ...on(going, true)] }, pod);
    const able = verdicts.filter(({ filter }) => filter === null).map(({ nodeName }) => nodeName);
    t.is(able.toSorted().join(''), can);
  });
}

test('topology spread: a missing label is told as such', (t) => {
  const pod = webPod({ topologySpreadConstraints: [spread()] });
  const verdicts = explainPlacement(
    { nodes, assigned: [{ pod: testPod('o', { labels: web }), nodeName: 'a' }] },
    pod,
  );
  const said = Object.fromEntries(verdicts.map(({ nodeName, reasons }) => [nodeName, reasons.join()]));
  t.is(said.b, "node(s) didn't match pod topology spread constraints");
  t.is(said.e, "node(s) didn't match pod topology spread constraints (missing required label)");
});

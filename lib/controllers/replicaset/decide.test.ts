import test from 'ava';
import { secondMs, toRfc3339 } from '../../base/clock.ts';
import type { Pod, ReplicaSet } from '../../schema/types.gen.ts';
import { decideReplicaSet, type ReplicaSetAction } from './decide.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');

const replicaSet = (
  spec: Partial<ReplicaSet['spec']> = {},
  metadata: Partial<ReplicaSet['metadata']> = {},
): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default', uid: 'rs', generation: 3, ...metadata },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { name: '', labels: { app: 'web', tier: 'front' } }, spec: { containers: [] } },
    ...spec,
  },
});

type PodIs = {
  readonly owner?: 'rs' | 'other' | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly readySecondsAgo?: number;
  readonly phase?: string;
  readonly going?: boolean;
  readonly node?: string;
};
const pod = (name: string, is: PodIs = {}): Pod => {
  const {
    owner = 'rs',
    labels = { app: 'web', tier: 'front' },
    readySecondsAgo,
    phase = 'Running',
    going,
    node,
  } = is;
  const reference = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: owner ?? '',
    uid: owner ?? '',
    controller: true,
  };
  const since = toRfc3339(NOW - (readySecondsAgo ?? 0) * secondMs);
  const ready = {
    type: 'Ready',
    status: readySecondsAgo === undefined ? 'False' : 'True',
    lastTransitionTime: since,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid: name,
      labels,
      ...(owner !== null && { ownerReferences: [reference] }),
      ...(going === true && { deletionTimestamp: toRfc3339(NOW) }),
    },
    spec: { containers: [], nodeName: node ?? 'node-1' },
    status: { phase, conditions: [ready] },
  };
};

const said = (action: ReplicaSetAction): string =>
  action.do === 'create' ? `create ${action.count}` : `${action.do} ${action.pod.metadata.name}`;

type Row = {
  readonly title: string;
  readonly set?: ReplicaSet;
  readonly pods: readonly Pod[];
  readonly related?: readonly Pod[];
  readonly actions: readonly string[];
};
const rows: readonly Row[] = [
  { title: 'none of two: two are created', pods: [], actions: ['create 2'] },
  {
    title: 'pods that ended or are going do not count',
    pods: [pod('a'), pod('b', { phase: 'Failed' }), pod('c', { going: true })],
    actions: ['create 1'],
  },
  { title: 'as many as asked for: nothing', pods: [pod('a'), pod('b')], actions: [] },
  {
    title: 'one too many: the one that is not ready goes',
    pods: [pod('a', { readySecondsAgo: 60 }), pod('b'), pod('c', { readySecondsAgo: 60 })],
    actions: ['delete b'],
  },
  {
    title: 'all alike: the one on the node with most of the siblings goes',
    set: replicaSet({ replicas: 1 }),
    pods: [pod('a', { readySecondsAgo: 60, node: 'n1' }), pod('b', { readySecondsAgo: 60, node: 'n2' })],
    related: [pod('x', { node: 'n2' }), pod('y', { node: 'n2' }), pod('z', { node: 'n1' })],
    actions: ['delete b'],
  },
  {
    title: 'an orphan that matches is adopted and counts',
    pods: [pod('a'), pod('b', { owner: null })],
    actions: ['adopt b'],
  },
  {
    title: "another's pod and an orphan that does not match are left alone",
    pods: [pod('a'), pod('b', { owner: 'other' }), pod('c', { owner: null, labels: { app: 'api' } })],
    actions: ['create 1'],
  },
  {
    title: 'an orphan that has ended is not adopted',
    pods: [pod('a'), pod('b'), pod('c', { owner: null, phase: 'Succeeded' })],
    actions: [],
  },
  {
    title: 'its own that matches no longer is released and replaced',
    pods: [pod('a'), pod('b', { labels: { app: 'debug' } })],
    actions: ['release b', 'create 1'],
  },
  {
    title: 'on its way out: it neither creates nor adopts',
    set: replicaSet({}, { deletionTimestamp: toRfc3339(NOW) }),
    pods: [pod('b', { owner: null })],
    actions: [],
  },
  {
    title: 'thousands missing: as many as one pass makes',
    set: replicaSet({ replicas: 2_000 }),
    pods: [],
    actions: ['create 500'],
  },
];
for (const { title, set = replicaSet(), pods, related = pods, actions } of rows) {
  test(`a ReplicaSet: ${title}`, (t) => {
    const decision = decideReplicaSet({ replicaSet: set, candidates: pods, related }, NOW);
    t.deepEqual(decision.actions.map(said), actions);
  });
}

test('the status counts pods, labelled, ready and available, and says when the next one becomes available', (t) => {
  const pods = [
    pod('a', { readySecondsAgo: 90 }),
    pod('b', { readySecondsAgo: 20 }),
    pod('c', { readySecondsAgo: 5 }),
    pod('d', { labels: { app: 'web' } }),
  ];
  const set = replicaSet({ replicas: 4, minReadySeconds: 30 });
  const { status, requeueAtMs, waitingOn } = decideReplicaSet(
    { replicaSet: set, candidates: pods, related: pods },
    NOW,
  );
  t.deepEqual(status, {
    replicas: 4,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 1,
    observedGeneration: 3,
  });
  t.is(requeueAtMs, NOW + 10 * secondMs);
  t.deepEqual(waitingOn, ['PodsReady', 'PodsAvailable']);
});

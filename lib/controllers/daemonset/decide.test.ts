import test from 'ava';
import { secondMs, toRfc3339 } from '../../base/clock.ts';
import type {
  ControllerRevision,
  DaemonSet,
  DaemonSetSpec,
  Node,
  Pod,
  PodSpec,
  Taint,
} from '../../schema/types.gen.ts';
import { REVISION_HASH_LABEL, revisionHashOf } from '../revisions/history.ts';
import { isRevisionAction, type RevisionAction } from '../revisions/revision-action.ts';
import { type DaemonSetAction, decideDaemonSet } from './decide.ts';
import { newPod } from './new-pod.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');

type SetIs = Partial<Omit<DaemonSetSpec, 'template'>> & {
  readonly pod?: Partial<PodSpec>;
  readonly going?: boolean;
};
const daemonSet = ({ pod, going, ...spec }: SetIs = {}): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: {
    name: 'log',
    namespace: 'default',
    uid: 'ds',
    generation: 2,
    ...(going === true && { deletionTimestamp: toRfc3339(NOW) }),
  },
  spec: {
    selector: { matchLabels: { app: 'log' } },
    template: { metadata: { name: '', labels: { app: 'log' } }, spec: { containers: [], ...pod } },
    ...spec,
  },
});
const surging = (maxSurge: number | string): SetIs => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: 0 } },
});
const replacing = (maxUnavailable: number | string): SetIs => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable } },
});

type NodeIs = {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly reported?: boolean;
};
const node = (name: string, { labels = {}, taints, reported = true }: NodeIs = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  spec: { ...(taints && { taints }) },
  status: reported ? { allocatable: { cpu: '1' } } : {},
});

/** The revision of `daemonSet()`, as a decision makes it. */
const update = ((): ControllerRevision => {
  const { actions } = decide(daemonSet(), [], []);
  const made = actions.filter(isRevisionAction).find((action) => action.do === 'create-revision');
  if (made === undefined) throw new Error('no revision was made');
  return made.revision;
})();
const HASH = revisionHashOf(update);

type PodIs = {
  /** Of the present template; else of one before it. */
  readonly fresh?: boolean;
  readonly owner?: string | null;
  readonly phase?: string;
  readonly readySecondsAgo?: number;
  readonly going?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** Not bound yet: only its affinity says where it is to go. */
  readonly waits?: boolean;
  readonly bornSecondsAgo?: number;
};
const pod = (name: string, nodeName: string, is: PodIs = {}): Pod => {
  const { fresh = true, owner = 'ds', phase = 'Running', readySecondsAgo, going, waits } = is;
  const made = newPod(daemonSet(), { node: nodeName, hash: fresh ? HASH : 'before' });
  const reference = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    name: 'log',
    uid: owner ?? '',
    controller: true,
  };
  const lastTransitionTime = toRfc3339(NOW - (readySecondsAgo ?? 0) * secondMs);
  return {
    ...made,
    metadata: {
      ...made.metadata,
      name,
      uid: name,
      creationTimestamp: toRfc3339(NOW - (is.bornSecondsAgo ?? 100) * secondMs),
      labels: { ...made.metadata.labels, ...is.labels },
      ownerReferences: owner === null ? [] : [reference],
      ...(going === true && { deletionTimestamp: toRfc3339(NOW) }),
    },
    spec: { ...made.spec, ...(waits !== true && { nodeName }) },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: readySecondsAgo === undefined ? 'False' : 'True', lastTransitionTime },
      ],
    },
  };
};
const ready = { readySecondsAgo: 60 };
const oldReady = { readySecondsAgo: 60, fresh: false };

function decide(
  set: DaemonSet,
  nodes: readonly Node[],
  candidates: readonly Pod[],
  more: { readonly revisions?: readonly ControllerRevision[]; readonly retryAt?: number | null } = {},
): ReturnType<typeof decideDaemonSet> {
  const { revisions = [], retryAt = null } = more;
  return decideDaemonSet(
    {
      daemonSet: set,
      nodes,
      candidates,
      revisions,
      isRevisionNameTaken: () => false,
      retryAt: () => retryAt,
    },
    NOW,
  );
}

const said = (action: DaemonSetAction | RevisionAction): string => {
  if (isRevisionAction(action)) return action.do;
  if (action.do === 'create') return `create on ${action.node}`;
  return action.do === 'delete'
    ? `delete ${action.pod.metadata.name}: ${action.because}`
    : `${action.do} ${action.pod.metadata.name}`;
};

const gpu = { nodeSelector: { disk: 'ssd' } };
const taint = (effect: string): Taint => ({ key: 'dedicated', value: 'db', effect });
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => node(name)) as [Node, Node, Node, Node];

type Row = {
  readonly title: string;
  readonly set?: SetIs;
  readonly nodes: readonly Node[];
  readonly pods?: readonly Pod[];
  readonly retryAt?: number;
  readonly actions: readonly string[];
};
const rows: readonly Row[] = [
  { title: 'a pod to every node', nodes: [a, b], actions: ['create on a', 'create on b'] },
  {
    title: 'a node that has one, bound or not, gets no other',
    nodes: [a, b],
    pods: [pod('x', 'a'), pod('y', 'b', { waits: true, phase: 'Pending' })],
    actions: [],
  },
  {
    title: 'a pod on its way out holds its node',
    nodes: [a],
    pods: [pod('x', 'a', { going: true })],
    actions: [],
  },
  {
    title: 'one that has ended on its way out does not',
    nodes: [a],
    pods: [pod('x', 'a', { going: true, phase: 'Failed' })],
    actions: ['create on a'],
  },
  {
    title: 'only nodes that its selector names',
    set: { pod: gpu },
    nodes: [a, node('b', { labels: { disk: 'ssd' } })],
    actions: ['create on b'],
  },
  {
    title: 'a node that lost the label loses the pod',
    set: { pod: gpu },
    nodes: [a],
    pods: [pod('x', 'a')],
    actions: ['delete x: misplaced'],
  },
  {
    title: 'a node that has not reported yet gets none',
    nodes: [node('a', { reported: false }), b],
    actions: ['create on b'],
  },
  {
    title: 'a node that has not reported yet keeps what it has',
    nodes: [node('a', { reported: false })],
    pods: [pod('x', 'a')],
    actions: [],
  },
  {
    title: 'a taint keeps new pods away',
    nodes: [node('a', { taints: [taint('NoSchedule')] })],
    actions: [],
  },
  {
    title: 'a taint NoSchedule lets a pod stay',
    nodes: [node('a', { taints: [taint('NoSchedule')] })],
    pods: [pod('x', 'a')],
    actions: [],
  },
  {
    title: 'a taint NoExecute does not',
    nodes: [node('a', { taints: [taint('NoExecute')] })],
    pods: [pod('x', 'a')],
    actions: ['delete x: misplaced'],
  },
  {
    title: 'a taint that the template tolerates is none',
    set: { pod: { tolerations: [{ key: 'dedicated', operator: 'Exists' }] } },
    nodes: [node('a', { taints: [taint('NoExecute')] })],
    actions: ['create on a'],
  },
  {
    title: 'a node that is cordoned, under pressure or not ready gets its pod all the same',
    nodes: ['unschedulable', 'memory-pressure', 'disk-pressure', 'pid-pressure'].map((name) =>
      node(name, { taints: [{ key: `node.kubernetes.io/${name}`, effect: 'NoSchedule' }] }),
    ),
    actions: ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map(
      (name) => `create on ${name}`,
    ),
  },
  {
    title: 'a node without a network is for pods of the host network only',
    nodes: [node('a', { taints: [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }] })],
    actions: [],
  },
  {
    title: 'the template may name the one node',
    set: { pod: { nodeName: 'b' } },
    nodes: [a, b],
    actions: ['create on b'],
  },
  {
    title: 'a pod that waits for a node that is no more goes',
    nodes: [],
    pods: [pod('x', 'gone', { waits: true, phase: 'Pending' }), pod('y', 'gone')],
    actions: ['delete x: misplaced'],
  },
  {
    title: 'of two on a node the elder stays',
    nodes: [a],
    pods: [pod('x', 'a', { bornSecondsAgo: 10 }), pod('y', 'a', { bornSecondsAgo: 20 })],
    actions: ['delete x: surplus'],
  },
  {
    title: 'a failed pod is replaced',
    nodes: [a],
    pods: [pod('x', 'a', { phase: 'Failed' })],
    actions: ['delete x: failed'],
  },
  {
    title: 'a failed pod in its back-off is left',
    nodes: [a],
    pods: [pod('x', 'a', { phase: 'Failed' })],
    retryAt: NOW + secondMs,
    actions: [],
  },
  {
    title: 'one that succeeded is replaced',
    nodes: [a],
    pods: [pod('x', 'a', { phase: 'Succeeded' })],
    actions: ['delete x: succeeded'],
  },
  {
    title: 'an orphan that matches is adopted and counts',
    nodes: [a],
    pods: [pod('x', 'a', { owner: null })],
    actions: ['adopt x'],
  },
  {
    title: 'its own that matches no longer is released, and replaced',
    nodes: [a],
    pods: [pod('x', 'a', { labels: { app: 'debug' } })],
    actions: ['release x', 'create on a'],
  },
  {
    title: "another's pod is left alone",
    nodes: [a],
    pods: [pod('x', 'a', { owner: 'other' })],
    actions: ['create on a'],
  },
  { title: 'on its way out it does nothing', set: { going: true }, nodes: [a], actions: [] },
  {
    title: 'rolls one node at a time unless told otherwise',
    nodes: [a, b, c],
    pods: [pod('x', 'a', oldReady), pod('y', 'b', oldReady), pod('z', 'c', oldReady)],
    actions: ['delete x: outdated'],
  },
  {
    title: 'rolls on when the new pod is available',
    nodes: [a, b],
    pods: [pod('x', 'a', ready), pod('y', 'b', oldReady)],
    actions: ['delete y: outdated'],
  },
  {
    title: 'a new pod that is not available holds the rollout',
    nodes: [a, b],
    pods: [pod('x', 'a'), pod('y', 'b', oldReady)],
    actions: [],
  },
  {
    title: 'an old pod on its way out counts as missing',
    nodes: [a, b],
    pods: [pod('x', 'a', { ...oldReady, going: true }), pod('y', 'b', oldReady)],
    actions: [],
  },
  {
    title: 'old pods that are not available go at once, and count as missing',
    nodes: [a, b, c],
    pods: [pod('x', 'a', { fresh: false }), pod('y', 'b', { fresh: false }), pod('z', 'c', oldReady)],
    actions: ['delete x: outdated', 'delete y: outdated'],
  },
  {
    title: 'a percentage of nodes is rounded up',
    set: replacing('30%'),
    nodes: [a, b, c, d],
    pods: ['a', 'b', 'c', 'd'].map((name) => pod(`on-${name}`, name, oldReady)),
    actions: ['delete on-a: outdated', 'delete on-b: outdated'],
  },
  {
    title: 'a node that lacks its pod gets it before anything is rolled',
    nodes: [a, b],
    pods: [pod('x', 'a', oldReady)],
    actions: ['create on b'],
  },
  {
    title: 'OnDelete: nothing is replaced',
    set: { updateStrategy: { type: 'OnDelete' } },
    nodes: [a],
    pods: [pod('x', 'a', oldReady)],
    actions: [],
  },
  {
    title: 'surge: the new pod comes beside the old',
    set: surging(1),
    nodes: [a, b],
    pods: [pod('x', 'a', oldReady), pod('y', 'b', oldReady)],
    actions: ['create on a'],
  },
  {
    title: 'surge: where the old one is not available the new comes whatever the bound',
    set: surging(1),
    nodes: [a, b, c],
    pods: [pod('x', 'a', { fresh: false }), pod('y', 'b', { fresh: false }), pod('z', 'c', oldReady)],
    actions: ['create on a', 'create on b', 'create on c'],
  },
  {
    title: 'surge: while the new one comes up the old one stays, and no other node begins',
    set: surging(1),
    nodes: [a, b],
    pods: [pod('x', 'a', oldReady), pod('y', 'a', { bornSecondsAgo: 5 }), pod('z', 'b', oldReady)],
    actions: [],
  },
  {
    title: 'surge: the new one is available, the old one goes',
    set: surging(1),
    nodes: [a],
    pods: [pod('x', 'a', oldReady), pod('y', 'a', ready)],
    actions: ['delete x: surplus'],
  },
];
for (const { title, set, nodes, pods = [], retryAt = null, actions } of rows) {
  test(`a DaemonSet: ${title}`, (t) => {
    const decision = decide(daemonSet(set), nodes, pods, { retryAt });
    const own = decision.actions.filter(({ do: what }) => what !== 'create-revision');
    t.deepEqual(own.map(said), actions);
  });
}

test('the status counts nodes, and says when the next pod becomes available', (t) => {
  const nodes = [a, b, c, d, node('e', { taints: [taint('NoSchedule')] })];
  const pods = [
    pod('on-a', 'a', { readySecondsAgo: 40 }),
    pod('on-b', 'b', { readySecondsAgo: 20 }),
    pod('on-c', 'c', { fresh: false }),
    pod('on-e', 'e', ready),
  ];
  const decision = decide(daemonSet({ minReadySeconds: 30 }), nodes, pods);
  t.deepEqual(decision.status, {
    desiredNumberScheduled: 4,
    currentNumberScheduled: 3,
    numberMisscheduled: 1,
    numberReady: 2,
    numberAvailable: 1,
    numberUnavailable: 3,
    updatedNumberScheduled: 2,
    observedGeneration: 2,
  });
  t.is(decision.requeueAtMs, NOW + 10 * secondMs);
  t.deepEqual(decision.waitingOn, ['PodsAvailable', 'PodsUpdated']);
});

test('a failed pod is looked at again when its back-off is over', (t) => {
  const { requeueAtMs, waitingOn } = decide(daemonSet(), [a], [pod('x', 'a', { phase: 'Failed' })], {
    retryAt: NOW + 7 * secondMs,
  });
  t.is(requeueAtMs, NOW + 7 * secondMs);
  t.true(waitingOn.includes('FailedPodBackOff'));
});

test('a pod is made for its node, bears what its node may become, and keeps what the template prefers', (t) => {
  const preferred = { preferredDuringSchedulingIgnoredDuringExecution: [] };
  const set = daemonSet({ pod: { affinity: { nodeAffinity: preferred }, hostNetwork: true } });
  const { spec, metadata } = newPod(set, { node: 'a', hash: 'h' });
  t.deepEqual(spec.affinity, {
    nodeAffinity: {
      ...preferred,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
      },
    },
  });
  t.deepEqual(
    spec.tolerations?.map(({ key, operator, effect }) => `${key?.split('/')[1]} ${operator} ${effect}`),
    [
      'not-ready Exists NoExecute',
      'unreachable Exists NoExecute',
      'disk-pressure Exists NoSchedule',
      'memory-pressure Exists NoSchedule',
      'pid-pressure Exists NoSchedule',
      'unschedulable Exists NoSchedule',
      'network-unavailable Exists NoSchedule',
    ],
  );
  t.is(metadata.labels?.[REVISION_HASH_LABEL], 'h');
});

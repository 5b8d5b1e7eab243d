import test from 'ava';
import { secondMs, toRfc3339 } from '../../base/clock.ts';
import type { ControllerRevision, Pod, StatefulSet, StatefulSetSpec } from '../../schema/types.gen.ts';
import { isRevisionAction } from '../revisions/revision-action.ts';
import { decideStatefulSet, type StatefulSetDecision } from './decide.ts';
import { newPod } from './new-pod.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');

const db = (
  spec: Partial<StatefulSetSpec> = {},
  status: Partial<StatefulSet['status']> = {},
): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default', uid: 'sts', generation: 2 },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { name: '', labels: { app: 'db' } }, spec: { containers: [] } },
    ...spec,
  },
  status: { replicas: 0, ...status },
});

type PodIs = {
  readonly revision?: string;
  readonly unready?: boolean;
  readonly phase?: string;
  readonly going?: boolean;
  readonly owner?: string | null;
  readonly readySecondsAgo?: number;
};
const pod = (ordinal: number, is: PodIs = {}): Pod => {
  const { unready = false, phase = 'Running', going, owner = 'sts', readySecondsAgo = 60 } = is;
  const { template } = db().spec;
  const made = newPod(db(), { ordinal, template, revision: is.revision ?? update.metadata.name });
  const reference = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    name: 'db',
    uid: owner ?? '',
    controller: true,
  };
  const ready = {
    type: 'Ready',
    status: unready ? 'False' : 'True',
    lastTransitionTime: toRfc3339(NOW - readySecondsAgo * secondMs),
  };
  return {
    ...made,
    metadata: {
      ...made.metadata,
      uid: made.metadata.name,
      ownerReferences: owner === null ? [] : [reference],
      ...(going === true && { deletionTimestamp: toRfc3339(NOW) }),
    },
    status: { phase, conditions: [ready] },
  };
};

function decide(
  statefulSet: StatefulSet,
  candidates: readonly Pod[],
  revisions: readonly ControllerRevision[] = [],
): StatefulSetDecision {
  return decideStatefulSet({ statefulSet, candidates, revisions, isRevisionNameTaken: () => false }, NOW);
}
const update = ((): ControllerRevision => {
  const made = decide(db(), []).actions.filter(isRevisionAction)[0];
  if (made === undefined) throw new Error('no revision was made');
  return made.revision;
})();
const before: ControllerRevision = {
  ...update,
  metadata: {
    ...update.metadata,
    name: 'db-before',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'sts', controller: true },
    ],
  },
  data: { spec: { template: { spec: { containers: [{ name: 'old' }] }, $patch: 'replace' } } },
};
const old = { revision: 'db-before' };
const partition = (count: number): Partial<StatefulSetSpec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: count } },
});
const parallel = { podManagementPolicy: 'Parallel' };

type Row = {
  readonly title: string;
  readonly spec?: Partial<StatefulSetSpec>;
  readonly pods: readonly Pod[];
  readonly actions: readonly string[];
};
const rows: readonly Row[] = [
  { title: 'the lowest ordinal first', pods: [], actions: ['create 0 new'] },
  { title: 'the next once the one before it is ready', pods: [pod(0)], actions: ['create 1 new'] },
  { title: 'none while one before it is not', pods: [pod(0, { unready: true })], actions: [] },
  {
    title: 'none while one before it is not available',
    spec: { minReadySeconds: 90 },
    pods: [pod(0)],
    actions: [],
  },
  { title: 'none while one before it is going', pods: [pod(0, { going: true })], actions: [] },
  { title: 'a gap is filled before anything else', pods: [pod(0), pod(2)], actions: ['create 1 new'] },
  {
    title: 'one that has ended is taken away, to be made anew',
    pods: [pod(0, { phase: 'Failed' })],
    actions: ['delete db-0'],
  },
  {
    title: 'too many: the highest goes first',
    spec: { replicas: 1 },
    pods: [pod(0), pod(1), pod(2)],
    actions: ['delete db-2'],
  },
  {
    title: 'too many: the next when that is gone',
    spec: { replicas: 1 },
    pods: [pod(0), pod(1), pod(2, { going: true })],
    actions: [],
  },
  {
    title: 'too many: none while one that stays is not ready',
    spec: { replicas: 1 },
    pods: [pod(0, { unready: true }), pod(1)],
    actions: [],
  },
  {
    title: 'parallel: all at once',
    spec: parallel,
    pods: [pod(1, { unready: true })],
    actions: ['create 0 new', 'create 2 new'],
  },
  {
    title: 'parallel: all that are too many at once',
    spec: { ...parallel, replicas: 0 },
    pods: [pod(0), pod(1, { unready: true })],
    actions: ['delete db-1', 'delete db-0'],
  },
  {
    title: 'an update begins at the highest ordinal',
    pods: [pod(0, old), pod(1, old), pod(2, old)],
    actions: ['delete db-2'],
  },
  {
    title: 'an update goes on when the new pod is ready',
    pods: [pod(0, old), pod(1, old), pod(2)],
    actions: ['delete db-1'],
  },
  {
    title: 'parallel: an update is one at a time all the same',
    spec: parallel,
    pods: [pod(0, old), pod(1, old), pod(2, { unready: true })],
    actions: [],
  },
  {
    title: 'an update stops at the partition',
    spec: partition(2),
    pods: [pod(0, old), pod(1, old), pod(2)],
    actions: [],
  },
  {
    title: 'below the partition a pod comes back as it was',
    spec: partition(2),
    pods: [pod(1, old), pod(2)],
    actions: ['create 0 old'],
  },
  {
    title: 'OnDelete: nothing is replaced',
    spec: { updateStrategy: { type: 'OnDelete' } },
    pods: [pod(0, old), pod(1, old), pod(2, old)],
    actions: [],
  },
  {
    title: 'an orphan with a name of its own is adopted, any other is not',
    spec: { replicas: 1 },
    pods: [
      pod(0, { owner: null }),
      { ...pod(1, { owner: null }), metadata: { name: 'db-x', labels: { app: 'db' } } },
    ],
    actions: ['adopt db-0'],
  },
];
for (const { title, spec, pods, actions } of rows) {
  test(`a StatefulSet: ${title}`, (t) => {
    const set = db(spec, { currentRevision: 'db-before' });
    const own = decide(set, pods, [before]).actions.filter((action) => !isRevisionAction(action));
    const said = own.map((action) => {
      if (action.do !== 'create') return `${action.do} ${action.pod.metadata.name}`;
      return `create ${action.ordinal} ${action.revision === 'db-before' ? 'old' : 'new'}`;
    });
    t.deepEqual(said, actions);
  });
}

test('the status counts pods by revision; the update is the current one when all are of it', (t) => {
  const set = db({}, { currentRevision: 'db-before' });
  const halfway = decide(set, [pod(0, old), pod(1, { unready: true }), pod(2)], [before]).status;
  t.like(halfway, {
    replicas: 3,
    readyReplicas: 2,
    availableReplicas: 2,
    currentReplicas: 1,
    updatedReplicas: 2,
    currentRevision: 'db-before',
    updateRevision: update.metadata.name,
    observedGeneration: 2,
  });
  const { status } = decide(set, [pod(0), pod(1), pod(2)], [before]);
  t.is(status.currentRevision, update.metadata.name);
  t.is(status.currentReplicas, 3);
});

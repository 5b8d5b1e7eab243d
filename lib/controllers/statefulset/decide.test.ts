import test from 'ava';
import { secondMs, toRfc3339 } from '../../base/clock.ts';
import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
  StatefulSetSpec,
} from '../../schema/types.gen.ts';
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
  claims: readonly PersistentVolumeClaim[] = [],
): StatefulSetDecision {
  const claimOf = (name: string): PersistentVolumeClaim | undefined =>
    claims.find(({ metadata }) => metadata.name === name);
  const isRevisionNameTaken = (): boolean => false;
  return decideStatefulSet({ statefulSet, candidates, revisions, isRevisionNameTaken, claimOf }, NOW);
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

const unavailable = (maxUnavailable: number | string, more: { readonly partition?: number } = {}) => ({
  podManagementPolicy: 'Parallel',
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, ...more } },
});
const template: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: {},
};
const retention = (whenScaled: string, whenDeleted: string): Partial<StatefulSetSpec> => ({
  volumeClaimTemplates: [template],
  persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted },
});
type OwnerIs = 'set' | 'pod' | 'old pod' | 'other';
const uids: Readonly<Record<OwnerIs, string>> = { set: 'sts', pod: '', 'old pod': 'past', other: 'x' };
/** The claim of an ordinal, and who owns it. */
const claim = (ordinal: number, owners: readonly OwnerIs[] = [], going = false): PersistentVolumeClaim => ({
  ...template,
  metadata: {
    name: `data-db-${ordinal}`,
    namespace: 'default',
    ownerReferences: owners.map((owner) => ({
      apiVersion: owner === 'set' ? 'apps/v1' : 'v1',
      kind: owner === 'set' ? 'StatefulSet' : owner === 'other' ? 'Thing' : 'Pod',
      name: 'any',
      uid: uids[owner] || `db-${ordinal}`,
      controller: true,
    })),
    ...(going && { deletionTimestamp: toRfc3339(NOW) }),
  },
});

type Row = {
  readonly title: string;
  readonly spec?: Partial<StatefulSetSpec>;
  readonly pods: readonly Pod[];
  readonly claims?: readonly PersistentVolumeClaim[];
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
    title: 'too many: one that is broken is not taken down while one before it is broken too',
    spec: { replicas: 0 },
    pods: [pod(0, { unready: true }), pod(1), pod(2, { unready: true })],
    actions: [],
  },
  {
    title: 'too many: the only broken one goes',
    spec: { replicas: 0 },
    pods: [pod(0), pod(1), pod(2, { unready: true })],
    actions: ['delete db-2'],
  },
  {
    title: 'too many: a sound one goes though one before it is broken',
    spec: { replicas: 0 },
    pods: [pod(0, { unready: true }), pod(1), pod(2)],
    actions: ['delete db-2'],
  },
  {
    title: 'several at once may be updated: the highest go',
    spec: unavailable(2),
    pods: [pod(0, old), pod(1, old), pod(2, old)],
    actions: ['delete db-2', 'delete db-1'],
  },
  {
    title: 'several at once: what is missing anywhere counts',
    spec: unavailable(2),
    pods: [pod(0, { unready: true }), pod(1, old), pod(2, old)],
    actions: ['delete db-2'],
  },
  {
    title: 'several at once: no more than may be missing',
    spec: unavailable(2),
    pods: [pod(0, old), pod(1, { going: true }), pod(2, { unready: true })],
    actions: [],
  },
  {
    title: 'several at once: old ones that nobody can use go besides',
    spec: unavailable(1),
    pods: [pod(0, old), pod(1, { ...old, unready: true }), pod(2, old)],
    actions: ['delete db-1'],
  },
  {
    title: 'several at once: a percentage is rounded down',
    spec: unavailable('67%'),
    pods: [pod(0, old), pod(1, old), pod(2, old)],
    actions: ['delete db-2', 'delete db-1'],
  },
  {
    title: 'several at once: a percentage is one pod at least',
    spec: unavailable('10%'),
    pods: [pod(0, old), pod(1, old), pod(2, old)],
    actions: ['delete db-2'],
  },
  {
    title: 'several at once: those below the partition stay',
    spec: unavailable(3, { partition: 2 }),
    pods: [pod(0, old), pod(1, old), pod(2, old)],
    actions: ['delete db-2'],
  },
  {
    title: 'claims that are kept belong to nobody',
    spec: { ...retention('Retain', 'Retain'), replicas: 2 },
    pods: [pod(0), pod(1)],
    claims: [claim(0, ['set']), claim(1)],
    actions: ['data-db-0 of nobody'],
  },
  {
    title: 'claims that go with the set belong to it, also those made before it was said',
    spec: { ...retention('Retain', 'Delete'), replicas: 2 },
    pods: [pod(0), pod(1)],
    claims: [claim(0), claim(1, ['set'])],
    actions: ['data-db-0 of StatefulSet db'],
  },
  {
    title: 'the claim of a pod that is too many goes with the pod',
    spec: { ...retention('Delete', 'Retain'), replicas: 1 },
    pods: [pod(0), pod(1)],
    claims: [claim(0), claim(1)],
    actions: ['data-db-1 of Pod db-1', 'delete db-1'],
  },
  {
    title: 'the claim of a pod that is too many goes with it and no longer with the set',
    spec: { ...retention('Delete', 'Delete'), replicas: 1 },
    pods: [pod(0), pod(1)],
    claims: [claim(0, ['set']), claim(1, ['set'])],
    actions: ['data-db-1 of Pod db-1', 'delete db-1'],
  },
  {
    title: 'one that is wanted again keeps its claim',
    spec: { ...retention('Delete', 'Retain'), replicas: 2 },
    pods: [pod(0), pod(1)],
    claims: [claim(0), claim(1, ['pod'])],
    actions: ['data-db-1 of nobody'],
  },
  {
    title: "a claim that is somebody else's is left to them",
    spec: { ...retention('Delete', 'Delete'), replicas: 1 },
    pods: [pod(0)],
    claims: [claim(0, ['other'])],
    actions: [],
  },
  {
    title: 'a pod waits while the claim of the one before it goes',
    spec: { ...retention('Delete', 'Retain'), replicas: 2 },
    pods: [pod(0)],
    claims: [claim(1, ['old pod'])],
    actions: [],
  },
  {
    title: 'a pod waits for a claim that is being deleted',
    spec: { ...retention('Retain', 'Retain'), replicas: 2 },
    pods: [pod(0)],
    claims: [claim(1, [], true)],
    actions: [],
  },
  {
    title: 'a claim that stayed is used again',
    spec: { ...retention('Retain', 'Retain'), replicas: 2 },
    pods: [pod(0)],
    claims: [claim(1)],
    actions: ['create 1 new'],
  },
  {
    title: 'a pod that lost the labels of its ordinal gets them back',
    spec: { replicas: 1 },
    pods: [
      {
        ...pod(0),
        metadata: {
          ...pod(0).metadata,
          labels: { app: 'db', 'controller-revision-hash': update.metadata.name },
        },
      },
    ],
    actions: ['identify db-0'],
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
for (const { title, spec, pods, claims, actions } of rows) {
  test(`a StatefulSet: ${title}`, (t) => {
    const set = db(spec, { currentRevision: 'db-before' });
    const own = decide(set, pods, [before], claims).actions.filter((action) => !isRevisionAction(action));
    const said = own.map((action) => {
      if (action.do === 'own-claim') {
        const owners = action.owners.map(({ kind, name }) => `${kind} ${name}`);
        return `${action.claim.metadata.name} of ${owners.join(', ') || 'nobody'}`;
      }
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

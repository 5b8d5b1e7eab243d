import test from 'ava';
import { CLAIM_PROTECTION, LOCAL_PROVISIONER } from '../../schema/local-volume.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../schema/types.gen.ts';
import { type ClaimView, decideClaim } from './decide.ts';

type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;

const claimOf = (
  spec: Partial<ClaimSpec> = {},
  more: { readonly phase?: string; readonly deleting?: boolean } = {},
): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: {
    name: 'data',
    namespace: 'shop',
    uid: 'u1',
    finalizers: [CLAIM_PROTECTION],
    ...(more.deleting === true && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'local',
    resources: { requests: { storage: '1Gi' } },
    ...spec,
  },
  status: { phase: more.phase ?? 'Pending' },
});

const volumeOf = (name: string, spec: Partial<PersistentVolume['spec']> = {}): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name, labels: { disk: name } },
  spec: {
    accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
    capacity: { storage: '2Gi' },
    storageClassName: 'local',
    nfs: { server: 'a', path: '/' },
    ...spec,
  },
  status: { phase: spec.claimRef?.uid === undefined ? 'Available' : 'Bound' },
});

const onDisk = (value: string) => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: [value] }] }],
  },
});

const local: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'local' },
  provisioner: LOCAL_PROVISIONER,
  reclaimPolicy: 'Retain',
  volumeBindingMode: 'Immediate',
  allowVolumeExpansion: true,
};
const ours = { namespace: 'shop', name: 'data', uid: 'u1' };
const other = { namespace: 'shop', name: 'other', uid: 'u2' };
const csi = { driver: LOCAL_PROVISIONER, volumeHandle: 'pvc-u1' };

type Row = {
  readonly title: string;
  readonly claim?: PersistentVolumeClaim;
  readonly volumes?: readonly PersistentVolume[];
  readonly storageClass?: StorageClass | null;
  readonly inUse?: boolean;
  /** Of the node that the scheduler chose. */
  readonly selected?: Readonly<Record<string, string>>;
  /** What is decided, and the volume, name, phase or reason that says which. */
  readonly decides: readonly [is: string, what?: string];
};

const rows: readonly Row[] = [
  { title: 'a claim without a volume that fits gets one of its own', decides: ['provision', 'pvc-u1'] },
  {
    title: 'the smallest volume that is large enough is taken',
    volumes: [
      volumeOf('large', { capacity: { storage: '5Gi' } }),
      volumeOf('right'),
      volumeOf('small', { capacity: { storage: '500Mi' } }),
    ],
    decides: ['take', 'right'],
  },
  {
    title: 'a volume set aside for the claim comes before a smaller one',
    volumes: [
      volumeOf('a'),
      volumeOf('b', { claimRef: { namespace: 'shop', name: 'data' }, capacity: { storage: '9Gi' } }),
    ],
    decides: ['take', 'b'],
  },
  {
    title: "another's volume is not taken",
    volumes: [volumeOf('a', { claimRef: other })],
    decides: ['provision', 'pvc-u1'],
  },
  {
    title: 'a volume without one of the access modes is not taken',
    claim: claimOf({ accessModes: ['ReadWriteMany'] }),
    volumes: [volumeOf('a')],
    decides: ['provision', 'pvc-u1'],
  },
  {
    title: 'a volume of another class is not taken',
    volumes: [volumeOf('a', { storageClassName: 'fast' })],
    decides: ['provision', 'pvc-u1'],
  },
  {
    title: 'a selector chooses by labels',
    claim: claimOf({ selector: { matchLabels: { disk: 'b' } } }),
    volumes: [volumeOf('a'), volumeOf('b')],
    decides: ['take', 'b'],
  },
  {
    title: 'a selector that nothing fits is told',
    claim: claimOf({ selector: { matchLabels: { disk: 'c' } } }),
    decides: ['wait', 'ProvisioningFailed'],
  },
  {
    title: 'after the volume names the claim, the claim names the volume',
    volumes: [volumeOf('a', { claimRef: ours })],
    decides: ['name', 'a'],
  },
  {
    title: 'both name each other: bound',
    claim: claimOf({ volumeName: 'a' }),
    volumes: [volumeOf('a', { claimRef: ours })],
    decides: ['status', 'Bound'],
  },
  {
    title: 'a claim that is bound and has what it asks for needs nothing',
    claim: {
      ...claimOf({ volumeName: 'a' }),
      status: {
        phase: 'Bound',
        accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
        capacity: { storage: '2Gi' },
      },
    },
    volumes: [volumeOf('a', { claimRef: ours })],
    decides: ['nothing'],
  },
  {
    title: 'a bound claim that asks for more gets it',
    claim: claimOf({ volumeName: 'a', resources: { requests: { storage: '3Gi' } } }, { phase: 'Bound' }),
    volumes: [volumeOf('a', { claimRef: ours, csi })],
    decides: ['grow', 'a'],
  },
  {
    title: 'a bound claim whose volume is gone has lost it',
    claim: claimOf({ volumeName: 'a' }, { phase: 'Bound' }),
    decides: ['status', 'Lost'],
  },
  {
    title: 'what is lost stays lost',
    claim: claimOf({ volumeName: 'a' }, { phase: 'Lost' }),
    decides: ['wait', 'ClaimLost'],
  },
  {
    title: "a bound claim whose volume is another's by now has lost it",
    claim: claimOf({ volumeName: 'a' }, { phase: 'Bound' }),
    volumes: [volumeOf('a', { claimRef: other })],
    decides: ['status', 'Lost'],
  },
  {
    title: 'a lost claim whose volume is back is bound again',
    claim: claimOf({ volumeName: 'a' }, { phase: 'Lost' }),
    volumes: [volumeOf('a', { claimRef: ours })],
    decides: ['status', 'Bound'],
  },
  {
    title: 'a bound claim whose volume forgot it reminds it, whatever its size',
    claim: claimOf({ volumeName: 'a', resources: { requests: { storage: '3Gi' } } }, { phase: 'Bound' }),
    volumes: [volumeOf('a')],
    decides: ['take', 'a'],
  },
  {
    title: 'what somebody else provides is not grown here',
    claim: claimOf({ volumeName: 'a', resources: { requests: { storage: '3Gi' } } }, { phase: 'Bound' }),
    volumes: [volumeOf('a', { claimRef: ours })],
    decides: ['status', 'Bound'],
  },
  {
    title: 'a volume on its way out is not taken',
    volumes: [
      { ...volumeOf('a'), metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' } },
      volumeOf('b'),
    ],
    decides: ['take', 'b'],
  },
  {
    title: 'a volume of another mode is not taken',
    volumes: [volumeOf('a', { volumeMode: 'Block' }), volumeOf('b', { capacity: { storage: '5Gi' } })],
    decides: ['take', 'b'],
  },
  {
    title: 'a volume set aside for it that is too small is not taken',
    volumes: [volumeOf('a', { capacity: { storage: '1Mi' }, claimRef: { namespace: 'shop', name: 'data' } })],
    decides: ['provision', 'pvc-u1'],
  },
  {
    title: 'volumes of no provisioner are bound when the first pod comes',
    volumes: [volumeOf('a')],
    storageClass: {
      ...local,
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    decides: ['wait', 'WaitForFirstConsumer'],
  },
  {
    title: 'and then are',
    volumes: [volumeOf('a')],
    storageClass: {
      ...local,
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    selected: {},
    decides: ['take', 'a'],
  },
  {
    title: "a claim that names another's volume waits",
    claim: claimOf({ volumeName: 'a' }),
    volumes: [volumeOf('a', { claimRef: other })],
    decides: ['wait', 'FailedBinding'],
  },
  {
    title: 'a claim that names a volume too small waits',
    claim: claimOf({ volumeName: 'a', resources: { requests: { storage: '3Gi' } } }),
    volumes: [volumeOf('a')],
    decides: ['wait', 'VolumeMismatch'],
  },
  {
    title: 'no class wants none made',
    claim: claimOf({ storageClassName: '' }),
    storageClass: null,
    decides: ['wait', 'FailedBinding'],
  },
  { title: 'a class that is not there is told', storageClass: null, decides: ['wait', 'ProvisioningFailed'] },
  {
    title: 'a provisioner that is not here is told',
    storageClass: { ...local, provisioner: 'ebs.csi.aws.com' },
    decides: ['wait', 'ProvisioningFailed'],
  },
  {
    title: 'a block volume is not made',
    claim: claimOf({ volumeMode: 'Block' }),
    decides: ['wait', 'ProvisioningFailed'],
  },
  {
    title: 'a class may wait for the first pod',
    storageClass: { ...local, volumeBindingMode: 'WaitForFirstConsumer' },
    volumes: [volumeOf('a')],
    decides: ['wait', 'WaitForFirstConsumer'],
  },
  {
    title: 'and goes on waiting while the pod has no node',
    storageClass: { ...local, volumeBindingMode: 'WaitForFirstConsumer' },
    inUse: true,
    decides: ['wait', 'WaitForFirstConsumer'],
  },
  {
    title: 'and gets a volume that can be reached from the node of the pod',
    storageClass: { ...local, volumeBindingMode: 'WaitForFirstConsumer' },
    selected: { disk: 'b' },
    volumes: [volumeOf('a', { nodeAffinity: onDisk('a') }), volumeOf('b', { nodeAffinity: onDisk('b') })],
    decides: ['take', 'b'],
  },
  {
    title: 'and waits no longer once there is one',
    storageClass: { ...local, volumeBindingMode: 'WaitForFirstConsumer' },
    selected: {},
    decides: ['provision', 'pvc-u1'],
  },
  {
    title: 'a claim that a pod uses is held',
    claim: claimOf({}, { deleting: true }),
    inUse: true,
    decides: ['nothing'],
  },
  { title: 'a claim that nobody uses may go', claim: claimOf({}, { deleting: true }), decides: ['release'] },
];

for (const {
  title,
  claim = claimOf(),
  volumes = [],
  storageClass = local,
  inUse = false,
  selected,
  decides,
} of rows)
  test(title, (t) => {
    const selectedNode: Node | undefined = selected && {
      ...{ apiVersion: 'v1', kind: 'Node', spec: {} },
      metadata: { name: 'n', labels: selected },
    };
    const view: ClaimView = {
      ...{ claim, volumes, inUse, selectedNode },
      storageClass: storageClass ?? undefined,
    };
    const decision = decideClaim(view);
    const what =
      'volume' in decision
        ? decision.volume.metadata.name
        : 'volumeName' in decision
          ? decision.volumeName
          : 'status' in decision
            ? decision.status.phase
            : 'wait' in decision
              ? decision.wait.reason
              : undefined;
    t.deepEqual([decision.is, what], [decides[0], decides[1]]);
  });

test('a volume that is made has the size, the modes and the policy that were asked for, and is the claim’s alone', (t) => {
  const decision = decideClaim({
    claim: claimOf(),
    volumes: [],
    storageClass: local,
    inUse: false,
    selectedNode: undefined,
  });
  t.like(decision.is === 'provision' ? decision.volume.spec : null, {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    claimRef: ours,
    csi,
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: 'local',
  });
});

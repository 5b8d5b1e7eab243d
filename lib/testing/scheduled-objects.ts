import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../schema/types.gen.ts';

type NodeWords = Partial<Node['spec']> & {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Resources of its own. */
  readonly extended?: Readonly<Record<string, string>>;
  /** MiB by name. */
  readonly images?: Readonly<Record<string, number>>;
};

const MEBIBYTE = 1024 * 1024;

/** A node with 4 cores, 8Gi and 110 pods unless told otherwise, and its name as its hostname. */
export function testNode(name: string, is: NodeWords = {}): Node {
  const { cpu = '4', memory = '8Gi', pods = '110', labels = {}, extended = {}, images = {}, ...spec } = is;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: {
      allocatable: { cpu, memory, pods, ...extended },
      images: Object.entries(images).map(([image, mebibytes]) => ({
        names: [image],
        sizeBytes: mebibytes * MEBIBYTE,
      })),
    },
  };
}

type PodWords = Partial<Pod['spec']> & {
  readonly cpu?: string;
  readonly memory?: string;
  readonly image?: string;
  readonly hostPort?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly created?: string;
  readonly claims?: readonly string[];
  readonly status?: Pod['status'];
  readonly deleting?: boolean;
};

/** A pod of one container, in `default`; its uid is its name. */
export function testPod(name: string, is: PodWords = {}): Pod {
  const {
    cpu,
    memory,
    image,
    hostPort,
    labels,
    namespace = 'default',
    created,
    claims,
    status,
    deleting,
    ...spec
  } = is;
  const requests = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name, namespace, uid: name, creationTimestamp: created ?? '2026-01-01T00:00:00Z' },
      ...(labels !== undefined && { labels }),
      ...(deleting === true && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: {
      containers: [
        {
          name: 'c',
          ...(image !== undefined && { image }),
          ...(Object.keys(requests).length > 0 && { resources: { requests } }),
          ...(hostPort !== undefined && { ports: [{ containerPort: 80, hostPort }] }),
        },
      ],
      ...(claims !== undefined && {
        volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
      }),
      ...spec,
    },
    ...(status !== undefined && { status }),
  };
}

type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;

/** A claim of 1Gi in `default`; bound where it names a volume. */
export function testClaim(
  name: string,
  is: Partial<ClaimSpec> & { readonly deleting?: boolean; readonly selected?: string } = {},
): PersistentVolumeClaim {
  const { deleting, selected, ...spec } = is;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...{ name, namespace: 'default', uid: name },
      ...(selected !== undefined && { annotations: { 'volume.kubernetes.io/selected-node': selected } }),
      ...(deleting === true && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'late',
      resources: { requests: { storage: '1Gi' } },
      ...spec,
    },
    status: { phase: spec.volumeName === undefined ? 'Pending' : 'Bound' },
  };
}

/** A free volume of 1Gi; with `hosts`, one that only they reach. */
export function testVolume(
  name: string,
  is: Partial<PersistentVolume['spec']> & {
    readonly hosts?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
  } = {},
): PersistentVolume {
  const { hosts, labels, ...spec } = is;
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: hosts ?? [] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ...(labels !== undefined && { labels }) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      storageClassName: 'late',
      ...(hosts !== undefined && {
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      }),
      ...spec,
    },
    status: { phase: 'Available' },
  };
}

/** A class that waits for the first pod, unless told otherwise. */
export function testClass(
  name: string,
  is: { readonly provisioner?: string; readonly immediate?: boolean } & Pick<
    Partial<StorageClass>,
    'allowedTopologies'
  > = {},
): StorageClass {
  const { provisioner = 'kubernetes.io/no-provisioner', immediate = false, ...more } = is;
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    volumeBindingMode: immediate ? 'Immediate' : 'WaitForFirstConsumer',
    ...more,
  };
}

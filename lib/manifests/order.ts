import { type ObjectRef, refKey } from '../schema/object.ts';

/**
 * The order in which kinds are applied: what others stand on comes first. Prunes go the other way.
 * Rows of one tier are independent of one another and go by name of kind.
 */
const tiers: readonly (readonly string[])[] = [
  ['/Namespace'],
  ['apiextensions.k8s.io/CustomResourceDefinition'],
  [
    'scheduling.k8s.io/PriorityClass',
    'node.k8s.io/RuntimeClass',
    'storage.k8s.io/StorageClass',
    'storage.k8s.io/CSIDriver',
    'storage.k8s.io/VolumeAttributesClass',
    'networking.k8s.io/IngressClass',
  ],
  ['/ResourceQuota', '/LimitRange'],
  ['/ServiceAccount'],
  ['rbac.authorization.k8s.io/ClusterRole', 'rbac.authorization.k8s.io/Role'],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', 'rbac.authorization.k8s.io/RoleBinding'],
  ['/Secret', '/ConfigMap', 'certificates.k8s.io/CertificateSigningRequest'],
  ['/PersistentVolume'],
  ['/PersistentVolumeClaim'],
  ['networking.k8s.io/NetworkPolicy'],
  ['/Service'],
  ['/Endpoints', 'discovery.k8s.io/EndpointSlice'],
  ['policy/PodDisruptionBudget'],
  ['apps/DaemonSet', 'apps/StatefulSet', 'apps/Deployment'],
  ['apps/ReplicaSet', '/ReplicationController', 'apps/ControllerRevision', '/PodTemplate'],
  ['/Pod'],
  ['batch/Job'],
  ['batch/CronJob'],
  ['autoscaling/HorizontalPodAutoscaler'],
  ['networking.k8s.io/Ingress'],
];

/** Kinds that no row names, custom resources among them: after all that could serve them, before what refuses others. */
const OTHER_TIER = tiers.length;
/** Admission rules come last: applied earlier, they could refuse the rest of the same commit. */
const LAST_TIER = tiers.length + 1;
const LAST_GROUPS: ReadonlySet<string> = new Set(['admissionregistration.k8s.io', 'apiregistration.k8s.io']);

const tierByKind: ReadonlyMap<string, number> = new Map(
  tiers.flatMap((kinds, tier) => kinds.map((kind) => [kind, tier] as const)),
);

/** The tier of a kind; lower ones are applied first. */
export function applyTier(ref: { readonly group: string; readonly kind: string }): number {
  if (LAST_GROUPS.has(ref.group)) return LAST_TIER;
  return tierByKind.get(`${ref.group}/${ref.kind}`) ?? OTHER_TIER;
}

/** In apply order; each key is worked out once. */
export function inApplyOrder<T>(items: Iterable<T>, refOfItem: (item: T) => ObjectRef): readonly T[] {
  const keyed = Array.from(items, (item) => {
    const ref = refOfItem(item);
    return { item, tier: applyTier(ref), key: refKey(ref) };
  });
  keyed.sort((a, b) => a.tier - b.tier || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ item }) => item);
}

import type { Condition } from '../schema/conditions.ts';
import { resolveIntOrPercent } from '../schema/int-or-percent.ts';
import type { KubeObject } from '../schema/object.ts';
import { controllerOf } from '../schema/owner.ts';
import { isPodReady } from '../schema/pod-conditions.ts';
import type { LabelSelector, Pod } from '../schema/types.gen.ts';

/** policy/v1, as far as it is acted on. */
export type PodDisruptionBudget = KubeObject & {
  readonly spec?: {
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
    readonly selector?: LabelSelector;
    /** Unset: `IfHealthyBudget`. */
    readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
  };
  readonly status?: DisruptionTally & {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
};

export type DisruptionTally = {
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  /** How many more healthy pods can be spared; what kubectl prints as ALLOWED DISRUPTIONS. */
  readonly disruptionsAllowed: number;
};

/** The kinds whose size a budget counts from. */
export const SIZED_KINDS = [
  { group: '', kind: 'ReplicationController' },
  { group: 'apps', kind: 'Deployment' },
  { group: 'apps', kind: 'ReplicaSet' },
  { group: 'apps', kind: 'StatefulSet' },
] as const;

/** What pods belong to: `spec.replicas` is how many are wanted. */
export type Workload = KubeObject & { readonly spec?: { readonly replicas?: number } };

/**
 * How a budget stands. `pods`: those it selects and that have not ended. `workloads`: of SIZED_KINDS in its namespace.
 * A whole `minAvailable` counts from the pods there are; a percentage, and `maxUnavailable`, from the sizes of the pods' controllers,
 * so that a rollout that is short of pods spares none. Percentages round up. Source: disruption controller.
 */
export function disruptionTally(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  workloads: readonly Workload[],
): DisruptionTally {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const countsPods = maxUnavailable === undefined && typeof minAvailable === 'number';
  const total = countsPods ? pods.length : wantedPods(pods, workloads);
  const healthy = pods.filter(
    (pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined,
  ).length;
  const resolve = (value: number | string): number =>
    resolveIntOrPercent(value, { total, round: 'up' }) ?? total;
  const desired =
    maxUnavailable !== undefined ? Math.max(0, total - resolve(maxUnavailable)) : resolve(minAvailable ?? 1);
  return {
    expectedPods: total,
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: total === 0 ? 0 : Math.max(0, healthy - desired),
  };
}

/** The sizes of the pods' topmost controllers, each once. Pods that belong to nothing are not counted. */
function wantedPods(pods: readonly Pod[], workloads: readonly Workload[]): number {
  const byUid = new Map(workloads.map((workload) => [workload.metadata.uid, workload]));
  const parent = (object: Pick<KubeObject, 'metadata'>): Workload | undefined => {
    const uid = controllerOf(object)?.uid;
    return uid === undefined ? undefined : byUid.get(uid);
  };
  const owners = new Set<Workload>();
  for (const pod of pods) {
    const direct = parent(pod);
    if (direct !== undefined) owners.add(parent(direct) ?? direct);
  }
  return [...owners].reduce((sum, { spec }) => sum + (spec?.replicas ?? 1), 0);
}

/**
 * Whether a budget lets a pod go now. A pod that is not ready takes nothing from it: it goes when the budget is met without it, or
 * whenever the budget says `AlwaysAllow`. Source: policy/v1 unhealthyPodEvictionPolicy.
 */
export function sparesPod(budget: PodDisruptionBudget, tally: DisruptionTally, pod: Pod): boolean {
  if (tally.disruptionsAllowed > 0) return true;
  if (isPodReady(pod)) return false;
  if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return tally.desiredHealthy > 0 && tally.currentHealthy >= tally.desiredHealthy;
}

import type { EpochMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { conditionOf, removeCondition, setCondition } from '../../schema/conditions.ts';
import { isPodActive, isPodReady, podAvailableAt } from '../../schema/pod-conditions.ts';
import { rankPodsForDeletion } from '../../schema/pod-ranking.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '../../schema/types.gen.ts';
import { claim } from '../harness/claim.ts';
import { type Decision, earlier } from '../harness/decision.ts';

export type ReplicaSetAction =
  | { readonly do: 'adopt'; readonly pod: Pod }
  | { readonly do: 'release'; readonly pod: Pod }
  /** So many pods of the template. */
  | { readonly do: 'create'; readonly count: number }
  | { readonly do: 'delete'; readonly pod: Pod };

export type ReplicaSetWait = 'PodsReady' | 'PodsAvailable';
export type ReplicaSetDecision = Decision<ReplicaSetAction, ReplicaSetStatus, ReplicaSetWait>;

export type ReplicaSetInput = {
  readonly replicaSet: ReplicaSet;
  /** The pods it controls, and those in its namespace that nobody does. */
  readonly candidates: readonly Pod[];
  /** Pods of the ReplicaSets of the same Deployment, its own included: surplus pods go from crowded nodes first. */
  readonly related: readonly Pod[];
};

/** Decides what pods a ReplicaSet should take, let go, create or delete, and what it has. Source: upstream syncReplicaSet. */
export function decideReplicaSet(input: ReplicaSetInput, now: EpochMs): ReplicaSetDecision {
  const { replicaSet, candidates, related } = input;
  const claims = claim(replicaSet, replicaSet.spec.selector, candidates);
  const adopt = claims.adopt.filter(isPodActive);
  const pods = [...claims.owned, ...adopt].filter(isPodActive);
  const { status, nextAvailableAtMs } = statusOf(replicaSet, pods, now);
  const wanted = replicaSet.spec.replicas ?? 1;
  const going = replicaSet.metadata.deletionTimestamp !== undefined;
  const resize = going ? [] : resizeTo({ wanted, pods, related }, now);
  const ready = status.readyReplicas ?? 0;
  return {
    actions: [
      ...adopt.map((pod) => ({ do: 'adopt', pod }) as const),
      ...claims.release.map((pod) => ({ do: 'release', pod }) as const),
      ...resize,
    ],
    status,
    waitingOn: [
      ...(ready < wanted ? (['PodsReady'] as const) : []),
      ...((status.availableReplicas ?? 0) < ready ? (['PodsAvailable'] as const) : []),
    ],
    requeueAtMs: nextAvailableAtMs,
    notes: [],
  };
}

function resizeTo(
  input: { readonly wanted: number; readonly pods: readonly Pod[]; readonly related: readonly Pod[] },
  now: EpochMs,
): readonly ReplicaSetAction[] {
  const { wanted, pods } = input;
  const missing = Math.min(wanted - pods.length, limits.replicaSetBurstMax);
  if (missing > 0) return [{ do: 'create', count: missing }];
  const surplus = Math.min(-missing, limits.replicaSetBurstMax);
  if (surplus === 0) return [];
  const onNode = new Map<string, number>();
  for (const { spec } of input.related.filter(isPodActive)) {
    const node = spec.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => ({ pod, rank: onNode.get(pod.spec.nodeName ?? '') ?? 0 }));
  return rankPodsForDeletion(ranked, now)
    .slice(0, surplus)
    .map((pod) => ({ do: 'delete', pod }));
}

/** Counts of zero are left out (but for `replicas`), as Kubernetes does. */
function statusOf(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  now: EpochMs,
): { readonly status: ReplicaSetStatus; readonly nextAvailableAtMs: EpochMs | null } {
  const { spec, metadata, status: before } = replicaSet;
  const labels = Object.entries(spec.template?.metadata?.labels ?? {});
  const times = pods.map((pod) => podAvailableAt(pod, spec.minReadySeconds ?? 0));
  const count = (key: string, value: number): Readonly<Record<string, number>> =>
    value > 0 ? { [key]: value } : {};
  const labelled = pods.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value));
  const conditions = removeCondition(before?.conditions, 'ReplicaFailure');
  return {
    status: {
      replicas: pods.length,
      ...count('fullyLabeledReplicas', labelled.length),
      ...count('readyReplicas', pods.filter(isPodReady).length),
      ...count('availableReplicas', times.filter((at) => at !== null && at <= now).length),
      ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
      ...(conditions.length > 0 && { conditions }),
    },
    nextAvailableAtMs: times
      .filter((at) => at !== null && at > now)
      .reduce<EpochMs | null>((first, at) => earlier(first, at), null),
  };
}

/**
 * The status when creating or deleting failed. A failure that is told already is not told in other words: the words may differ
 * each time (a name was generated), every write wakes us, and the back-off would come to nothing.
 */
export function withReplicaFailure(
  status: ReplicaSetStatus,
  failure: { readonly reason: 'FailedCreate' | 'FailedDelete'; readonly message: string },
  options: { readonly before: ReplicaSetStatus | undefined; readonly now: EpochMs },
): ReplicaSetStatus {
  const conditions = options.before?.conditions ?? [];
  const told = conditionOf(conditions, 'ReplicaFailure');
  if (told?.status === 'True' && told.reason === failure.reason) return { ...status, conditions };
  const failed = { type: 'ReplicaFailure', status: 'True', ...failure };
  return { ...status, conditions: setCondition(conditions, failed, options.now) };
}

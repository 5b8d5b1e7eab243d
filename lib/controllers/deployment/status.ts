import type { EpochMs } from '../../base/clock.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../schema/types.gen.ts';
import { type Conditions, put, withCondition, withoutCondition } from './condition.ts';
import type { Bounds } from './fenceposts.ts';
import { progress, type Rollout } from './progressing.ts';
import type { ReplicaSets } from './replica-sets.ts';

export type StatusInput = {
  readonly deployment: Deployment;
  /** As they are, before this pass changes anything. */
  readonly sets: ReplicaSets;
  readonly bounds: Bounds;
  readonly rollout: Rollout;
  readonly collisionCount: number | undefined;
  readonly watchingSinceMs: EpochMs;
};

/** The status to report, and when the rollout may come to fail its deadline. Source: upstream calculateStatus, syncRolloutStatus. */
export function deploymentStatus(
  input: StatusInput,
  now: EpochMs,
): { readonly status: DeploymentStatus; readonly deadlineAtMs: EpochMs | null } {
  const { deployment, sets, bounds, rollout, collisionCount, watchingSinceMs } = input;
  const before = deployment.status ?? {};
  const counts = countsOf(deployment, sets);
  const available = withAvailable(before.conditions ?? [], counts.availableReplicas ?? 0, bounds, now);
  const failing = withReplicaFailure(available, sets);
  const { conditions, deadlineAtMs } = progress(
    failing,
    {
      spec: {
        replicas: bounds.replicas,
        generation: deployment.metadata.generation ?? 0,
        paused: deployment.spec.paused ?? false,
      },
      deadlineSeconds: deployment.spec.progressDeadlineSeconds,
      before,
      after: counts,
      rollout,
      watchingSinceMs,
    },
    now,
  );
  const collisions = collisionCount === undefined ? {} : { collisionCount };
  return { status: { ...counts, ...collisions, conditions }, deadlineAtMs };
}

/** Counts of zero are left out, as Kubernetes does. */
function countsOf(deployment: Deployment, { current, old }: ReplicaSets): DeploymentStatus {
  const all = current === null ? old : [current, ...old];
  const total = (count: (set: ReplicaSet) => number | undefined): number =>
    all.reduce((sum, set) => sum + (count(set) ?? 0), 0);
  const asked = total(({ spec }) => spec.replicas ?? 1);
  const availableReplicas = total(({ status }) => status?.availableReplicas);
  const counts = {
    replicas: total(({ status }) => status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total(({ status }) => status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, asked - availableReplicas),
  };
  const shown = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return { observedGeneration: deployment.metadata.generation, ...shown };
}

function withAvailable(conditions: Conditions, available: number, bounds: Bounds, now: EpochMs): Conditions {
  return available >= bounds.replicas - bounds.maxUnavailable
    ? withCondition(
        conditions,
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
        now,
      )
    : withCondition(
        conditions,
        {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
        now,
      );
}

/** A ReplicaSet that cannot create its pods is a failure of the Deployment; that of the new one first. */
function withReplicaFailure(conditions: Conditions, { current, old }: ReplicaSets): Conditions {
  const failure = [...(current === null ? [] : [current]), ...old]
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  return put(conditions, { ...failure, lastUpdateTime: failure.lastTransitionTime });
}

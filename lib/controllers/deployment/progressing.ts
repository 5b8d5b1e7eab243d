import { type EpochMs, fromRfc3339, secondMs } from '../../base/clock.ts';
import type { DeploymentCondition, DeploymentStatus } from '../../schema/types.gen.ts';
import { INT32_MAX } from './annotations.ts';
import {
  type ConditionSays,
  type Conditions,
  conditionOf,
  withCondition,
  withFreshCondition,
  withoutCondition,
} from './condition.ts';

/** The reasons of the condition Progressing. Source: upstream deployment_util. */
export const progressReasons = {
  created: 'NewReplicaSetCreated',
  found: 'FoundNewReplicaSet',
  updated: 'ReplicaSetUpdated',
  available: 'NewReplicaSetAvailable',
  timedOut: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
} as const;

/** What this pass did about the ReplicaSet of the present template. */
export type Rollout =
  | { readonly is: 'created' | 'found'; readonly name: string }
  | { readonly is: 'going-on'; readonly name: string | null };

export type ProgressInput = {
  readonly spec: { readonly replicas: number; readonly generation: number; readonly paused: boolean };
  readonly deadlineSeconds: number | undefined;
  readonly before: DeploymentStatus;
  /** The new status, its conditions aside. */
  readonly after: DeploymentStatus;
  readonly rollout: Rollout;
  /** Since when somebody watches this Deployment: time before does not count against its deadline. */
  readonly watchingSinceMs: EpochMs;
};

export function hasDeadline(deadlineSeconds: number | undefined): deadlineSeconds is number {
  return deadlineSeconds !== undefined && deadlineSeconds !== INT32_MAX;
}

/** All of it has the present template and is available, and nothing else is left. */
export function isComplete(
  spec: { readonly replicas: number; readonly generation: number },
  status: DeploymentStatus,
): boolean {
  return (
    (status.updatedReplicas ?? 0) === spec.replicas &&
    (status.replicas ?? 0) === spec.replicas &&
    (status.availableReplicas ?? 0) === spec.replicas &&
    (status.observedGeneration ?? 0) >= spec.generation
  );
}

/** More new pods, fewer old ones, more ready or more available than before. */
export function isProgressing(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const oldPods = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number =>
    replicas - updatedReplicas;
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldPods(after) < oldPods(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/**
 * The time after which (strictly) the rollout has failed its deadline; null when there is none to fail. Counted from the last
 * progress, or from when somebody began to watch if that was later.
 */
export function timedOutAtMs(input: {
  readonly deadlineSeconds: number | undefined;
  readonly progressing: DeploymentCondition | undefined;
  readonly watchingSinceMs: EpochMs;
}): EpochMs | null {
  const { deadlineSeconds, progressing, watchingSinceMs } = input;
  if (!hasDeadline(deadlineSeconds) || progressing === undefined) return null;
  if (progressing.reason === progressReasons.available) return null;
  if (progressing.reason === progressReasons.timedOut) return 0;
  const since = Math.max(fromRfc3339(progressing.lastUpdateTime) ?? 0, watchingSinceMs);
  return since + deadlineSeconds * secondMs;
}

/** The conditions with Progressing as it is now, and when it may come to fail its deadline. */
export function progress(
  conditions: Conditions,
  input: ProgressInput,
  now: EpochMs,
): { readonly conditions: Conditions; readonly deadlineAtMs: EpochMs | null } {
  const { spec, deadlineSeconds, rollout, before, after } = input;
  if (!hasDeadline(deadlineSeconds)) {
    return { conditions: withoutCondition(conditions, 'Progressing'), deadlineAtMs: null };
  }
  const current = conditionOf(conditions, 'Progressing');
  if (spec.paused) {
    // A failed rollout stays failed while paused: whoever paused it is looking at it.
    if (current?.reason === progressReasons.timedOut) return { conditions, deadlineAtMs: null };
    return { conditions: withCondition(conditions, says.paused, now), deadlineAtMs: null };
  }
  const started = startedConditions(conditions, rollout, now);
  const reason = conditionOf(started, 'Progressing')?.reason;
  const settled =
    (after.replicas ?? 0) === (after.updatedReplicas ?? 0) && reason === progressReasons.available;
  if (settled) return { conditions: started, deadlineAtMs: null };
  const subject = rollout.name === null ? 'Deployment' : `ReplicaSet "${rollout.name}"`;
  if (isComplete(spec, after)) {
    return { conditions: withCondition(started, says.available(subject), now), deadlineAtMs: null };
  }
  if (isProgressing(before, after) && started === conditions) {
    return watched(withFreshCondition(started, says.updated(subject), now), input);
  }
  const at = timedOutAtMs({ ...input, progressing: conditionOf(started, 'Progressing') });
  if (at !== null && now > at) {
    return { conditions: withCondition(started, says.timedOut(subject), now), deadlineAtMs: null };
  }
  return watched(started, input);
}

function watched(
  conditions: Conditions,
  input: ProgressInput,
): { readonly conditions: Conditions; readonly deadlineAtMs: EpochMs | null } {
  const at = timedOutAtMs({ ...input, progressing: conditionOf(conditions, 'Progressing') });
  // The comparison is strict: the first moment at which it has failed is a millisecond on.
  return { conditions, deadlineAtMs: at === null ? null : at + 1 };
}

/**
 * A rollout that begins begins a new clock. Other than upstream also when it goes back to a ReplicaSet that was there: the failure
 * of the version before must not be read as the failure of this one.
 */
function startedConditions(conditions: Conditions, rollout: Rollout, now: EpochMs): Conditions {
  switch (rollout.is) {
    case 'created':
      return withFreshCondition(conditions, says.created(rollout.name), now);
    case 'found':
      return withFreshCondition(conditions, says.found(rollout.name), now);
    case 'going-on': {
      const current = conditionOf(conditions, 'Progressing');
      if (current?.reason === progressReasons.paused) return withCondition(conditions, says.resumed, now);
      if (current === undefined && rollout.name !== null) {
        return withCondition(conditions, says.found(rollout.name), now);
      }
      return conditions;
    }
  }
}

const type = 'Progressing';
const says = {
  paused: { type, status: 'Unknown', reason: progressReasons.paused, message: 'Deployment is paused' },
  resumed: { type, status: 'Unknown', reason: progressReasons.resumed, message: 'Deployment is resumed' },
  created: (name: string): ConditionSays => ({
    type,
    status: 'True',
    reason: progressReasons.created,
    message: `Created new replica set "${name}"`,
  }),
  found: (name: string): ConditionSays => ({
    type,
    status: 'True',
    reason: progressReasons.found,
    message: `Found new replica set "${name}"`,
  }),
  updated: (subject: string): ConditionSays => ({
    type,
    status: 'True',
    reason: progressReasons.updated,
    message: `${subject} is progressing.`,
  }),
  available: (subject: string): ConditionSays => ({
    type,
    status: 'True',
    reason: progressReasons.available,
    message: `${subject} has successfully progressed.`,
  }),
  timedOut: (subject: string): ConditionSays => ({
    type,
    status: 'False',
    reason: progressReasons.timedOut,
    message: `${subject} has timed out progressing.`,
  }),
} as const;

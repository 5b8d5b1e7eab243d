import { type EpochMs, toRfc3339 } from '../../base/clock.ts';
import type { DeploymentCondition } from '../../schema/types.gen.ts';

export type Conditions = readonly DeploymentCondition[];

/** What a condition of a Deployment says, times aside. */
export type ConditionSays = {
  readonly type: 'Progressing' | 'Available' | 'ReplicaFailure';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
};

export function conditionOf(
  conditions: Conditions | undefined,
  type: string,
): DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Takes a condition in place of the one of its type. The same status and reason change nothing; the same status keeps its transition time. */
export function withCondition(conditions: Conditions, says: ConditionSays, now: EpochMs): Conditions {
  const before = conditionOf(conditions, says.type);
  if (before?.status === says.status && before.reason === says.reason) return conditions;
  const time = toRfc3339(now);
  const kept = before?.status === says.status ? before.lastTransitionTime : undefined;
  return put(conditions, { ...says, lastUpdateTime: time, lastTransitionTime: kept ?? time });
}

/** As withCondition, and says it anew (with a new update time) even when it said so before. */
export function withFreshCondition(conditions: Conditions, says: ConditionSays, now: EpochMs): Conditions {
  const before = conditionOf(conditions, says.type);
  const time = toRfc3339(now);
  const kept = before?.status === says.status ? before.lastTransitionTime : undefined;
  return put(conditions, { ...says, lastUpdateTime: time, lastTransitionTime: kept ?? time });
}

export function withoutCondition(conditions: Conditions, type: string): Conditions {
  return conditions.filter((condition) => condition.type !== type);
}

export function put(conditions: Conditions, condition: DeploymentCondition): Conditions {
  return [...withoutCondition(conditions, condition.type), condition];
}

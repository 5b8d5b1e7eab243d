import { type EpochMs, fromRfc3339, toRfc3339 } from '../base/clock.ts';
import { deepEqual } from '../base/json.ts';

/** What all kinds' conditions have in common. */
export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
};

export function conditionOf<T extends Condition>(
  conditions: readonly T[] | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === 'True';
}

/**
 * The list with the condition in it, in the place of the one of its type, at the end otherwise. Its lastTransitionTime is
 * kept while its status is the same, and `now` when it is not. The same list when nothing changes.
 */
export function setCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  condition: T,
  now: EpochMs,
): readonly T[] {
  const list = conditions ?? [];
  const before = conditionOf(list, condition.type);
  const since = before?.status === condition.status ? before.lastTransitionTime : undefined;
  const after: T = { ...condition, lastTransitionTime: since ?? toRfc3339(now) };
  if (before === undefined) return [...list, after];
  if (deepEqual(before, after)) return list;
  return list.map((one) => (one === before ? after : one));
}

/** The list without the condition; the same list when it has none. */
export function removeCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  type: string,
): readonly T[] {
  const list = conditions ?? [];
  return list.some((one) => one.type === type) ? list.filter((one) => one.type !== type) : list;
}

/** When the condition last changed its status; null when that is not known. */
export function transitionedAt(condition: Condition | undefined): EpochMs | null {
  return fromRfc3339(condition?.lastTransitionTime);
}

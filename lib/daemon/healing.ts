import type { EpochMs } from '../base/clock.ts';
import { limits, timings } from '../base/limits.ts';
import { healKey } from '../plan/healed-field.ts';
import type { PlannedChange } from '../plan/plan.ts';

/** When each field was put right lately, by healKey; oldest first. */
export type HealingRecord = ReadonlyMap<string, readonly EpochMs[]>;

/** The record with what a plan just healed, without what has left the window. */
export function recordHealing(
  record: HealingRecord,
  changes: readonly PlannedChange[],
  now: EpochMs,
): HealingRecord {
  const next = new Map<string, readonly EpochMs[]>();
  for (const [key, times] of record) {
    const recent = times.filter((at) => now - at < timings.healWindowMs);
    if (recent.length > 0) next.set(key, recent);
  }
  for (const change of changes) {
    if (change.action !== 'patch' || !change.heals) continue;
    const { ref, live, operations } = change;
    for (const key of new Set(operations.map((operation) => healKey(ref, live, operation)))) {
      if (next.size < limits.healedFieldsMax || next.has(key)) next.set(key, [...(next.get(key) ?? []), now]);
    }
  }
  return next;
}

/** Fields healed so often that healing them pauses, and when the first of them may be healed again. */
export function backedOffFields(
  record: HealingRecord,
  now: EpochMs,
): { readonly fields: ReadonlySet<string>; readonly nextAtMs: EpochMs | null } {
  const fields = new Set<string>();
  let nextAtMs: EpochMs | null = null;
  for (const [key, times] of record) {
    const recent = times.filter((at) => now - at < timings.healWindowMs);
    const first = recent.at(-limits.healsBeforeBackoff);
    if (first === undefined) continue;
    fields.add(key);
    const until = first + timings.healWindowMs;
    nextAtMs = nextAtMs === null ? until : Math.min(nextAtMs, until);
  }
  return { fields, nextAtMs };
}

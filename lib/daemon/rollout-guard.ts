import type { EpochMs } from '../base/clock.ts';
import { type ComponentHold, canBeTakenBack, contentDigest } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';
import type { ObjectStatus } from '../status/report.ts';

export const failedRolloutPolicies = ['hold', 'commit', 'report'] as const;
/** What becomes of a rollout past its deadline: taken back live, taken back in git too, or only told. */
export type FailedRolloutPolicy = (typeof failedRolloutPolicies)[number];

export type GuardInput = {
  readonly policy: FailedRolloutPolicy;
  readonly objects: readonly ObjectStatus[];
  readonly components: readonly (readonly ObjectRef[])[];
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  /** What git says of an object, normalised. */
  readonly desired: (ref: ObjectRef) => KubeObject | null;
  readonly holds: readonly ComponentHold[];
  readonly now: EpochMs;
};

/** The reasons for which a rollout counts as failed. A workload that is merely not ready yet is not. */
const FAILED_REASONS: ReadonlySet<string> = new Set(['ProgressDeadlineExceeded']);

/** New holds: a component each, whose workload is past its deadline and that no standing hold covers. */
export function decideHolds(input: GuardInput): readonly ComponentHold[] {
  const covered = new Set(input.holds.flatMap((hold) => hold.refs.map(refKey)));
  const failed = input.objects.filter(
    ({ ref, health }) =>
      health.state === 'Degraded' && FAILED_REASONS.has(health.reason) && !covered.has(refKey(ref)),
  );
  const holds: ComponentHold[] = [];
  for (const status of failed) {
    if (covered.has(refKey(status.ref))) continue;
    const refs = input.components.find((component) =>
      component.some((ref) => refKey(ref) === refKey(status.ref)),
    ) ?? [status.ref];
    for (const ref of refs) covered.add(refKey(ref));
    holds.push(holdOf(input, status, refs));
  }
  return holds;
}

function holdOf(input: GuardInput, status: ObjectStatus, refs: readonly ObjectRef[]): ComponentHold {
  const rows = refs.flatMap((ref) => input.inventory.get(refKey(ref)) ?? []);
  const older = rows.filter(
    (row) => row.good !== null && canBeTakenBack(row.ref) && row.good.commit !== row.applied.commit,
  );
  const cause = input.inventory.get(refKey(status.ref));
  // Without an older good version of anything there is nothing to go back to: the failure is told and left.
  const mode =
    input.policy === 'report' || older.length === 0 || cause?.good === null || cause === undefined
      ? 'report'
      : 'hold';
  return {
    refs,
    failedDigest: contentDigest(refs, input.desired),
    failedRevision: cause?.applied.commit ?? status.commit ?? '',
    goodRevisions: [...new Set(older.flatMap((row) => row.good?.commit ?? []))],
    cause: status.ref,
    evidence: status.health.message,
    sinceMs: input.now,
    mode,
  };
}

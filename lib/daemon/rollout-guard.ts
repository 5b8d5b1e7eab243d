import type { EpochMs } from '../base/clock.ts';
import { type ComponentHold, canBeTakenBack, contentDigest } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { type KubeObject, type ObjectRef, refKey, sameRef } from '../schema/object.ts';
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
  /** Applied revisions, newest first. */
  readonly history: readonly string[];
  /** Objects, by refKey, that were changed a moment ago: what their status says is of before. */
  readonly changed: ReadonlySet<string>;
  readonly now: EpochMs;
};

export type GuardDecision = {
  /** New holds: a component each, whose workload is past its deadline and that no standing hold covers. */
  readonly found: readonly ComponentHold[];
  /** Of the known holds, those that still have something to say: a failure that was only told may pass by itself. */
  readonly standing: readonly ComponentHold[];
};

/** The reasons for which a rollout counts as failed. A workload that is merely not ready yet is not. */
const FAILED_REASONS: ReadonlySet<string> = new Set(['ProgressDeadlineExceeded']);

export function decideHolds(input: GuardInput): GuardDecision {
  const standing = input.holds.filter((hold) => hold.mode === 'hold' || !hasPassed(hold, input.objects));
  const covered = new Set(standing.flatMap((hold) => hold.refs.map(refKey)));
  const found: ComponentHold[] = [];
  for (const status of input.objects) {
    const key = refKey(status.ref);
    const { state, reason } = status.health;
    if (state !== 'Degraded' || !FAILED_REASONS.has(reason)) continue;
    if (covered.has(key) || input.changed.has(key)) continue;
    const refs = input.components.find((component) => component.some((ref) => sameRef(ref, status.ref))) ?? [
      status.ref,
    ];
    for (const ref of refs) covered.add(refKey(ref));
    found.push(holdOf(input, status, refs));
  }
  return { found, standing };
}

function hasPassed(hold: ComponentHold, objects: readonly ObjectStatus[]): boolean {
  const cause = objects.find(({ ref }) => sameRef(ref, hold.cause));
  return cause === undefined || cause.health.state === 'Healthy';
}

function holdOf(input: GuardInput, status: ObjectStatus, refs: readonly ObjectRef[]): ComponentHold {
  const rows = refs.flatMap((ref) => input.inventory.get(refKey(ref)) ?? []);
  const older = rows.filter(
    (row) => row.good !== null && canBeTakenBack(row.ref) && row.good.commit !== row.applied.commit,
  );
  const cause = input.inventory.get(refKey(status.ref));
  // Without an older good version of anything there is nothing to go back to: the failure is told and left.
  const hasGood = older.length > 0 && cause !== undefined && cause.good !== null;
  const failed = newestOf(older.length > 0 ? older.map((row) => row.applied.commit) : [], input.history);
  return {
    refs,
    failedDigest: contentDigest(refs, input.desired),
    failedRevision: failed ?? cause?.applied.commit ?? status.commit ?? '',
    goodRevisions: newestFirst(
      older.flatMap((row) => row.good?.commit ?? []),
      input.history,
    ),
    cause: status.ref,
    evidence: status.health.message,
    sinceMs: input.now,
    mode: input.policy === 'report' || !hasGood ? 'report' : 'hold',
  };
}

function newestOf(commits: readonly string[], history: readonly string[]): string | null {
  return newestFirst(commits, history)[0] ?? null;
}

/** Each once; commits that the history has forgotten are older than those it knows. */
function newestFirst(commits: readonly string[], history: readonly string[]): readonly string[] {
  const place = (commit: string): number => {
    const at = history.indexOf(commit);
    return at < 0 ? history.length : at;
  };
  return [...new Set(commits)].sort((a, b) => place(a) - place(b));
}

import type { InventoryRow } from '../plan/inventory.ts';
import { type ObjectRef, refKey } from '../schema/object.ts';
import type { ObjectStatus } from '../status/report.ts';

type MarkInput = {
  readonly objects: readonly ObjectStatus[];
  readonly components: readonly (readonly ObjectRef[])[];
  readonly inventory: ReadonlyMap<string, InventoryRow>;
};

/**
 * Rows to write because their component is healthy with what is applied (that is the version to come back to), or
 * because a Job ran to its end. Those of one list belong into one transaction: a component is good as a whole.
 */
export function rowsToMark(input: MarkInput): readonly (readonly InventoryRow[])[] {
  const finished = finishedJobs(input);
  const good = newlyGood(input).map((rows) =>
    rows.map((row): InventoryRow => (finished.delete(refKey(row.ref)) ? { ...row, finished: true } : row)),
  );
  return [...good, ...[...finished.values()].map((row) => [row])];
}

function newlyGood({ objects, components, inventory }: MarkInput): readonly (readonly InventoryRow[])[] {
  const open = new Map([...inventory].filter(([, row]) => row.good?.commit !== row.applied.commit));
  if (open.size === 0) return [];
  const states = new Map(objects.map((status) => [refKey(status.ref), status]));
  return components.flatMap((component) => {
    const rows = component.flatMap((ref) => open.get(refKey(ref)) ?? []);
    const whole = rows.length > 0 && component.every((ref) => isGood(states.get(refKey(ref))));
    return whole ? [rows.map((row): InventoryRow => ({ ...row, good: row.applied }))] : [];
  });
}

/** By refKey. */
function finishedJobs({ objects, inventory }: MarkInput): Map<string, InventoryRow> {
  const finished = new Map<string, InventoryRow>();
  for (const status of objects) {
    if (status.ref.kind !== 'Job' || status.live === null) continue;
    const key = refKey(status.ref);
    const row = inventory.get(key);
    if (row === undefined || row.finished) continue;
    if (status.health.reason === 'Completed' || (status.health.state === 'Degraded' && hasEnded(status)))
      finished.set(key, { ...row, finished: true });
  }
  return finished;
}

function isGood(status: ObjectStatus | undefined): boolean {
  // What git no longer names says nothing of what it names.
  if (status === undefined || status.sync === 'Kept' || status.syncReason === 'prune-held') return true;
  // What is left alone by request says nothing of the commit, and would keep its neighbours from ever being good.
  if (status.syncReason === 'reconcile-disabled') return true;
  return status.sync === 'Synced' && isProven(status);
}

/**
 * A Deployment that is paused rests on purpose, but has not shown that its template works. A port that this machine does
 * not give says nothing against a version: the one before would not get it either.
 */
function isProven({ health: { state, reason } }: ObjectStatus): boolean {
  if (state === 'Degraded' && reason === 'ListenFailed') return true;
  return state === 'Healthy' || (state === 'Suspended' && reason !== 'DeploymentPaused');
}

/** A Job with a finish: it failed for good. */
function hasEnded({ live }: ObjectStatus): boolean {
  const status = live?.status;
  const conditions =
    typeof status === 'object' && status !== null && 'conditions' in status ? status.conditions : undefined;
  return (
    Array.isArray(conditions) &&
    conditions.some(
      (condition: { readonly type?: unknown; readonly status?: unknown }) =>
        condition.type === 'Failed' && condition.status === 'True',
    )
  );
}

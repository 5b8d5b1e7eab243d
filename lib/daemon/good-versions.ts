import type { InventoryRow } from '../plan/inventory.ts';
import { type ObjectRef, refKey } from '../schema/object.ts';
import type { ObjectStatus } from '../status/report.ts';

/**
 * Rows to write because their component is healthy with what is applied (that is the version to come back to), or
 * because a Job ran to its end. Sorted as the components are.
 */
export function rowsToMark(input: {
  readonly objects: readonly ObjectStatus[];
  readonly components: readonly (readonly ObjectRef[])[];
  readonly inventory: ReadonlyMap<string, InventoryRow>;
}): readonly InventoryRow[] {
  const states = new Map(input.objects.map((status) => [refKey(status.ref), status]));
  const marked = new Map<string, InventoryRow>();
  for (const component of input.components) {
    if (!component.every((ref) => isGood(states.get(refKey(ref))))) continue;
    for (const ref of component) {
      const row = input.inventory.get(refKey(ref));
      if (row !== undefined && row.good?.commit !== row.applied.commit)
        marked.set(refKey(ref), { ...row, good: row.applied });
    }
  }
  for (const status of input.objects) {
    const row = marked.get(refKey(status.ref)) ?? input.inventory.get(refKey(status.ref));
    if (row === undefined || row.finished || status.ref.kind !== 'Job' || status.live === null) continue;
    if (status.health.reason === 'Completed' || (status.health.state === 'Degraded' && hasEnded(status))) {
      marked.set(refKey(status.ref), { ...row, finished: true });
    }
  }
  return [...marked.values()];
}

function isGood(status: ObjectStatus | undefined): boolean {
  // What git no longer names says nothing of what it names.
  if (status === undefined || status.sync === 'Kept' || status.syncReason === 'prune-held') return true;
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

import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';
import { rolloutStatus } from '../schema/rollout-status.ts';
import type { Deployment } from '../schema/types.gen.ts';
import type { ComponentHold } from './hold.ts';
import type { InventoryRow } from './inventory.ts';
import type { PlannedChange } from './plan.ts';

/**
 * Deployments on their way to pods that have not shown yet that they can be: the one before may be taken back to any
 * moment, and its pods run on until then. One that was never good, or whose failure was only told, has nothing to go
 * back to.
 */
export function unprovenRollouts(input: {
  readonly named: Iterable<ObjectRef>;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly live: (ref: ObjectRef) => KubeObject | null;
  /** What this plan is about to change. */
  readonly changes: readonly PlannedChange[];
  readonly holds: readonly ComponentHold[];
}): ReadonlySet<string> {
  const told = new Set(input.holds.flatMap((hold) => (hold.mode === 'report' ? hold.refs.map(refKey) : [])));
  const restarting = new Set(
    input.changes.flatMap((change) =>
      change.action === 'patch' && change.restartsPods ? [refKey(change.ref)] : [],
    ),
  );
  const unproven = new Set<string>();
  for (const ref of input.named) {
    if (ref.kind !== 'Deployment' || ref.group !== 'apps') continue;
    const key = refKey(ref);
    const row = input.inventory.get(key);
    if (row === undefined || row.good === null || told.has(key)) continue;
    if (restarting.has(key) || (row.good.commit !== row.applied.commit && isRollingOut(input.live(ref))))
      unproven.add(key);
  }
  return unproven;
}

function isRollingOut(live: KubeObject | null): boolean {
  return live !== null && rolloutStatus(live as KubeObject & Deployment).state !== 'done';
}

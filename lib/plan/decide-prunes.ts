import { compareApplyOrder } from '../manifests/order.ts';
import { type ObjectRef, refKey } from '../schema/object.ts';
import type { PlanInput } from './decide-plan.ts';
import { pruneDisabled, reconcileDisabled } from './directives.ts';
import type { Blocked, PlannedPrune, PruneHold, PruneSkipped } from './plan.ts';
import { guardPrunes } from './prune-guard.ts';

/**
 * What git no longer names and Pintle once applied. Only the inventory is pruned: an object that git never named is
 * never deleted. Held versions of a failed component stay even if the failing commit dropped them.
 */
export function decidePrunes(
  input: PlanInput,
  { held }: { readonly held: ReadonlyMap<string, unknown> },
): {
  readonly changes: readonly PlannedPrune[];
  readonly blocked: readonly Blocked[];
  readonly holds: readonly PruneHold[];
  readonly skipped: readonly PruneSkipped[];
  readonly dropped: readonly ObjectRef[];
} {
  const named = new Set([...input.desired.objects, ...input.desired.rejected].map(({ ref }) => refKey(ref)));
  const candidates: PlannedPrune[] = [];
  const blocked: Blocked[] = [];
  const skipped: PruneSkipped[] = [];
  const gone: ObjectRef[] = [];
  for (const [key, row] of input.inventory) {
    if (named.has(key) || held.has(key)) continue;
    const live = input.live(row.ref);
    if (live === null) gone.push(row.ref);
    else if (reconcileDisabled(live))
      blocked.push({
        ref: row.ref,
        reason: 'reconcile-disabled',
        detail: 'pintle.dev/reconcile is disabled',
      });
    else if (pruneDisabled(row.applied.object, live)) skipped.push({ ref: row.ref });
    else candidates.push({ action: 'prune', ref: row.ref, path: row.path, commit: row.applied.commit, live });
  }
  candidates.sort((a, b) => compareApplyOrder(b.ref, a.ref));
  const { allowed, holds } = guardPrunes({
    prunes: candidates.map((prune) => prune.ref),
    inventoryCount: input.inventory.size,
    desiredCount: named.size,
    unparsedFiles: input.desired.unparsedFiles,
    unmanagedIn: input.unmanagedIn,
    approvals: input.approvals,
  });
  const letGo = new Set(allowed.map(refKey));
  const changes = candidates.filter((prune) => letGo.has(refKey(prune.ref)));
  return { changes, blocked, holds, skipped, dropped: [...gone, ...changes.map((prune) => prune.ref)] };
}

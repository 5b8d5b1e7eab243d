import { inApplyOrder } from '../manifests/order.ts';
import { type ObjectRef, refKey, refText } from '../schema/object.ts';
import type { PlanInput } from './decide-plan.ts';
import { pruneDisabled, reconcileDisabled } from './directives.ts';
import type { Blocked, PlannedPrune, PruneHold, PruneSkipped } from './plan.ts';
import { guardPrunes, pruneHold } from './prune-guard.ts';

export type PruneContext = {
  /** Of objects that a standing hold keeps at their last good version, whether or not git still names them. */
  readonly held: ReadonlyMap<string, unknown>;
  /** The Deployment of an object's component that is rolling out to something unproven; null: none is. */
  readonly rollingOutBeside: (key: string) => ObjectRef | null;
};

export type PruneDecision = {
  readonly changes: readonly PlannedPrune[];
  readonly blocked: readonly Blocked[];
  readonly holds: readonly PruneHold[];
  readonly skipped: readonly PruneSkipped[];
  readonly dropped: readonly ObjectRef[];
};

/**
 * Kinds that pods read when they start: the pods of the version before need them until the new ones have proven themselves.
 * Others are pruned at once, for they may hold what the new version wants (a node port, a host port, a claim).
 */
const READ_BY_PODS: ReadonlySet<string> = new Set(['/ConfigMap', '/Secret', '/ServiceAccount']);

/**
 * What git no longer names and Pintle once applied. Only the inventory is pruned: an object that git never named is
 * never deleted. Held versions of a failed component stay even if the failing commit dropped them.
 */
export function decidePrunes(input: PlanInput, context: PruneContext): PruneDecision {
  const named = new Set([...input.desired.objects, ...input.desired.rejected].map(({ ref }) => refKey(ref)));
  const found = candidatesOf(input, { named, held: context.held });
  const candidates = [...inApplyOrder(found.candidates, ({ ref }) => ref)].reverse();
  const { allowed, holds } = guardPrunes({
    prunes: candidates.map((prune) => prune.ref),
    inventoryCount: input.inventory.size,
    desiredCount: named.size,
    unparsedFiles: input.desired.unparsedFiles,
    unmanagedIn: input.unmanagedIn,
    approvals: input.approvals,
    passed: input.passedGuard,
  });
  const after = afterRollout(allowed, context);
  const letGo = new Set(after.now.map(refKey));
  const changes = candidates.filter((prune) => letGo.has(refKey(prune.ref)));
  return {
    changes,
    blocked: found.blocked,
    holds: [...holds, ...after.holds],
    skipped: found.skipped,
    dropped: [...found.gone, ...changes.map((prune) => prune.ref)],
  };
}

function candidatesOf(
  input: PlanInput,
  { named, held }: { readonly named: ReadonlySet<string>; readonly held: ReadonlyMap<string, unknown> },
): {
  readonly candidates: readonly PlannedPrune[];
  readonly blocked: readonly Blocked[];
  readonly skipped: readonly PruneSkipped[];
  readonly gone: readonly ObjectRef[];
} {
  const candidates: PlannedPrune[] = [];
  const blocked: Blocked[] = [];
  const skipped: PruneSkipped[] = [];
  const gone: ObjectRef[] = [];
  for (const [key, { ref, applied, path }] of input.inventory) {
    if (named.has(key) || held.has(key)) continue;
    const live = input.live(ref);
    const refusal = input.refused.get(key);
    // While something cannot be read the object may still be named there: its row says that it was applied, and finished.
    if (live === null) gone.push(...(input.desired.unparsedFiles.length === 0 ? [ref] : []));
    else if (reconcileDisabled(live))
      blocked.push({ ref, reason: 'reconcile-disabled', detail: 'pintle.dev/reconcile is disabled on it' });
    else if (refusal !== undefined) blocked.push({ ref, reason: 'refused', detail: refusal });
    else if (pruneDisabled(applied.object, live)) skipped.push({ ref });
    else candidates.push({ action: 'prune', ref, path, commit: applied.commit, live });
  }
  return { candidates, blocked, skipped, gone };
}

/** Parts what may go now from what waits for a rollout. */
function afterRollout(
  allowed: readonly ObjectRef[],
  { rollingOutBeside }: PruneContext,
): { readonly now: readonly ObjectRef[]; readonly holds: readonly PruneHold[] } {
  const now: ObjectRef[] = [];
  const waiting = new Map<string, { readonly rollout: ObjectRef; readonly refs: ObjectRef[] }>();
  for (const ref of allowed) {
    const rollout = READ_BY_PODS.has(`${ref.group}/${ref.kind}`) ? rollingOutBeside(refKey(ref)) : null;
    if (rollout === null) {
      now.push(ref);
      continue;
    }
    const known = waiting.get(refKey(rollout));
    if (known === undefined) waiting.set(refKey(rollout), { rollout, refs: [ref] });
    else known.refs.push(ref);
  }
  const holds = [...waiting.values()].map(({ rollout, refs }) =>
    pruneHold(
      'after-rollout',
      `${refText(rollout)} rolls out first: the pods it has now may still need ${refs.length === 1 ? 'it' : 'them'}`,
      refs,
    ),
  );
  return { now, holds };
}

import type { EpochMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { subjectOf } from '../git/commit-message.ts';
import type { CommitInfo } from '../git/repository.ts';
import type { PlanResult } from '../plan/decide-plan.ts';
import { planCounts } from '../plan/plan.ts';
import type { HistoryEntry, SourceState } from '../plan/source-state.ts';
import { refKey } from '../schema/object.ts';

/** The state to record with a plan: how far the source is, what waits, and the revision's entry in the history. */
export function stateWithPlan(input: {
  readonly state: SourceState;
  readonly result: PlanResult;
  readonly head: CommitInfo;
  readonly now: EpochMs;
}): SourceState {
  const { state, head } = input;
  const { plan, standingHolds } = input.result;
  return {
    ...state,
    revision: head.oid,
    holds: standingHolds,
    // An approval is for one prune, which this plan does; another one is asked about again. While a file cannot be read
    // nothing is pruned, and the approval waits too.
    approvals: plan.pruneHolds.some(({ reason }) => reason === 'file-unparsed') ? state.approvals : [],
    blocked: plan.blocked,
    pruneHolds: plan.pruneHolds,
    history: historyWith(input),
  };
}

/** What a revision does later, a prune that waited or a later wave, counts for it too; what is healed after it does not. */
function historyWith(input: Parameters<typeof stateWithPlan>[0]): readonly HistoryEntry[] {
  const [newest, ...older] = input.state.history;
  const { plan } = input.result;
  if (newest?.revision !== input.head.oid)
    return [entry(input), ...input.state.history].slice(0, limits.historyEntriesMax);
  const waited = new Set(
    input.state.blocked.flatMap(({ ref, reason }) => (reason === 'waits' ? [refKey(ref)] : [])),
  );
  const later = planCounts({ ...plan, changes: plan.changes.filter(({ ref }) => waited.has(refKey(ref))) });
  const created = newest.created + later.create;
  const changed = newest.changed + later.patch + later.replace;
  const pruned = newest.pruned + planCounts(plan).prune;
  const blocked = waited.size === 0 ? newest.blocked : plan.blocked.length;
  return [{ ...newest, created, changed, pruned, blocked }, ...older];
}

function entry({ result: { plan }, head, now }: Parameters<typeof stateWithPlan>[0]): HistoryEntry {
  const { create, patch, replace, prune } = planCounts(plan);
  return {
    revision: head.oid,
    atMs: now,
    subject: subjectOf(head.message),
    created: create,
    changed: patch + replace,
    pruned: prune,
    blocked: plan.blocked.length,
  };
}

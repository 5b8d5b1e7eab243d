import type { EpochMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { subjectOf } from '../git/commit-message.ts';
import type { CommitInfo } from '../git/repository.ts';
import type { PlanResult } from '../plan/decide-plan.ts';
import { planCounts } from '../plan/plan.ts';
import type { HistoryEntry, SourceState } from '../plan/source-state.ts';

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

/** What a revision does later, a prune that waited say, counts for it too; what is healed after it does not. */
function historyWith(input: Parameters<typeof stateWithPlan>[0]): readonly HistoryEntry[] {
  const [newest, ...older] = input.state.history;
  const { plan } = input.result;
  if (newest?.revision !== input.head.oid)
    return [entry(input), ...input.state.history].slice(0, limits.historyEntriesMax);
  const pruned = newest.pruned + planCounts(plan).prune;
  return [{ ...newest, pruned }, ...older];
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

import type { EpochMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
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
    // An approval is for one prune, which this plan does; another one is asked about again.
    approvals: [],
    blocked: plan.blocked,
    pruneHolds: plan.pruneHolds,
    history:
      state.history[0]?.revision === head.oid
        ? state.history
        : [entry(input), ...state.history].slice(0, limits.historyEntriesMax),
  };
}

function entry({ result: { plan }, head, now }: Parameters<typeof stateWithPlan>[0]): HistoryEntry {
  const { create, patch, replace, prune } = planCounts(plan);
  return {
    revision: head.oid,
    atMs: now,
    subject: head.message.split('\n', 1)[0] ?? '',
    created: create,
    changed: patch + replace,
    pruned: prune,
    blocked: plan.blocked.length,
  };
}

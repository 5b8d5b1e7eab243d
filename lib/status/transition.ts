import { canonicalJson } from '../base/json.ts';
import type { ObjectStatus, StatusReport } from './report.ts';

/**
 * What makes a status commit: equal digests mean nothing worth a commit happened. An object's counters and times change
 * all the while; its health, its sync and what git asked for do not.
 */
export function objectTransition(status: ObjectStatus): string {
  const { ref, sync, syncReason, health, commit, path } = status;
  const generation = status.live?.metadata.generation ?? 0;
  const present = status.live !== null;
  return canonicalJson({
    ref,
    sync,
    syncReason,
    state: health.state,
    reason: health.reason,
    commit,
    path,
    generation,
    present,
  });
}

/** The same for what is not of one object. */
export function sourceTransition(report: StatusReport): string {
  return canonicalJson({
    head: report.head,
    revision: report.revision,
    sync: report.sync,
    health: report.health,
    blocked: report.blocked.map(({ ref, reason, detail }) => ({ ref, reason, detail })),
    pruneHolds: report.pruneHolds.map((hold) => hold.id),
    holds: report.holds.map((hold) => ({ digest: hold.failedDigest, cause: hold.cause })),
    problems: report.problems.map(({ ruleId, file, position }) => ({ ruleId, file, position })),
  });
}

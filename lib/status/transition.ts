import { canonicalJson } from '../base/json.ts';
import type { ObjectStatus, StatusReport } from './report.ts';

/**
 * What makes a status commit: equal texts mean nothing worth a commit happened. An object's counters and times change
 * all the while; its health, its sync and what git asked for do not. No field can hold a line break.
 */
export function objectTransition({
  sync,
  syncReason,
  health,
  commit,
  path,
  live,
}: Omit<ObjectStatus, 'ref'>): string {
  const { state, reason } = health;
  const generation = live === null ? 'absent' : (live.metadata.generation ?? 0);
  return `${sync}\n${syncReason}\n${state}\n${reason}\n${commit ?? ''}\n${path}\n${generation}`;
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

import type { JsonObject } from '../base/json.ts';
import { needsApproval } from '../plan/plan.ts';
import { fieldPathText } from '../schema/finding.ts';
import type { ObjectRef } from '../schema/object.ts';
import type { ObjectStatus, StatusReport } from './report.ts';

/** The format's version: raised when a field changes its meaning or goes; new fields may come at any time. */
const FORMAT = 1;

/** The summary and all that is not healthy or not in sync: `status.json` of a status commit. Stable and documented in the README. */
export function statusJson(report: StatusReport): JsonObject {
  const noteworthy = report.objects.filter(
    (object) => object.health.state !== 'Healthy' || object.sync !== 'Synced',
  );
  return { ...summaryJson(report), objects: noteworthy.map(objectJson) };
}

/** The same with every object: `pintle status -o json`. */
export function fullStatusJson(report: StatusReport): JsonObject {
  return {
    ...summaryJson(report),
    at: new Date(report.atMs).toISOString(),
    objects: report.objects.map(objectJson),
    events: report.events,
  };
}

function summaryJson(report: StatusReport): JsonObject {
  const { source } = report;
  return {
    format: FORMAT,
    source: { name: source.name, repository: source.location, branch: source.branch, path: source.path },
    head: report.head,
    revision: report.revision,
    sync: report.sync,
    health: report.health,
    total: report.objects.length,
    counts: report.counts,
    blocked: report.blocked.map(({ ref, reason, detail }) => ({ ...refJson(ref), reason, detail })),
    pruneHolds: report.pruneHolds.map(({ id, reason, detail, refs }) => ({
      id,
      reason,
      detail,
      needsApproval: needsApproval({ reason }),
      objects: refs.map(refJson),
    })),
    holds: report.holds.map((hold) => ({
      cause: refJson(hold.cause),
      mode: hold.mode,
      failedRevision: hold.failedRevision,
      goodRevisions: hold.goodRevisions,
      evidence: hold.evidence,
      objects: hold.refs.map(refJson),
    })),
    problems: report.problems.map((problem) => ({
      ruleId: problem.ruleId,
      severity: problem.severity,
      file: problem.file,
      line: problem.position.line,
      column: problem.position.column,
      field: fieldPathText(problem.path),
      message: problem.message,
    })),
  };
}

function objectJson(status: ObjectStatus): JsonObject {
  const { sync, syncReason, syncDetail, health, path, commit } = status;
  return {
    ...refJson(status.ref),
    sync,
    ...(syncReason === '' ? {} : { syncReason, syncDetail }),
    health: health.state,
    ...(health.reason === '' ? {} : { reason: health.reason, message: health.message }),
    path,
    commit,
  };
}

function refJson(ref: ObjectRef): JsonObject {
  return { group: ref.group, kind: ref.kind, namespace: ref.namespace, name: ref.name };
}

import type { Problem } from '../manifests/manifest-set.ts';
import { refText } from '../schema/object.ts';
import type { StatusReport } from '../status/report.ts';
import { healthChanges } from '../status/status-commit.ts';
import type { DaemonEvent } from './control-protocol.ts';

/** What is worth saying of a report after the one before it. */
export function announcements(before: StatusReport | null, after: StatusReport): readonly DaemonEvent[] {
  const events: DaemonEvent[] = [];
  // All of them with each commit; those found later when they are found.
  const told = new Set(after.head === before?.head ? before?.problems.map(problemText) : []);
  for (const problem of after.problems) {
    const text = problemText(problem);
    if (!told.has(text)) events.push({ type: 'problem', severity: problem.severity, text });
  }
  for (const { ref, health } of healthChanges(before, after)) {
    events.push({
      type: 'health',
      object: refText(ref),
      state: health.state,
      reason: health.reason,
      message: health.message,
    });
  }
  if (before === null || summaryOf(before) !== summaryOf(after)) {
    const { sync, revision } = after;
    events.push({
      type: 'summary',
      healthy: after.counts.Healthy,
      total: after.objects.length,
      health: after.health,
      sync,
      revision,
    });
  }
  return events;
}

function problemText({ file, position, ruleId, message }: Problem): string {
  return `${file}:${position.line}:${position.column} ${ruleId}: ${message}`;
}

function summaryOf(report: StatusReport): string {
  return `${report.revision} ${report.sync} ${report.health} ${report.counts.Healthy} ${report.objects.length}`;
}

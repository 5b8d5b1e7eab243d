import { refText } from '../schema/object.ts';
import type { StatusReport } from '../status/report.ts';
import { healthChanges } from '../status/status-commit.ts';
import type { DaemonEvent } from './control-protocol.ts';

/** What is worth saying of a report after the one before it. */
export function announcements(before: StatusReport | null, after: StatusReport): readonly DaemonEvent[] {
  const events: DaemonEvent[] = [];
  if (after.head !== before?.head) {
    for (const problem of after.problems) {
      const { file, position, ruleId, severity, message } = problem;
      const text = `${file}:${position.line}:${position.column} ${ruleId}: ${message}`;
      events.push({ type: 'problem', severity, text });
    }
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

function summaryOf(report: StatusReport): string {
  return `${report.revision} ${report.sync} ${report.health} ${report.counts.Healthy} ${report.objects.length}`;
}

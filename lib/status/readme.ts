import { needsApproval, type PruneHold } from '../plan/plan.ts';
import { refText } from '../schema/object.ts';
import type { ObjectStatus, StatusReport } from './report.ts';

/** Rows of one table; the rest is counted. */
const ROWS_MAX = 200;

/** `README.md` of a status commit, for people. */
export function statusReadme(report: StatusReport): string {
  const { source } = report;
  const where = source.path === '' ? source.branch : `${source.branch}, ${source.path}/`;
  const lines = [
    `# ${report.health}: ${report.counts.Healthy} of ${report.objects.length} healthy`,
    '',
    `Branch ${where}. ${revisionLine(report)}`,
    '',
    ...section(
      'Needs attention',
      report.objects.filter((object) => object.health.state !== 'Healthy').map(healthRow),
    ),
    ...section('Not as git says', report.objects.filter((object) => object.sync !== 'Synced').map(syncRow)),
    ...section(
      'Failed rollouts',
      report.holds.map(
        (hold) =>
          `- ${refText(hold.cause)}: ${oneLine(hold.evidence)}. Failed at ${short(hold.failedRevision)}, ` +
          (hold.mode === 'hold'
            ? `held at ${hold.goodRevisions.map(short).join(', ')} until its manifests change.`
            : 'reported only.'),
      ),
    ),
    ...section('Deletions that wait', report.pruneHolds.map(holdRow)),
    ...section(
      'Problems in manifests',
      report.problems.map(
        (problem) =>
          `- ${problem.severity} ${problem.ruleId} at ${problem.file}:${problem.position.line}:${problem.position.column}: ${oneLine(problem.message)}`,
      ),
    ),
    ...section(
      'All objects',
      report.objects.map((object) => `- ${object.health.state} ${refText(object.ref)}`),
    ),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function revisionLine(report: StatusReport): string {
  if (report.head === null) return 'The branch has no commit yet.';
  const head = `${short(report.head)} (${oneLine(report.headSubject)})`;
  if (report.revision === report.head)
    return report.sync === 'Synced' ? `In sync with ${head}.` : `Applied ${head}, not all of it: see below.`;
  return `The newest commit is ${head}; applied is ${report.revision === null ? 'nothing yet' : short(report.revision)}.`;
}

function healthRow({ ref, health }: ObjectStatus): string {
  return `- ${health.state} ${refText(ref)}: ${health.reason}${health.message === '' ? '' : `, ${oneLine(health.message)}`}`;
}

function syncRow({ ref, sync, syncReason, syncDetail }: ObjectStatus): string {
  // Why a component is held stands with its rollout.
  const detail = sync === 'Held' ? '' : oneLine(syncDetail);
  const why = [syncReason, detail].filter((text) => text !== '').join(': ');
  return `- ${sync} ${refText(ref)}${why === '' ? '' : ` (${why})`}`;
}

function holdRow(hold: PruneHold): string {
  const objects = hold.refs.length === 1 ? '1 object' : `${hold.refs.length} objects`;
  const onward = needsApproval(hold) ? ` To go on: \`pintle approve ${hold.id}\`.` : '';
  return `- ${objects}: ${oneLine(hold.detail)}.${onward}`;
}

function section(title: string, rows: readonly string[]): readonly string[] {
  if (rows.length === 0) return [];
  const more =
    rows.length > ROWS_MAX ? [`- and ${rows.length - ROWS_MAX} more; \`status.json\` has all`] : [];
  return [`## ${title}`, '', ...rows.slice(0, ROWS_MAX), ...more, ''];
}

function short(commit: string): string {
  return commit.slice(0, 10);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

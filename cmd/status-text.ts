import { styleText } from 'node:util';
import { refLabel, type StatusJson, type StatusObject } from './status-json.ts';

const EVENTS_SHOWN = 8;
const COLOURS = {
  Healthy: 'green',
  Suspended: 'blue',
  Progressing: 'cyan',
  Missing: 'yellow',
  Unknown: 'yellow',
  Degraded: 'red',
} as const;

type Paint = (state: string, text: string) => string;

/** `pintle status` for people: one line on top, then what needs attention, then every object. */
export function statusText(status: StatusJson, options: { readonly colour: boolean }): string {
  const paint: Paint = (state, text) =>
    options.colour && state in COLOURS ? styleText(COLOURS[state as keyof typeof COLOURS], text) : text;
  const lines = [
    `${paint(status.health, status.health)}: ${status.counts.Healthy ?? 0} of ${status.total}   ${status.sync} with ${status.source.repository} ${status.source.branch}`,
    status.head === null
      ? `The branch ${status.source.branch} has no commit yet.`
      : `newest ${status.head.slice(0, 10)}, applied ${status.revision?.slice(0, 10) ?? 'nothing yet'}`,
    ...status.troubles.map(
      ({ code, message, since }) =>
        `${paint('Degraded', 'trouble')} since ${since}: ${oneLine(message)} (${code})`,
    ),
    '',
    ...table(status.objects, paint),
  ];
  for (const hold of status.holds) {
    const what =
      hold.mode === 'hold'
        ? `held at ${hold.goodRevisions.map((revision) => revision.slice(0, 10)).join(', ')} until its manifests change`
        : 'reported only';
    lines.push(
      '',
      `${paint('Degraded', 'rollout failed')} ${refLabel(hold.cause)} at ${hold.failedRevision.slice(0, 10)}: ${oneLine(hold.evidence)}`,
      `  ${what}`,
    );
  }
  for (const hold of status.pruneHolds) {
    lines.push(
      '',
      `${paint('Degraded', 'deleting waits')}: ${hold.detail}`,
      ...hold.objects.map((ref) => `  - ${refLabel(ref)}`),
    );
    if (hold.needsApproval) lines.push(`  to go on: pintle approve ${hold.id}`);
  }
  for (const problem of status.problems) {
    lines.push(
      `${paint(problem.severity === 'error' ? 'Degraded' : 'Missing', problem.severity)} ${problem.file}:${problem.line}:${problem.column} ${problem.ruleId}: ${problem.message}`,
    );
  }
  if (status.events.length > 0) lines.push('', 'last events');
  for (const event of status.events.slice(0, EVENTS_SHOWN)) {
    const times = event.count > 1 ? ` (×${event.count})` : '';
    lines.push(
      `  ${event.at.slice(11, 19)}  ${event.object}  ${event.reason}: ${oneLine(event.message)}${times}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function table(objects: readonly StatusObject[], paint: Paint): readonly string[] {
  const names = objects.map(refLabel);
  const width = Math.max(0, ...names.map((name) => name.length));
  return objects.map((object, at) => {
    const sync = object.sync === 'Synced' ? '' : `  ${syncText(object)}`;
    const why =
      object.reason === undefined
        ? ''
        : `  ${object.reason}${object.message ? `: ${oneLine(object.message)}` : ''}`;
    return `${paint(object.health, object.health.padEnd(11))} ${(names[at] ?? '').padEnd(width)}${why}${sync}`.trimEnd();
  });
}

function syncText({ sync, syncReason = '', syncDetail = '', message = '' }: StatusObject): string {
  // Why is told once, below, or before.
  if (sync === 'Held' || (syncDetail !== '' && message.includes(syncDetail))) return sync;
  if (syncDetail.includes(`${syncReason}: `)) return `${sync}: ${oneLine(syncDetail)}`;
  if (syncReason === 'prune-held') return `${sync}: waits to be deleted`;
  return `${sync}: ${syncReason}${syncDetail === '' ? '' : `, ${oneLine(syncDetail)}`}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

import { styleText } from 'node:util';
import { assertNever } from '../base/errors.ts';
import { refText } from '../schema/object.ts';
import { fieldChanges } from './field-changes.ts';
import { hideSecret } from './hide-secret.ts';
import { type Plan, type PlannedChange, planCounts } from './plan.ts';

const CHANGES_SHOWN_MAX = 40;

/**
 * A plan for people: deletions first and loud, then what waits, creations, changes field by field, and what is left
 * alone and why. Secret values never appear.
 */
export function renderPlan(plan: Plan, options: { readonly colour: boolean }): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    options.colour ? styleText(format, text) : text;
  const lines: string[] = [];
  const prunes = plan.changes.filter((change) => change.action === 'prune');
  if (prunes.length > 0)
    lines.push(paint(['bold', 'red'], `${prunes.length} to DELETE (git no longer names them)`));
  for (const prune of prunes) lines.push(`${paint('red', `- ${refText(prune.ref)}`)}  was in ${prune.path}`);
  for (const hold of plan.pruneHolds) {
    lines.push(paint(['bold', 'red'], `deleting ${hold.refs.length} waits: ${hold.detail}`));
    for (const ref of hold.refs) lines.push(paint('red', `- ${refText(ref)}`));
    if (hold.reason !== 'file-unparsed') lines.push(`  to go on: pintle approve ${hold.id}`);
  }
  for (const change of plan.changes) if (change.action !== 'prune') lines.push(...changeLines(change, paint));
  if (plan.blocked.length > 0) lines.push(paint('yellow', `${plan.blocked.length} left as they are`));
  for (const block of plan.blocked)
    lines.push(paint('yellow', `! ${refText(block.ref)}: ${block.reason}, ${block.detail}`));
  for (const { ref } of plan.pruneSkipped)
    lines.push(`= ${refText(ref)}: kept, pintle.dev/prune is disabled`);
  const errors = plan.problems.filter((problem) => problem.severity === 'error').length;
  if (errors > 0) lines.push(paint('red', `${errors} errors in manifests: see pintle validate`));
  lines.push(summary(plan));
  return `${lines.join('\n')}\n`;
}

type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

function changeLines(change: Exclude<PlannedChange, { action: 'prune' }>, paint: Paint): readonly string[] {
  switch (change.action) {
    case 'create':
      return [paint('green', `+ ${refText(change.ref)}`)];
    case 'replace': {
      const why = `deleted and created again: ${change.fields.join(', ')} cannot change in place`;
      return [`${paint(['bold', 'magenta'], `± ${refText(change.ref)}`)}  ${why}`];
    }
    case 'patch': {
      const notes = [
        change.heals ? 'drift, healed' : '',
        change.restartsPods ? 'its pods restart' : '',
      ].filter((note) => note !== '');
      const head =
        paint('cyan', `~ ${refText(change.ref)}`) + (notes.length > 0 ? `  (${notes.join('; ')})` : '');
      const changes = fieldChanges(change.live, change.operations);
      const rows = changes.slice(0, CHANGES_SHOWN_MAX).map((each) => {
        const { path, from, to } = hideSecret(change.live, each);
        return `    ${path}: ${from ?? 'unset'} → ${to ?? 'unset'}`;
      });
      if (changes.length > CHANGES_SHOWN_MAX)
        rows.push(`    and ${changes.length - CHANGES_SHOWN_MAX} more fields`);
      return [head, ...rows];
    }
    default:
      return assertNever(change);
  }
}

function summary(plan: Plan): string {
  const counts = planCounts(plan);
  const parts = [
    `${counts.prune} to delete`,
    `${counts.create} to create`,
    `${counts.patch} to change`,
    `${counts.replace} to replace`,
    `${plan.unchangedCount} unchanged`,
    `${plan.blocked.length} left alone`,
  ];
  return `${plan.revision === null ? 'No commit yet' : `At ${plan.revision.slice(0, 10)}`}: ${parts.join(', ')}.`;
}

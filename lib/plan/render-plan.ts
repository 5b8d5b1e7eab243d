import { styleText } from 'node:util';
import { assertNever } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Problem } from '../manifests/manifest-set.ts';
import { printable, problemLine } from '../manifests/problem-text.ts';
import { refText } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { blockText } from './block-text.ts';
import { fieldChanges } from './field-changes.ts';
import { hideSecret } from './hide-secret.ts';
import {
  needsApproval,
  type Plan,
  type PlannedChange,
  type PlannedPatch,
  type PlannedReplace,
  type PruneHold,
  planCounts,
} from './plan.ts';

type Format = Parameters<typeof styleText>[0];
type Paint = (format: Format, text: string) => string;

/**
 * A plan for people: what it deletes first and loud, then deletions that wait, what it replaces, creates and changes, field by
 * field, whose pods restart, and what is left alone and why. Secret values never appear.
 */
export function renderPlan(
  plan: Plan,
  { schema, colour }: { readonly schema: Schema; readonly colour: boolean },
): string {
  // Whoever asks decides: the process that renders, a daemon, is not the one that shows.
  const paint: Paint = (format, text) =>
    colour ? styleText(format, printable(text), { validateStream: false }) : printable(text);
  const of = <A extends PlannedChange['action']>(action: A) =>
    plan.changes.filter(
      (change): change is Extract<PlannedChange, { action: A }> => change.action === action,
    );
  const sections = [
    titled(
      paint(['bold', 'red'], 'DELETED, for git no longer names them:'),
      of('prune').map((change) => paint('red', `- ${refText(change.ref)}  (it was in ${change.path})`)),
    ),
    ...plan.pruneHolds.map((hold) => holdLines(hold, paint)),
    titled(
      paint(['bold', 'magenta'], 'DELETED AND CREATED AGAIN:'),
      of('replace').map((change) =>
        paint(
          'magenta',
          `± ${refText(change.ref)}  (${change.fields.join(', ')} cannot change in place; ${leaving(change)})`,
        ),
      ),
    ),
    titled(
      'Created:',
      of('create').map((change) => paint('green', `+ ${refText(change.ref)}`)),
    ),
    titled(
      'Changed:',
      of('patch').flatMap((change) => patchLines(change, schema, paint)),
    ),
    titled('Pods restart:', restartLines(plan, paint)),
    titled(
      'Later:',
      plan.blocked
        .filter(({ reason }) => reason === 'waits')
        .map((block) => paint('cyan', `… ${refText(block.ref)}  ${blockText(block)}`)),
    ),
    titled(
      'Left as they are:',
      leftAlone(plan).map((block) => paint('yellow', `! ${refText(block.ref)}  ${blockText(block)}`)),
    ),
    titled(
      'Kept, though git no longer names them (pintle.dev/prune: disabled):',
      plan.pruneSkipped.map(({ ref }) => printable(`= ${refText(ref)}`)),
    ),
    titled(paint('red', 'Errors in manifests:'), errorLines(plan.problems, paint)),
    [summary(plan)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function holdLines(hold: PruneHold, paint: Paint): readonly string[] {
  const approval = needsApproval(hold);
  const loud: Format = approval ? ['bold', 'red'] : 'yellow';
  const lines = hold.refs.map((ref) => paint(approval ? 'red' : 'yellow', `- ${refText(ref)}`));
  const onward = approval ? [`to go on: pintle approve ${hold.id}`] : [];
  return titled(paint(loud, `${holdTitle(hold)}: ${hold.detail}`), [...lines, ...onward]);
}

function holdTitle({ reason }: PruneHold): string {
  switch (reason) {
    case 'after-rollout':
      return 'Deleted later';
    case 'file-unparsed':
      return 'NOT DELETED';
    case 'source-emptied':
    case 'most-of-source':
    case 'namespace-not-empty':
      return 'NOT DELETED YET';
    default:
      return assertNever(reason);
  }
}

function patchLines(change: PlannedPatch, schema: Schema, paint: Paint): readonly string[] {
  const note = change.heals ? '  (it is not as git says; put right)' : '';
  const fields = fieldChanges(schema, change).map((field) => hideSecret(change.live, field));
  const most = limits.planFieldsShownMax;
  const rows = fields
    .slice(0, most)
    .map(({ path, from, to }) => printable(`    ${path}: ${from ?? 'unset'} → ${to ?? 'unset'}`));
  const more = fields.length > most ? [`    and ${fields.length - most} more fields`] : [];
  return [`${paint('cyan', `~ ${refText(change.ref)}`)}${note}`, ...rows, ...more];
}

function restartLines(plan: Plan, paint: Paint): readonly string[] {
  return plan.changes.flatMap((change) => {
    const restarts = (change.action === 'patch' || change.action === 'replace') && change.restartsPods;
    return restarts ? [paint('cyan', `* those of ${refText(change.ref)}`)] : [];
  });
}

function errorLines(problems: readonly Problem[], paint: Paint): readonly string[] {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const most = limits.planErrorsShownMax;
  const more = errors.length > most ? [`and ${errors.length - most} more: see pintle validate`] : [];
  const lines = errors.slice(0, most).map((problem) => paint('red', problemLine(problem)));
  return [...lines, ...more];
}

function summary(plan: Plan): string {
  const counts = planCounts(plan);
  const waiting = plan.pruneHolds.reduce((sum, hold) => sum + hold.refs.length, 0);
  const parts = (['prune', 'replace', 'create', 'patch'] as const).flatMap((action) =>
    counts[action] === 0 ? [] : [`${counts[action]} ${verb(action)}`],
  );
  if (waiting > 0) parts.push(`${waiting} ${waiting === 1 ? 'waits' : 'wait'} to be deleted`);
  const alone = leftAlone(plan).length;
  if (alone < plan.blocked.length) parts.push(`${plan.blocked.length - alone} later`);
  if (alone > 0) parts.push(`${alone} left alone`);
  if (parts.length === 0) parts.push('nothing to change');
  if (plan.unchangedCount > 0) parts.push(`${plan.unchangedCount} unchanged`);
  if (plan.revision === null) return 'The branch has no commit yet: nothing changes.';
  return `At ${plan.revision.slice(0, 10)}: ${parts.join(', ')}.`;
}

/** What becomes of the pods of an object that is replaced. */
function leaving({ ref, propagation }: PlannedReplace): string {
  switch (propagation) {
    case 'Foreground':
      return 'its pods end first';
    case 'Orphan':
      return 'its pods stay, and the new one takes them over';
    case 'Background':
      return ref.kind === 'Pod' ? 'it ends first' : 'nothing runs in it';
    default:
      return assertNever(propagation);
  }
}

function leftAlone({ blocked }: Plan): Plan['blocked'] {
  return blocked.filter(({ reason }) => reason !== 'waits');
}

function verb(action: PlannedChange['action']): string {
  switch (action) {
    case 'prune':
      return 'to delete';
    case 'replace':
      return 'to replace';
    case 'create':
      return 'to create';
    case 'patch':
      return 'to change';
    default:
      return assertNever(action);
  }
}

import type { JsonObject } from '../base/json.ts';
import type { ObjectRef } from '../schema/object.ts';
import { fieldChanges } from './field-changes.ts';
import { hideSecret } from './hide-secret.ts';
import type { Plan, PlannedChange } from './plan.ts';
import { renderPlan } from './render-plan.ts';

/** A plan for machines; stable, documented in the README. No Secret value, and no whole object, is in it. */
export function planJson(plan: Plan): JsonObject {
  return {
    format: 1,
    revision: plan.revision,
    changes: plan.changes.map(changeJson),
    pruneHolds: plan.pruneHolds.map(({ id, reason, detail, refs }) => ({
      id,
      reason,
      detail,
      objects: refs.map(refJson),
    })),
    blocked: plan.blocked.map(({ ref, reason, detail }) => ({ ...refJson(ref), reason, detail })),
    kept: plan.pruneSkipped.map(({ ref }) => refJson(ref)),
    errors: plan.problems.filter((problem) => problem.severity === 'error').length,
    warnings: plan.problems.filter((problem) => problem.severity === 'warning').length,
    desired: plan.desiredCount,
    unchanged: plan.unchangedCount,
  };
}

/** What the daemon answers: the plan for machines, and its text plain and coloured. */
export function planAnswer(plan: Plan): JsonObject {
  return {
    plan: planJson(plan),
    text: renderPlan(plan, { colour: false }),
    colourText: renderPlan(plan, { colour: true }),
  };
}

function changeJson(change: PlannedChange): JsonObject {
  const named = { action: change.action, ...refJson(change.ref) };
  if (change.action === 'prune') return { ...named, path: change.path, commit: change.commit };
  if (change.action === 'create') return named;
  if (change.action === 'replace')
    return { ...named, immutable: change.fields, restartsPods: change.restartsPods };
  const fields = fieldChanges(change.live, change.operations).map((field) => hideSecret(change.live, field));
  return { ...named, heals: change.heals, restartsPods: change.restartsPods, fields };
}

function refJson({ group, kind, namespace, name }: ObjectRef): JsonObject {
  return { group, kind, namespace, name };
}

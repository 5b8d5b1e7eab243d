import type { JsonObject } from '../base/json.ts';
import type { ObjectRef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { fieldChanges } from './field-changes.ts';
import { hideSecret } from './hide-secret.ts';
import { type Blocked, needsApproval, type Plan, type PlannedChange } from './plan.ts';
import { renderPlan } from './render-plan.ts';

/** A plan for machines; stable, documented in the README. No Secret value, and no whole object, is in it. */
export function planJson(plan: Plan, schema: Schema): JsonObject {
  return {
    format: 1,
    revision: plan.revision,
    changes: plan.changes.map((change) => changeJson(change, schema)),
    pruneHolds: plan.pruneHolds.map(({ id, reason, detail, refs }) => ({
      id,
      reason,
      detail,
      needsApproval: needsApproval({ reason }),
      objects: refs.map(refJson),
    })),
    blocked: plan.blocked.map(blockJson),
    kept: plan.pruneSkipped.map(({ ref }) => refJson(ref)),
    errors: plan.problems.filter((problem) => problem.severity === 'error').length,
    warnings: plan.problems.filter((problem) => problem.severity === 'warning').length,
    desired: plan.desiredCount,
    unchanged: plan.unchangedCount,
  };
}

/** What the daemon answers: the plan for machines, and its text plain and coloured. */
export function planAnswer(plan: Plan, schema: Schema): JsonObject {
  return {
    plan: planJson(plan, schema),
    text: renderPlan(plan, { schema, colour: false }),
    colourText: renderPlan(plan, { schema, colour: true }),
  };
}

function changeJson(change: PlannedChange, schema: Schema): JsonObject {
  const named = { action: change.action, ...refJson(change.ref) };
  if (change.action === 'prune') return { ...named, path: change.path, commit: change.commit };
  if (change.action === 'create') return named;
  if (change.action === 'replace')
    return {
      ...named,
      immutable: change.fields,
      propagation: change.propagation,
      restartsPods: change.restartsPods,
    };
  const fields = fieldChanges(schema, change).map((field) => hideSecret(change.live, field));
  return { ...named, heals: change.heals, restartsPods: change.restartsPods, fields };
}

function blockJson({ ref, reason, detail, path, position, ruleId }: Blocked): JsonObject {
  const place =
    path === undefined || position === undefined
      ? {}
      : { path, line: position.line, column: position.column };
  return { ...refJson(ref), reason, detail, ...(ruleId === undefined ? {} : { ruleId }), ...place };
}

function refJson({ group, kind, namespace, name }: ObjectRef): JsonObject {
  return { group, kind, namespace, name };
}

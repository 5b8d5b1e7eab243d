import { assert, assertNever } from '../base/errors.ts';
import { deepEqual, isObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { checkUpdate } from '../schema/check-update.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { type Finding, fieldPathText } from '../schema/finding.ts';
import { applyJsonPatch, diffToJsonPatch } from '../schema/json-patch.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../schema/object.ts';
import { podSpecOf } from '../schema/pod-template.ts';
import type { Schema } from '../schema/schema.ts';
import { mergeThreeWay } from '../schema/three-way.ts';
import { withoutReplicas } from './autoscaled.ts';
import { directives, reconcileDisabled, replaceAllowed } from './directives.ts';
import { fieldChanges } from './field-changes.ts';
import { withoutGatheredRules } from './gathered.ts';
import { healKey } from './healed-field.ts';
import type { InventoryRow } from './inventory.ts';
import { withKeptItems } from './kept-items.ts';
import type { Blocked, PlannedChange } from './plan.ts';
import { canBeReplaced, replacePropagation } from './replacement.ts';

export type ObjectInput = {
  readonly schema: Schema;
  readonly ref: ObjectRef;
  /** Normalised. */
  readonly desired: KubeObject;
  readonly live: KubeObject | null;
  readonly row: InventoryRow | null;
  /** An HPA sets its replicas. */
  readonly autoscaled: boolean;
  /** `healKey`s of fields whose healing pauses. */
  readonly backedOff: ReadonlySet<string>;
};

export type ObjectDecision =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'change'; readonly change: PlannedChange }
  | { readonly kind: 'blocked'; readonly blocked: Blocked };

/** What one object that git names needs. Pure: base, desired and live in, one change at most out. */
export function decideObject(input: ObjectInput): ObjectDecision {
  const { ref, desired, live, row } = input;
  if (input.schema.kind(ref) === undefined) {
    return blocked(ref, 'kind-not-served', 'its CustomResourceDefinition is not live yet');
  }
  if (reconcileDisabled(desired, live))
    return blocked(ref, 'reconcile-disabled', 'pintle.dev/reconcile is disabled on it');
  if (live === null) {
    if (row?.finished === true && deepEqual(row.applied.object, desired)) return { kind: 'unchanged' };
    return { kind: 'change', change: { action: 'create', ref, object: desired } };
  }
  if (live.metadata.deletionTimestamp !== undefined)
    return blocked(ref, 'terminating', 'is being deleted; it is created again once it is gone');
  return decideExisting(input, live);
}

function decideExisting(input: ObjectInput, live: KubeObject): ObjectDecision {
  const { schema, ref, desired, row, autoscaled } = input;
  const base = row?.applied.object ?? null;
  const result = resultOf({ schema, base, desired, live, autoscaled });
  const operations = diffToJsonPatch(live, result);
  if (operations.length === 0) return { kind: 'unchanged' };
  const restartsPods = templateChanges(live, result);
  const immutable = checkUpdate(schema, { old: live, new: result });
  if (immutable.length > 0) return decideImmutable(input, { live, result, immutable, restartsPods });
  const heals = base !== null && deepEqual(base, desired);
  const wanted = heals
    ? operations.filter((operation) => !input.backedOff.has(healKey(ref, live, operation)))
    : operations;
  if (wanted.length === 0)
    return blocked(ref, 'healing-backed-off', driftText(schema, { live, result, desired }));
  const { resourceVersion } = live.metadata;
  assert(resourceVersion !== undefined, 'a live object has a resourceVersion');
  return {
    kind: 'change',
    change: {
      action: 'patch',
      ref,
      operations: wanted,
      resourceVersion,
      live,
      result: wanted.length === operations.length ? result : (applyJsonPatch(live, wanted) as KubeObject),
      desired,
      heals,
      restartsPods,
    },
  };
}

/** Fields that change and cannot: the object is replaced where that is allowed, else it says what to do. */
function decideImmutable(
  { ref, desired }: ObjectInput,
  of: {
    readonly live: KubeObject;
    readonly result: KubeObject;
    readonly immutable: readonly Finding[];
    readonly restartsPods: boolean;
  },
): ObjectDecision {
  const { live, immutable, restartsPods } = of;
  const fields = immutable.map((finding) => fieldPathText(finding.path));
  const allowed = canBeReplaced(ref);
  if (allowed && replaceAllowed(desired, live)) {
    const propagation = replacePropagation(live, of.result);
    const replace = {
      action: 'replace',
      ref,
      object: desired,
      live,
      fields,
      propagation,
      restartsPods,
    } as const;
    return { kind: 'change', change: replace };
  }
  const way = allowed
    ? `write the annotation ${directives.replace}: allowed on it to have it deleted and created again, or take the change back`
    : `a ${ref.kind} is never replaced, for what is in it would be lost: take the change back, or delete it yourself, and it is created again as git says`;
  const [first] = immutable;
  const field = first === undefined ? {} : { field: first.path };
  const detail = `${fields.join(', ')} cannot change in place; ${way}`;
  return {
    kind: 'blocked',
    blocked: { ref, reason: 'immutable-field', detail, ruleId: 'immutable-field', ...field },
  };
}

function driftText(schema: Schema, of: Parameters<typeof fieldChanges>[1]): string {
  const paths = fieldChanges(schema, of).map(({ path }) => path);
  return `${paths.join(', ')} was put right ${limits.healsBeforeBackoff} times in ten minutes, and is left alone for a while; something else keeps changing it`;
}

/** Base, desired and live merged before defaulting, by the schema's keys; then defaulted (design, decision 4). */
function resultOf(input: {
  readonly schema: Schema;
  readonly base: KubeObject | null;
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly autoscaled: boolean;
}): KubeObject {
  const { schema, live } = input;
  const typeName = schema.kindOf(live.apiVersion, live.kind)?.typeName ?? '';
  const own = (object: KubeObject): KubeObject =>
    withoutGatheredRules(input.autoscaled ? withoutReplicas(object) : object);
  const base = input.base === null ? null : own(input.base);
  const desired = withKeptItems(own(input.desired), { base, live });
  return applyDefaults(schema, mergeThreeWay(schema, { typeName, base, desired, live }));
}

/** Kinds that replace their pods when their template changes. The others use the new one for the pods they make next. */
const ROLLS_PODS: ReadonlySet<string> = new Set([
  '/Pod',
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
]);

function templateChanges(live: KubeObject, result: KubeObject): boolean {
  if (!ROLLS_PODS.has(`${groupOf(live.apiVersion)}/${live.kind}`)) return false;
  // A Deployment that is paused waits until it goes on.
  if (isObject(result.spec) && result.spec.paused === true) return false;
  const before = podSpecOf(live);
  const after = podSpecOf(result);
  if (before === null || after === null) return false;
  if (live.kind === 'Pod') return !deepEqual(imagesOf(before.spec), imagesOf(after.spec));
  return !deepEqual([before.spec, before.metadata], [after.spec, after.metadata]);
}

function imagesOf(spec: unknown): unknown {
  const containers = isObject(spec) && Array.isArray(spec.containers) ? spec.containers : [];
  return containers.map((container: unknown) => (isObject(container) ? container.image : null));
}

function blocked(ref: ObjectRef, reason: Blocked['reason'], detail: string): ObjectDecision {
  return { kind: 'blocked', blocked: { ref, reason, detail } };
}

/** Whether a block keeps the neighbours of its component waiting too. */
export function blocksComponent(reason: Blocked['reason']): boolean {
  switch (reason) {
    case 'invalid':
    case 'immutable-field':
    case 'refused':
      return true;
    case 'component-blocked':
    case 'held-after-failure':
    case 'reconcile-disabled':
    case 'terminating':
    case 'kind-not-served':
    case 'waits':
    case 'comes-with-namespace':
    case 'healing-backed-off':
      return false;
    default:
      return assertNever(reason);
  }
}

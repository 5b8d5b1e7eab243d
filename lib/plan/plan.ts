import { assertNever } from '../base/errors.ts';
import type { Position, Problem } from '../manifests/manifest-set.ts';
import type { FieldPath } from '../schema/finding.ts';
import type { JsonPatchOperation } from '../schema/json-patch-operation.ts';
import type { KubeObject, ObjectRef } from '../schema/object.ts';
import type { InventoryRow } from './inventory.ts';
import type { ReplacePropagation } from './replacement.ts';

/** Why an object that git or the inventory names is left as it is. A type, so that code and tests can tell; prose is made by rendering. */
export const blockReasons = [
  /** The object's own manifest has errors. */
  'invalid',
  /** It is tied by references or selectors to an object that is blocked. */
  'component-blocked',
  /** The change touches immutable fields and the manifest does not allow replacing. */
  'immutable-field',
  /** Its component failed to roll out and is held at its last good objects. */
  'held-after-failure',
  /** `pintle.dev/reconcile: disabled`, in git or live. */
  'reconcile-disabled',
  /** The API refused it when it was tried. */
  'refused',
  /** The live object is on its way out; it is created again once it is gone. */
  'terminating',
  /** The definition of its kind comes with this commit, or is missing: it is created once the kind is served. */
  'kind-not-served',
  /** Something comes first: a claim that is not bound, what it depends on, an earlier wave. */
  'waits',
  /** Whatever namespace is created brings it; it is changed once it is there. */
  'comes-with-namespace',
  /** Its drift was put right so often lately that healing it pauses. */
  'healing-backed-off',
] as const;
export type BlockReason = (typeof blockReasons)[number];

export type Blocked = {
  readonly ref: ObjectRef;
  readonly reason: BlockReason;
  /** For people: fields, the neighbour that is in the way, the API's answer. */
  readonly detail: string;
  /** The file it is about, where that is known and no inventory row says it. */
  readonly path?: string;
  /** The rule it breaks, and where in the file: of what stands in the way of an immutable field. */
  readonly ruleId?: 'immutable-field';
  readonly position?: Position;
  /** Of an immutable field: the path of the first. */
  readonly field?: FieldPath;
};

export type PlannedCreate = {
  readonly action: 'create';
  readonly ref: ObjectRef;
  readonly object: KubeObject;
};
export type PlannedPatch = {
  readonly action: 'patch';
  readonly ref: ObjectRef;
  /** live → result. */
  readonly operations: readonly JsonPatchOperation[];
  /** The patch was worked out against this version, and holds only for it. */
  readonly resourceVersion: string;
  readonly live: KubeObject;
  readonly result: KubeObject;
  /** As the manifest has it, normalised: the result without defaults and what only live has. */
  readonly desired: KubeObject;
  /** A change of live that git did not ask for is put right (the manifest itself is unchanged). */
  readonly heals: boolean;
  /** The pod template changes: its pods are replaced. */
  readonly restartsPods: boolean;
};
/** Deleted now, created again once it is gone (`pintle.dev/replace: allowed`). */
export type PlannedReplace = {
  readonly action: 'replace';
  readonly ref: ObjectRef;
  readonly object: KubeObject;
  readonly live: KubeObject;
  /** The immutable fields that change. */
  readonly fields: readonly string[];
  readonly propagation: ReplacePropagation;
  readonly restartsPods: boolean;
};
export type PlannedPrune = {
  readonly action: 'prune';
  readonly ref: ObjectRef;
  readonly path: string;
  readonly commit: string;
  readonly live: KubeObject | null;
};
export type PlannedChange = PlannedCreate | PlannedPatch | PlannedReplace | PlannedPrune;

export const pruneHoldReasons = [
  'file-unparsed',
  'source-emptied',
  'most-of-source',
  'namespace-not-empty',
  'after-rollout',
] as const;
export type PruneHoldReason = (typeof pruneHoldReasons)[number];

/** Prunes that wait: for a file to be mended, for a rollout to end, or for `pintle approve <id>`. */
export type PruneHold = {
  /** Stable for the same set of objects and reason. */
  readonly id: string;
  readonly reason: PruneHoldReason;
  readonly detail: string;
  readonly refs: readonly ObjectRef[];
};

/** Whether a prune waits for people to say so; the others go on by themselves. */
export function needsApproval(hold: Pick<PruneHold, 'reason'>): boolean {
  switch (hold.reason) {
    case 'file-unparsed':
    case 'after-rollout':
      return false;
    case 'source-emptied':
    case 'most-of-source':
    case 'namespace-not-empty':
      return true;
    default:
      return assertNever(hold.reason);
  }
}

/** Kept though git no longer has it: `pintle.dev/prune: disabled`. */
export type PruneSkipped = { readonly ref: ObjectRef };

/**
 * What one revision would change, exactly. Immutable; leaves no choice to whoever applies it.
 * Every list is in apply order (prunes in reverse of it), so that equal inputs render equally.
 */
export type Plan = {
  /** The commit; null while there is none. */
  readonly revision: string | null;
  readonly changes: readonly PlannedChange[];
  readonly blocked: readonly Blocked[];
  readonly pruneHolds: readonly PruneHold[];
  readonly pruneSkipped: readonly PruneSkipped[];
  readonly problems: readonly Problem[];
  /** Inventory rows to write with the changes: also for objects that need no change (a new commit, path or base). */
  readonly rows: readonly InventoryRow[];
  /** Rows to drop: pruned, or gone already. */
  readonly droppedRows: readonly ObjectRef[];
  /** How many objects git names, and how many of them need nothing. */
  readonly desiredCount: number;
  readonly unchangedCount: number;
};

/** How many changes of each sort a plan holds. */
export function planCounts(plan: Plan): Readonly<Record<PlannedChange['action'], number>> {
  const counts = { create: 0, patch: 0, replace: 0, prune: 0 };
  for (const change of plan.changes) counts[change.action] += 1;
  return counts;
}

/** Changes nothing: neither an object nor what is recorded of one. */
export const emptyPlan: Plan = {
  revision: null,
  changes: [],
  blocked: [],
  pruneHolds: [],
  pruneSkipped: [],
  problems: [],
  rows: [],
  droppedRows: [],
  desiredCount: 0,
  unchangedCount: 0,
};

import { deepEqual } from '../base/json.ts';
import { componentsOf } from '../manifests/components.ts';
import type { ManifestObject, ManifestSet } from '../manifests/manifest-set.ts';
import { compareApplyOrder } from '../manifests/order.ts';
import { type KubeObject, type ObjectRef, refKey, refText } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { autoscaledKey, autoscaledTargets } from './autoscaled.ts';
import { blocksComponent, decideObject } from './decide-object.ts';
import { decidePrunes } from './decide-prunes.ts';
import { type ComponentHold, canBeTakenBack, standingHolds } from './hold.ts';
import type { InventoryRow } from './inventory.ts';
import { normalise } from './normalise.ts';
import { type Blocked, emptyPlan, type Plan, type PlannedChange } from './plan.ts';

export type PlanInput = {
  readonly schema: Schema;
  readonly source: string;
  /** The commit `desired` was read at; null: there is none yet, and nothing changes. */
  readonly revision: string | null;
  readonly desired: ManifestSet;
  /** By refKey. */
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly live: (ref: ObjectRef) => KubeObject | null;
  readonly liveAutoscalers: readonly KubeObject[];
  readonly unmanagedIn: (namespace: string) => readonly ObjectRef[];
  readonly holds: readonly ComponentHold[];
  readonly approvals: ReadonlySet<string>;
  /** What the API answered to an object of this very content, by refKey. */
  readonly refused: ReadonlyMap<string, string>;
  readonly backedOff: ReadonlySet<string>;
  /** Objects found equal before, by refKey: their `settledToken` then. Lets a large plan skip what did not move. */
  readonly settled: ReadonlyMap<string, string>;
};

export type PlanResult = {
  readonly plan: Plan;
  /** Components of what git names and the inventory holds, each sorted by refKey. */
  readonly components: readonly (readonly ObjectRef[])[];
  readonly standingHolds: readonly ComponentHold[];
  /** For the next plan's `settled`. */
  readonly settled: ReadonlyMap<string, string>;
};

type Wanted = {
  readonly manifest: ManifestObject;
  readonly desired: KubeObject;
  readonly commit: string;
  readonly held: boolean;
};

/** Works out what one revision would change. Pure; the same input gives the same plan. */
export function decidePlan(input: PlanInput): PlanResult {
  const { desired, inventory } = input;
  if (input.revision === null) return nothing(input);
  const named = new Map(desired.objects.map((manifest) => [refKey(manifest.ref), manifest]));
  const asGitSays = (ref: ObjectRef): KubeObject | null => {
    const manifest = named.get(refKey(ref));
    return manifest === undefined ? null : normalise(manifest.object);
  };
  const holds = standingHolds(input.holds, asGitSays);
  const held = heldVersions(holds, inventory);
  const wanted = wantedObjects(input, input.revision, held);
  const components = componentsOf(
    nodesOf(input),
    [...inventory.values()].map((row) => row.applied.object),
  );
  const decided = decideObjects(input, wanted);
  const prunes = decidePrunes(input, { held });
  const blocked = new Map<string, Blocked>();
  for (const each of [...rejectedBlocks(input), ...decided.blocked, ...prunes.blocked])
    blocked.set(refKey(each.ref), each);
  const withheld = withheldByNeighbours(components, blocked);
  const changes = [...decided.changes, ...prunes.changes].filter(
    (change) => !blocked.has(refKey(change.ref)),
  );
  const stays = (change: PlannedChange): boolean => !withheld.has(refKey(change.ref));
  for (const change of changes) {
    const culprit = withheld.get(refKey(change.ref));
    if (culprit === undefined) continue;
    blocked.set(refKey(change.ref), {
      ref: change.ref,
      reason: 'component-blocked',
      detail: `it is tied to ${refText(culprit)}`,
    });
  }
  for (const hold of holds)
    for (const ref of hold.refs) {
      if (held.has(refKey(ref)) && !blocked.has(refKey(ref))) {
        blocked.set(refKey(ref), { ref, reason: 'held-after-failure', detail: hold.evidence });
      }
    }
  const applied = changes.filter(stays);
  return {
    plan: {
      revision: input.revision,
      changes: applied,
      blocked: [...blocked.values()].sort((a, b) => compareApplyOrder(a.ref, b.ref)),
      pruneHolds: prunes.holds,
      pruneSkipped: prunes.skipped,
      problems: desired.problems,
      rows: rowsToWrite(input, wanted, (key) => !isHeldBack(blocked.get(key))),
      droppedRows: prunes.dropped.filter((ref) => !withheld.has(refKey(ref))),
      desiredCount: desired.objects.length + desired.rejected.length,
      unchangedCount: decided.unchanged,
    },
    components,
    standingHolds: holds,
    settled: decided.settled,
  };
}

function nothing(input: PlanInput): PlanResult {
  const plan: Plan = { ...emptyPlan, problems: input.desired.problems };
  return { plan, components: [], standingHolds: input.holds, settled: new Map() };
}

/** What git names, and stand-ins for what it names but could not be read: their neighbours depend on them all the same. */
function nodesOf({ desired, schema }: PlanInput): readonly KubeObject[] {
  const standIns = desired.rejected.map(({ ref }): KubeObject => {
    const version = schema.kind(ref)?.version ?? 'v1';
    const metadata = ref.namespace === '' ? { name: ref.name } : { name: ref.name, namespace: ref.namespace };
    return { apiVersion: ref.group === '' ? version : `${ref.group}/${version}`, kind: ref.kind, metadata };
  });
  return [...desired.objects.map((manifest) => manifest.object), ...standIns];
}

/** Of every object that a standing hold took back: its last good version. */
function heldVersions(
  holds: readonly ComponentHold[],
  inventory: ReadonlyMap<string, InventoryRow>,
): ReadonlyMap<string, NonNullable<InventoryRow['good']>> {
  const held = new Map<string, NonNullable<InventoryRow['good']>>();
  for (const hold of holds) {
    if (hold.mode !== 'hold') continue;
    for (const ref of hold.refs) {
      const good = inventory.get(refKey(ref))?.good;
      if (good !== undefined && good !== null && canBeTakenBack(ref)) held.set(refKey(ref), good);
    }
  }
  return held;
}

function wantedObjects(
  input: PlanInput,
  revision: string,
  held: ReadonlyMap<string, NonNullable<InventoryRow['good']>>,
): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const manifest of input.desired.objects) {
    const key = refKey(manifest.ref);
    const good = held.get(key);
    wanted.set(
      key,
      good === undefined
        ? { manifest, desired: normalise(manifest.object), commit: revision, held: false }
        : { manifest, desired: good.object, commit: good.commit, held: true },
    );
  }
  return wanted;
}

function decideObjects(
  input: PlanInput,
  wanted: ReadonlyMap<string, Wanted>,
): {
  readonly changes: readonly PlannedChange[];
  readonly blocked: readonly Blocked[];
  readonly unchanged: number;
  readonly settled: ReadonlyMap<string, string>;
} {
  const desired = [...wanted.values()].map((each) => each.desired);
  const targets = autoscaledTargets([...desired, ...input.liveAutoscalers]);
  const changes: PlannedChange[] = [];
  const blocked: Blocked[] = [];
  const settled = new Map<string, string>();
  let unchanged = 0;
  for (const [key, each] of [...wanted].sort(([, a], [, b]) =>
    compareApplyOrder(a.manifest.ref, b.manifest.ref),
  )) {
    const { ref } = each.manifest;
    const answer = input.refused.get(key);
    if (answer !== undefined) {
      blocked.push({ ref, reason: 'refused', detail: answer });
      continue;
    }
    const live = input.live(ref);
    const autoscaled = targets.has(autoscaledKey(ref));
    const token = `${each.manifest.blob}:${each.manifest.document}:${live?.metadata.resourceVersion ?? 'absent'}:${autoscaled}:${each.held}`;
    const row = input.inventory.get(key) ?? null;
    const decision =
      live !== null && input.settled.get(key) === token
        ? ({ kind: 'unchanged' } as const)
        : decideObject({
            schema: input.schema,
            ref,
            desired: each.desired,
            live,
            row,
            autoscaled,
            backedOff: input.backedOff,
          });
    if (decision.kind === 'change') changes.push(decision.change);
    else if (decision.kind === 'blocked') blocked.push(decision.blocked);
    else {
      unchanged += 1;
      settled.set(key, token);
    }
  }
  return { changes, blocked, unchanged, settled };
}

function rejectedBlocks({ desired }: PlanInput): readonly Blocked[] {
  return desired.rejected.map(({ ref, path }) => ({ ref, reason: 'invalid', detail: `${path} has errors` }));
}

/** Every object of a component with a blocking object in it, by refKey, with the object that is in the way. */
function withheldByNeighbours(
  components: readonly (readonly ObjectRef[])[],
  blocked: ReadonlyMap<string, Blocked>,
): ReadonlyMap<string, ObjectRef> {
  const withheld = new Map<string, ObjectRef>();
  for (const component of components) {
    const culprit = component.find((ref) => {
      const block = blocked.get(refKey(ref));
      return block !== undefined && blocksComponent(block.reason);
    });
    if (culprit !== undefined) for (const ref of component) withheld.set(refKey(ref), culprit);
  }
  return withheld;
}

/** Objects that stay at an older version keep their row; a held one gets the row of its good version. */
function isHeldBack(block: Blocked | undefined): boolean {
  return (
    block !== undefined && block.reason !== 'held-after-failure' && block.reason !== 'healing-backed-off'
  );
}

function rowsToWrite(
  input: PlanInput,
  wanted: ReadonlyMap<string, Wanted>,
  proceeds: (key: string) => boolean,
): readonly InventoryRow[] {
  const rows: InventoryRow[] = [];
  for (const [key, { manifest, desired, commit }] of wanted) {
    if (!proceeds(key)) continue;
    const before = input.inventory.get(key);
    const { ref, path, document, blob } = manifest;
    if (before === undefined) {
      rows.push({
        source: input.source,
        ref,
        applied: { object: desired, commit },
        path,
        document,
        blob,
        good: null,
        finished: false,
      });
    } else if (!deepEqual(before.applied.object, desired)) {
      rows.push({ ...before, applied: { object: desired, commit }, path, document, blob, finished: false });
    } else if (before.path !== path || before.document !== document || before.blob !== blob) {
      rows.push({ ...before, path, document, blob });
    }
  }
  return rows.sort((a, b) => compareApplyOrder(a.ref, b.ref));
}

import type { Component } from '../manifests/components.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import { inApplyOrder } from '../manifests/order.ts';
import { type KubeObject, type ObjectRef, refKey, refText } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { autoscaledKey, autoscaledTargets } from './autoscaled.ts';
import { blocksComponent, decideObject } from './decide-object.ts';
import { decidePrunes } from './decide-prunes.ts';
import { type ComponentHold, type Said, standingHolds } from './hold.ts';
import { invalidBlocks } from './invalid-blocks.ts';
import type { InventoryRow } from './inventory.ts';
import { normalised } from './normalise.ts';
import { placedBlocks } from './placed-blocks.ts';
import { type Blocked, emptyPlan, type Plan, type PlannedChange } from './plan.ts';
import { type PlanMemory, rememberedComponents, rememberedManifests } from './plan-memory.ts';
import type { Standing } from './standing.ts';
import { unprovenRollouts } from './unproven-rollouts.ts';
import { decideWaits, type WaitInput } from './waits.ts';
import { heldVersions, rowsToWrite, type Wanted, wantedObjects } from './wanted.ts';

export type PlanInput = {
  readonly schema: Schema;
  readonly source: string;
  /** The commit `desired` was read at; null: there is none yet, and nothing changes. */
  readonly revision: string | null;
  readonly desired: ManifestSet;
  /** By refKey. Never changed in place. */
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly live: (ref: ObjectRef) => KubeObject | null;
  readonly liveAutoscalers: readonly KubeObject[];
  readonly unmanagedIn: (namespace: string) => readonly ObjectRef[];
  readonly holds: readonly ComponentHold[];
  readonly approvals: ReadonlySet<string>;
  /** Prunes, by refKey, that an earlier plan let go and that wait for a rollout since. */
  readonly passedGuard: ReadonlySet<string>;
  /** What the API answered to an object of this very content, by refKey. */
  readonly refused: ReadonlyMap<string, string>;
  readonly backedOff: ReadonlySet<string>;
  /** How live objects fare, for those that wait for them; unset: whatever is live is well. */
  readonly standing?: (object: KubeObject) => Standing;
  /** Whether a claim gets its volume only once a pod uses it; unset: none is waited for. */
  readonly waitsForConsumer?: (claim: KubeObject) => boolean;
  /** Of the plan before; null: none. */
  readonly memory: PlanMemory | null;
};

export type PlanResult = {
  readonly plan: Plan;
  /** Components of what git names and the inventory holds, each sorted by refKey. */
  readonly components: readonly Component[];
  readonly standingHolds: readonly ComponentHold[];
  readonly memory: PlanMemory | null;
};

/** Works out what one revision would change. Pure; the same input gives the same plan. */
export function decidePlan(input: PlanInput): PlanResult {
  const { desired, inventory, revision } = input;
  if (revision === null) return nothing(input);
  const manifests = rememberedManifests(input.memory, input);
  const rejected = new Set(desired.rejected.map(({ ref }) => refKey(ref)));
  const holds = input.holds.length === 0 ? [] : standingHolds(input.holds, saidBy(input, rejected));
  const held = heldVersions(holds, inventory);
  const wanted = wantedObjects({ manifests, rejected, revision, inventory, held });
  const components = rememberedComponents(input.memory, { ...input, nodes: () => nodesOf(input) });
  const decided = decideObjects(input, wanted);
  const blocked = new Map<string, Blocked>();
  for (const each of [...invalidBlocks(desired), ...decided.blocked]) blocked.set(refKey(each.ref), each);
  const withheld = withheldByNeighbours(components, blocked);
  const rollouts = unprovenRollouts({
    ...{ named: wanted.map(({ ref }) => ref), inventory, live: input.live, holds },
    changes: decided.changes.filter(({ ref }) => !withheld.has(refKey(ref))),
  });
  const prunes = decidePrunes(input, { held, rollingOutBeside: memberBeside(components, rollouts) });
  for (const each of prunes.blocked) blocked.set(refKey(each.ref), each);
  const changes = [...decided.changes, ...prunes.changes];
  for (const { ref } of changes) withhold(ref, withheld, blocked);
  for (const each of waiting(input, { wanted, changes: decided.changes, blocked }))
    blocked.set(refKey(each.ref), each);
  for (const each of heldBlocks(holds, held)) {
    if (!blocked.has(refKey(each.ref))) blocked.set(refKey(each.ref), each);
  }
  const written = wanted.filter(({ key }) => !isHeldBack(blocked.get(key)));
  return {
    plan: {
      revision,
      changes: changes.filter(
        ({ ref }) => !withheld.has(refKey(ref)) && !isWaiting(blocked.get(refKey(ref))),
      ),
      blocked: placedBlocks(
        inApplyOrder(blocked.values(), ({ ref }) => ref),
        manifests,
      ),
      pruneHolds: prunes.holds,
      pruneSkipped: prunes.skipped,
      problems: desired.problems,
      rows: rowsToWrite(input.source, written, inventory),
      droppedRows: prunes.dropped.filter((ref) => !withheld.has(refKey(ref))),
      desiredCount: new Set([...manifests.map(({ key }) => key), ...rejected]).size,
      unchangedCount: decided.settled.size,
    },
    components,
    standingHolds: holds,
    memory: { desired, inventory, manifests, components, settled: decided.settled },
  };
}

function nothing(input: PlanInput): PlanResult {
  const plan: Plan = { ...emptyPlan, problems: input.desired.problems };
  return { plan, components: [], standingHolds: input.holds, memory: null };
}

/** What git says of an object. One with errors, or that may stand in a file that does not parse, cannot be read. */
function saidBy({ desired }: PlanInput, rejected: ReadonlySet<string>): (ref: ObjectRef) => Said {
  const named = new Map(desired.objects.map((manifest) => [refKey(manifest.ref), manifest.object]));
  return (ref) => {
    const key = refKey(ref);
    const object = named.get(key);
    if (rejected.has(key)) return 'unreadable';
    if (object !== undefined) return normalised(object);
    return desired.unparsedFiles.length > 0 ? 'unreadable' : null;
  };
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

function decideObjects(
  input: PlanInput,
  wanted: readonly Wanted[],
): {
  readonly changes: readonly PlannedChange[];
  readonly blocked: readonly Blocked[];
  readonly settled: ReadonlyMap<string, string>;
} {
  const targets = autoscaledTargets([...wanted.map(({ desired }) => desired), ...input.liveAutoscalers]);
  const known = input.memory?.settled ?? new Map<string, string>();
  const changes: PlannedChange[] = [];
  const blocked: Blocked[] = [];
  const settled = new Map<string, string>();
  for (const { key, ref, desired, held, commit, blob, document } of wanted) {
    const answer = input.refused.get(key);
    if (answer !== undefined) {
      blocked.push({ ref, reason: 'refused', detail: answer });
      continue;
    }
    const live = input.live(ref);
    const autoscaled = targets.size > 0 && targets.has(autoscaledKey(ref));
    // All that the comparison reads. The base is not in it: once equal, it can only become what is wanted.
    const token = `${blob}:${document}:${live?.metadata.resourceVersion ?? 'absent'}:${autoscaled}:${held ? commit : ''}`;
    if (live !== null && known.get(key) === token) {
      settled.set(key, token);
      continue;
    }
    if (live === null && comesWithNamespace(input, ref)) {
      blocked.push({
        ref,
        reason: 'comes-with-namespace',
        detail: 'comes with its namespace, and is changed then',
      });
      continue;
    }
    if (live === null && isLeaving(input, ref)) {
      const detail = `the namespace ${ref.namespace} is being deleted; it is created once that is gone`;
      blocked.push({ ref, reason: 'terminating', detail });
      continue;
    }
    const row = input.inventory.get(key) ?? null;
    const { schema, backedOff } = input;
    const decision = decideObject({ schema, ref, desired, live, row, autoscaled, backedOff });
    if (decision.kind === 'change') changes.push(decision.change);
    else if (decision.kind === 'blocked') blocked.push(decision.blocked);
    else settled.set(key, token);
  }
  return { changes, blocked, settled };
}

const WELL: Standing = { state: 'ready', reason: '' };

/** What is held is taken back at once: it was good before, in this order. */
function waiting(
  input: PlanInput,
  of: Pick<WaitInput, 'wanted' | 'blocked' | 'changes'>,
): readonly Blocked[] {
  const held = new Set(of.wanted.filter((each) => each.held).map(({ key }) => key));
  return decideWaits({
    ...{ schema: input.schema, inventory: input.inventory, live: input.live, ...of },
    changes: held.size === 0 ? of.changes : of.changes.filter(({ ref }) => !held.has(refKey(ref))),
    standing: input.standing ?? (() => WELL),
    waitsForConsumer: input.waitsForConsumer ?? (() => true),
  });
}

function isWaiting(block: Blocked | undefined): boolean {
  return block?.reason === 'waits';
}

const COMES_WITH_NAMESPACE: ReadonlyMap<string, string> = new Map([
  ['ServiceAccount', 'default'],
  ['ConfigMap', 'kube-root-ca.crt'],
]);

/** Nothing can be made in a namespace that is on its way out. */
function isLeaving(input: PlanInput, { namespace }: ObjectRef): boolean {
  if (namespace === '') return false;
  const live = input.live({ group: '', kind: 'Namespace', namespace: '', name: namespace });
  return live?.metadata.deletionTimestamp !== undefined;
}

/** What every namespace has from the start: created beside it, it would be there already. */
function comesWithNamespace(input: PlanInput, { group, kind, namespace, name }: ObjectRef): boolean {
  if (group !== '' || name !== COMES_WITH_NAMESPACE.get(kind)) return false;
  return input.live({ group: '', kind: 'Namespace', namespace: '', name: namespace }) === null;
}

/** Every object of a component with a blocking object in it, by refKey, with the object that is in the way. */
function withheldByNeighbours(
  components: readonly Component[],
  blocked: ReadonlyMap<string, Blocked>,
): ReadonlyMap<string, ObjectRef> {
  const withheld = new Map<string, ObjectRef>();
  if (blocked.size === 0) return withheld;
  for (const component of components) {
    const culprit = component.find((ref) => {
      const block = blocked.get(refKey(ref));
      return block !== undefined && blocksComponent(block.reason);
    });
    if (culprit !== undefined) for (const ref of component) withheld.set(refKey(ref), culprit);
  }
  return withheld;
}

/** Says of an object that was to change why it does not, when a neighbour is in the way. */
function withhold(
  ref: ObjectRef,
  withheld: ReadonlyMap<string, ObjectRef>,
  blocked: Map<string, Blocked>,
): void {
  const culprit = withheld.get(refKey(ref));
  if (culprit === undefined || blocked.has(refKey(ref))) return;
  blocked.set(refKey(ref), {
    ref,
    reason: 'component-blocked',
    detail: `it is tied to ${refText(culprit)}, which is not applied`,
  });
}

/** Of a refKey: the first of these objects that is in its component. */
function memberBeside(
  components: readonly Component[],
  members: ReadonlySet<string>,
): (key: string) => ObjectRef | null {
  const beside = new Map<string, ObjectRef>();
  if (members.size > 0) {
    for (const component of components) {
      const member = component.find((ref) => members.has(refKey(ref)));
      if (member !== undefined) for (const ref of component) beside.set(refKey(ref), member);
    }
  }
  return (key) => beside.get(key) ?? null;
}

function heldBlocks(holds: readonly ComponentHold[], held: ReadonlyMap<string, unknown>): readonly Blocked[] {
  return holds.flatMap((hold) =>
    hold.refs
      .filter((ref) => held.has(refKey(ref)))
      .map((ref): Blocked => ({ ref, reason: 'held-after-failure', detail: hold.evidence })),
  );
}

/** Objects that stay at an older version keep their row; a held one gets the row of its good version. */
function isHeldBack(block: Blocked | undefined): boolean {
  return (
    block !== undefined && block.reason !== 'held-after-failure' && block.reason !== 'healing-backed-off'
  );
}

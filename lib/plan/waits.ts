import { deepEqual, isArray, isObject } from '../base/json.ts';
import { dependenciesOf, orderAnnotations, syncWaveOf } from '../manifests/apply-after.ts';
import { type KubeObject, type ObjectRef, refKey, refText } from '../schema/object.ts';
import { podSpecOf } from '../schema/pod-template.ts';
import type { Schema } from '../schema/schema.ts';
import type { InventoryRow } from './inventory.ts';
import type { Blocked, PlannedChange } from './plan.ts';
import type { Standing } from './standing.ts';
import type { Wanted } from './wanted.ts';

export type WaitInput = {
  readonly schema: Schema;
  readonly wanted: readonly Wanted[];
  readonly changes: readonly PlannedChange[];
  /** By refKey: what does not change now, whatever comes before it. */
  readonly blocked: ReadonlyMap<string, Blocked>;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly live: (ref: ObjectRef) => KubeObject | null;
  readonly standing: (object: KubeObject) => Standing;
  readonly waitsForConsumer: (claim: KubeObject) => boolean;
};

/** How sure an object has to be of what it waits for: that it is well, or only that it lacks nothing but what others bring. */
type Need = 'well' | 'done';

/** Why what stands before another is not there yet; null: it is. */
type Unmet = (ref: ObjectRef, need: Need) => string | null;

type Looked = {
  readonly input: WaitInput;
  /** By refKey. */
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly unmet: Unmet;
};

/**
 * Of the changes that git asks for, those that something else must come before: a claim that is bound at once before who uses it, what
 * `pintle.dev/depends-on` names, every object of a lower `pintle.dev/sync-wave`. What is only put right (the manifest is as it was
 * applied), or taken back, waits for nothing: it has had its turn.
 */
export function decideWaits(input: WaitInput): readonly Blocked[] {
  const asked = input.changes.filter((change) => isAsked(change, input));
  if (asked.length === 0) return [];
  const pending = new Set(asked.map(({ ref }) => refKey(ref)));
  const wanted = new Map(input.wanted.map((each) => [each.key, each]));
  const unmet: Unmet = (ref, need) => unmetReason(ref, { input, pending, need });
  const looked: Looked = { input, wanted, unmet };
  const lowest = lowestUnmetWave(looked);
  return asked.flatMap((change): readonly Blocked[] => {
    const of = wanted.get(refKey(change.ref));
    if (of === undefined) return [];
    const detail =
      (change.action === 'create' ? claimInTheWay(of, looked) : null) ??
      dependencyInTheWay(of, looked) ??
      waveInTheWay(of, lowest);
    return detail === null ? [] : [{ ref: change.ref, reason: 'waits', detail }];
  });
}

function isAsked(change: PlannedChange, { inventory, blocked }: WaitInput): boolean {
  if (change.action === 'prune' || blocked.has(refKey(change.ref))) return false;
  if (change.action === 'patch') return !change.heals;
  const applied = inventory.get(refKey(change.ref))?.applied.object;
  return applied === undefined || !deepEqual(applied, change.object);
}

function unmetReason(
  ref: ObjectRef,
  of: { readonly input: WaitInput; readonly pending: ReadonlySet<string>; readonly need: Need },
): string | null {
  const { input, pending, need } = of;
  const key = refKey(ref);
  const block = input.blocked.get(key);
  if (block !== undefined && block.reason !== 'healing-backed-off') {
    // Who leaves an object alone does not want the others to wait for it.
    if (block.reason === 'reconcile-disabled' && need === 'done') return null;
    if (block.reason !== 'reconcile-disabled') return 'is not applied';
  }
  if (pending.has(key)) return 'is not applied yet';
  const live = input.live(ref);
  // A Job that ran to its end and went by its TTL has done what others wait for.
  if (live === null) return input.inventory.get(key)?.finished === true ? null : 'is not there';
  const { state, reason } = input.standing(live);
  if (state === 'ready' || (state === 'awaits-others' && need === 'done')) return null;
  return `is not ready (${reason})`;
}

/** A new workload waits for its claims to be bound, unless their class waits for it. */
function claimInTheWay({ desired }: Wanted, { input, wanted, unmet }: Looked): string | null {
  for (const name of claimsOf(desired)) {
    const namespace = desired.metadata.namespace ?? '';
    const ref: ObjectRef = { group: '', kind: 'PersistentVolumeClaim', namespace, name };
    const claim = input.live(ref) ?? wanted.get(refKey(ref))?.desired;
    // One that nobody brings is the pods' to complain of.
    if (claim === undefined || input.waitsForConsumer(claim)) continue;
    const why = unmet(ref, 'done');
    if (why !== null) return `${refText(ref)}, which ${why}`;
  }
  return null;
}

function claimsOf(object: KubeObject): readonly string[] {
  const spec = podSpecOf(object)?.spec;
  const volumes: readonly unknown[] = isObject(spec) && isArray(spec.volumes) ? spec.volumes : [];
  return volumes.flatMap((volume) => {
    const claim = isObject(volume) ? volume.persistentVolumeClaim : undefined;
    return isObject(claim) && typeof claim.claimName === 'string' ? [claim.claimName] : [];
  });
}

function dependencyInTheWay({ desired, key }: Wanted, { input, unmet }: Looked): string | null {
  const { refs, unreadable } = dependenciesOf(desired, input.schema);
  const [wrong] = unreadable;
  if (wrong !== undefined)
    return `${orderAnnotations.dependsOn}, of which ${JSON.stringify(wrong.text)} cannot be read: ${wrong.why}`;
  for (const ref of refs) {
    if (refKey(ref) === key) return `itself: ${orderAnnotations.dependsOn} names it`;
    const why = unmet(ref, 'well');
    if (why !== null) return `${refText(ref)}, which ${why}`;
  }
  return null;
}

type UnmetWave = { readonly wave: number; readonly ref: ObjectRef; readonly why: string };

/** The lowest wave that something is still missing of; null: of none, or there is only one. */
function lowestUnmetWave({ input, wanted, unmet }: Looked): UnmetWave | null {
  const waves = input.wanted.map((of) => ({ ref: of.ref, wave: waveOf(of.desired) }));
  // What cannot be read keeps the wave it had.
  for (const [key, { ref }] of input.blocked)
    if (!wanted.has(key)) waves.push({ ref, wave: waveOf(input.inventory.get(key)?.applied.object) });
  const last = waves.reduce((most, { wave }) => Math.max(most, wave), Number.NEGATIVE_INFINITY);
  if (waves.every(({ wave }) => wave === last)) return null;
  let lowest: UnmetWave | null = null;
  for (const { ref, wave } of waves) {
    if (wave === last || (lowest !== null && wave >= lowest.wave)) continue;
    const why = unmet(ref, 'done');
    if (why !== null) lowest = { wave, ref, why };
  }
  return lowest;
}

function waveInTheWay({ desired }: Wanted, lowest: UnmetWave | null): string | null {
  const wave = syncWaveOf(desired);
  if (typeof wave !== 'number')
    return `${orderAnnotations.syncWave}, of which ${JSON.stringify(wave.text)} cannot be read: ${wave.why}`;
  if (lowest === null || wave <= lowest.wave) return null;
  return `${refText(lowest.ref)} of wave ${lowest.wave}, which ${lowest.why}`;
}

/** What says nothing that can be read is applied by no wave, and keeps none waiting for it but those after the first. */
function waveOf(object: KubeObject | undefined): number {
  const wave = object === undefined ? 0 : syncWaveOf(object);
  return typeof wave === 'number' ? wave : 0;
}

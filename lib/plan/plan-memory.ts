import { deepEqual } from '../base/json.ts';
import { type Component, componentsOf } from '../manifests/components.ts';
import type { ManifestObject, ManifestSet } from '../manifests/manifest-set.ts';
import { inApplyOrder } from '../manifests/order.ts';
import { sameTies } from '../manifests/same-ties.ts';
import { type KubeObject, refKey, refOf, sameRef } from '../schema/object.ts';
import type { InventoryRow } from './inventory.ts';
import { normalised } from './normalise.ts';

export type KeyedManifest = { readonly key: string; readonly manifest: ManifestObject };

/**
 * What one plan worked out and the next may use again. All of it is keyed by values that never change in place: another
 * manifest set or inventory is another value. Without it a plan is the same, and slower.
 */
export type PlanMemory = {
  readonly desired: ManifestSet;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  /** What git names, in apply order. */
  readonly manifests: readonly KeyedManifest[];
  /** Of what git names and the inventory holds, each sorted by refKey. */
  readonly components: readonly Component[];
  /** Objects found equal, by refKey: what they were compared with. */
  readonly settled: ReadonlyMap<string, string>;
};

type Of = Pick<PlanMemory, 'desired' | 'inventory'>;

export function rememberedManifests(memory: PlanMemory | null, { desired }: Of): readonly KeyedManifest[] {
  if (memory?.desired === desired) return memory.manifests;
  const keyed = desired.objects.map((manifest) => ({ key: refKey(manifest.ref), manifest }));
  return inApplyOrder(keyed, ({ manifest }) => manifest.ref);
}

export function rememberedComponents(
  memory: PlanMemory | null,
  of: Of & { readonly nodes: () => readonly KubeObject[] },
): readonly Component[] {
  if (memory !== null && isTiedAlike(memory, of)) return memory.components;
  const nodes = of.nodes();
  const named = new Map(nodes.map((object) => [refKey(refOf(object)), normalised(object)]));
  // As they are, as they were applied, and as they were when they were last good: a hold takes them back to that.
  const before = [...of.inventory].flatMap(([key, { applied, good }]): readonly KubeObject[] => {
    const now = named.get(key);
    const versions = good === null ? [applied.object] : [applied.object, good.object];
    // What git says now refers to nothing more, and most objects are as they were.
    return versions.filter((object, at) => object !== now && versions.indexOf(object) === at);
  });
  return componentsOf(nodes, before);
}

/** Whether both tie the same objects in the same way. Most commits change what an object is, not what it names. */
function isTiedAlike(before: Of, now: Of): boolean {
  return (
    areManifestsTiedAlike(before.desired, now.desired) && areRowsTiedAlike(before.inventory, now.inventory)
  );
}

function areManifestsTiedAlike(before: ManifestSet, now: ManifestSet): boolean {
  if (before === now) return true;
  // Objects are sorted by refKey. What is rejected stands in by its name alone.
  if (before.objects.length !== now.objects.length || before.rejected.length !== now.rejected.length)
    return false;
  return (
    now.rejected.every(({ ref }, at) => deepEqual(ref, before.rejected[at]?.ref)) &&
    now.objects.every((manifest, at) => {
      const old = before.objects[at];
      if (old === undefined || !sameRef(old.ref, manifest.ref)) return false;
      return sameTies(old.object, manifest.object);
    })
  );
}

function areRowsTiedAlike(before: Of['inventory'], now: Of['inventory']): boolean {
  if (before === now) return true;
  if (before.size !== now.size) return false;
  for (const [key, row] of now) {
    const old = before.get(key);
    if (old === row) continue;
    if (old === undefined || !sameTies(old.applied.object, row.applied.object)) return false;
    // A version that is not there yet ties nothing that the applied one does not.
    const good = (of: InventoryRow): KubeObject => (of.good ?? of.applied).object;
    if (!sameTies(good(old), good(row))) return false;
  }
  return true;
}

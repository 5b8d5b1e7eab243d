import { type Component, componentsOf } from '../manifests/components.ts';
import type { ManifestObject, ManifestSet } from '../manifests/manifest-set.ts';
import { inApplyOrder } from '../manifests/order.ts';
import { type KubeObject, refKey } from '../schema/object.ts';
import type { InventoryRow } from './inventory.ts';

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
  if (memory?.desired === of.desired && memory.inventory === of.inventory) return memory.components;
  // As they are, as they were applied, and as they were when they were last good: a hold takes them back to that.
  const before = [...of.inventory.values()].flatMap(({ applied, good }) =>
    good === null || good.object === applied.object ? [applied.object] : [applied.object, good.object],
  );
  return componentsOf(of.nodes(), before);
}

import { deepEqual } from '../base/json.ts';
import { inApplyOrder } from '../manifests/order.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';
import { type ComponentHold, canBeTakenBack } from './hold.ts';
import type { AppliedVersion, InventoryRow } from './inventory.ts';
import { normalised } from './normalise.ts';
import type { KeyedManifest } from './plan-memory.ts';

/** What one object is to be, and where that stands. */
export type Wanted = {
  readonly key: string;
  readonly ref: ObjectRef;
  /** Normalised. */
  readonly desired: KubeObject;
  readonly commit: string;
  readonly held: boolean;
  readonly path: string;
  readonly document: number;
  readonly blob: string;
};

/** Of every object that a standing hold took back: its last good version. */
export function heldVersions(
  holds: readonly ComponentHold[],
  inventory: ReadonlyMap<string, InventoryRow>,
): ReadonlyMap<string, AppliedVersion> {
  const held = new Map<string, AppliedVersion>();
  for (const hold of holds) {
    if (hold.mode !== 'hold') continue;
    for (const ref of hold.refs) {
      const good = inventory.get(refKey(ref))?.good;
      if (good !== undefined && good !== null && canBeTakenBack(ref)) held.set(refKey(ref), good);
    }
  }
  return held;
}

/**
 * Every object that is to be there, in apply order: as git says, or as it was when it was last good where a hold keeps it so
 * (also an object that the failing commit dropped).
 */
export function wantedObjects(input: {
  readonly manifests: readonly KeyedManifest[];
  /** By refKey: read, but with errors. What they should be is not known. */
  readonly rejected: ReadonlySet<string>;
  readonly revision: string;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly held: ReadonlyMap<string, AppliedVersion>;
}): readonly Wanted[] {
  const { held, rejected, revision, inventory } = input;
  const wanted: Wanted[] = [];
  const named = new Set<string>();
  for (const { key, manifest } of input.manifests) {
    named.add(key);
    if (rejected.has(key)) continue;
    const { ref, path, document, blob } = manifest;
    const good = held.get(key);
    const version = good ?? { object: normalised(manifest.object), commit: revision };
    const { object: desired, commit } = version;
    wanted.push({ key, ref, desired, commit, held: good !== undefined, path, document, blob });
  }
  const dropped = [...held].flatMap(([key, { object: desired, commit }]): readonly Wanted[] => {
    const row = inventory.get(key);
    if (row === undefined || named.has(key) || rejected.has(key)) return [];
    const { ref, path, document, blob } = row;
    return [{ key, ref, desired, commit, held: true, path, document, blob }];
  });
  return dropped.length === 0 ? wanted : inApplyOrder([...wanted, ...dropped], ({ ref }) => ref);
}

/** Versions found equal before, so that a pass with nothing to do compares nothing. Both never change; goes with the row. */
const alike = new WeakMap<InventoryRow, KubeObject>();

/** The inventory rows to write so that they say what is wanted: new ones, and those whose object or place is another. */
export function rowsToWrite(
  source: string,
  wanted: readonly Wanted[],
  inventory: ReadonlyMap<string, InventoryRow>,
): readonly InventoryRow[] {
  return wanted.flatMap(({ key, ref, desired, commit, path, document, blob }): readonly InventoryRow[] => {
    const before = inventory.get(key);
    const applied = { object: desired, commit };
    const place = { path, document, blob };
    if (before === undefined) return [{ source, ref, applied, ...place, good: null, finished: false }];
    if (alike.get(before) !== desired && !deepEqual(before.applied.object, desired))
      return [{ ...before, applied, ...place, finished: false }];
    alike.set(before, desired);
    const moved = before.path !== path || before.document !== document || before.blob !== blob;
    return moved ? [{ ...before, ...place }] : [];
  });
}

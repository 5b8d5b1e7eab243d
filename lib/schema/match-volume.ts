import { matchesLabelSelector } from './label-selector.ts';
import { compareQuantities, quantityOf } from './quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim } from './types.gen.ts';

/**
 * The volume a claim is to have of those that are free: one that was set aside for it by name, else the smallest that is large
 * enough, with all its access modes, of its class, mode and selector. Undefined: none. Source: pvutil FindMatchingVolume.
 */
export function matchVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
): PersistentVolume | undefined {
  const able = volumes.filter((volume) => isAble(volume, claim));
  const setAside = able.find((volume) => isFor(volume, claim));
  if (setAside !== undefined) return setAside;
  return able
    .filter((volume) => isFree(volume, claim))
    .reduce<PersistentVolume | undefined>(smaller, undefined);
}

/** Whether the volume names this claim: by uid where it has one, else by name. */
export function isFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  return (
    claimRef !== undefined &&
    claimRef.name === metadata.name &&
    claimRef.namespace === metadata.namespace &&
    (claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === metadata.uid)
  );
}

/** What must be so of a volume that was set aside too. */
function isAble({ metadata, spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { accessModes = [], volumeMode, storageClassName, resources } = claim.spec ?? {};
  const wanted = quantityOf(resources?.requests?.storage);
  const size = quantityOf(spec.capacity?.storage);
  return (
    metadata.deletionTimestamp === undefined &&
    (spec.volumeMode ?? 'Filesystem') === (volumeMode ?? 'Filesystem') &&
    (spec.storageClassName ?? '') === (storageClassName ?? '') &&
    accessModes.every((mode) => spec.accessModes?.includes(mode) === true) &&
    (wanted === null || (size !== null && compareQuantities(size, wanted) >= 0))
  );
}

function isFree({ metadata, spec, status }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const selector = claim.spec?.selector;
  return (
    spec.claimRef === undefined &&
    status?.phase === 'Available' &&
    (selector === undefined || matchesLabelSelector(selector, metadata.labels))
  );
}

/** The name decides between equals, so that the choice does not depend on an order. */
function smaller(best: PersistentVolume | undefined, volume: PersistentVolume): PersistentVolume {
  if (best === undefined) return volume;
  const [a, b] = [quantityOf(best.spec.capacity?.storage), quantityOf(volume.spec.capacity?.storage)];
  const order = a !== null && b !== null ? compareQuantities(b, a) : 0;
  if (order !== 0) return order < 0 ? volume : best;
  return volume.metadata.name < best.metadata.name ? volume : best;
}

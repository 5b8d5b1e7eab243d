import { LOCAL_PROVISIONER, PROVISIONED_BY, VOLUME_PROTECTION } from '../../schema/local-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../schema/types.gen.ts';
import { referenceTo } from './decide.ts';

/** A volume of this machine for a claim. Its handle names the directory, so no manifest can name a path. */
export function newVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
): PersistentVolume {
  const { accessModes, resources, storageClassName } = claim.spec ?? {};
  const name = `pvc-${claim.metadata.uid ?? ''}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: { [PROVISIONED_BY]: LOCAL_PROVISIONER },
      finalizers: [VOLUME_PROTECTION],
    },
    spec: {
      accessModes,
      capacity: { storage: resources?.requests?.storage ?? '0' },
      claimRef: referenceTo(claim),
      csi: { driver: LOCAL_PROVISIONER, volumeHandle: name },
      persistentVolumeReclaimPolicy: storageClass?.reclaimPolicy ?? 'Delete',
      storageClassName,
      volumeMode: 'Filesystem',
    },
  };
}

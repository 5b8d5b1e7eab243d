import { LOCAL_PROVISIONER, VOLUME_PROTECTION } from '../../schema/local-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/types.gen.ts';

export type VolumeStatus = NonNullable<PersistentVolume['status']>;

export type VolumeDecision =
  | { readonly is: 'nothing' }
  /** Nothing holds it any more, and it is on its way out. */
  | { readonly is: 'release' }
  | { readonly is: 'status'; readonly status: VolumeStatus }
  /** Its claim is gone, and its policy is Delete: the data goes, then the volume. */
  | { readonly is: 'delete-data'; readonly handle: string };

/** What a volume needs next. `claim`: the one its claimRef names, if it is there. Source: persistentvolume controller. */
export function decideVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
): VolumeDecision {
  const phase = phaseOf(volume, claim);
  if (volume.metadata.deletionTimestamp !== undefined) {
    const held = volume.metadata.finalizers?.includes(VOLUME_PROTECTION) === true;
    if (held && phase.phase !== 'Bound') return { is: 'release' };
    return { is: 'nothing' };
  }
  const { spec, status } = volume;
  if (phase.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete') {
    if (spec.csi?.driver === LOCAL_PROVISIONER) return { is: 'delete-data', handle: spec.csi.volumeHandle };
    return told(status, {
      phase: 'Failed',
      message: 'error getting deleter volume plugin for volume: nothing here deletes volumes of its kind',
    });
  }
  return told(status, phase);
}

function told(status: VolumeStatus | undefined, wanted: VolumeStatus): VolumeDecision {
  const same = status?.phase === wanted.phase && (status?.message ?? '') === (wanted.message ?? '');
  return same ? { is: 'nothing' } : { is: 'status', status: wanted };
}

function phaseOf({ spec }: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumeStatus {
  const uid = spec.claimRef?.uid;
  // Set aside for a name only: whoever comes with it may have it.
  if (uid === undefined || uid === '') return { phase: 'Available' };
  return { phase: claim?.metadata.uid === uid ? 'Bound' : 'Released' };
}

import { LOCAL_PROVISIONER, VOLUME_PROTECTION } from '../../schema/local-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/types.gen.ts';

export type VolumeStatus = NonNullable<PersistentVolume['status']>;

export type VolumeDecision =
  | { readonly is: 'nothing' }
  /** Nothing holds it any more, and it is on its way out; with `handle`, after its data. */
  | { readonly is: 'release'; readonly handle?: string }
  | { readonly is: 'status'; readonly status: VolumeStatus }
  /** Its claim is gone, and its policy is Delete: the data goes, then the volume. */
  | { readonly is: 'delete-data'; readonly handle: string };

/** What a volume needs next. `claim`: the one its claimRef names, if it is there. Source: persistentvolume controller. */
export function decideVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
): VolumeDecision {
  const { metadata, spec, status } = volume;
  const phase = phaseOf(volume, claim);
  const policy = phase.phase === 'Released' ? spec.persistentVolumeReclaimPolicy : undefined;
  const ours = spec.csi?.driver === LOCAL_PROVISIONER ? spec.csi.volumeHandle : undefined;
  if (metadata.deletionTimestamp !== undefined) {
    const held = metadata.finalizers?.includes(VOLUME_PROTECTION) === true;
    if (!held || phase.phase === 'Bound') return { is: 'nothing' };
    return policy === 'Delete' && ours !== undefined ? { is: 'release', handle: ours } : { is: 'release' };
  }
  if (policy === 'Delete' && ours !== undefined) return { is: 'delete-data', handle: ours };
  const why = policy === undefined ? undefined : NOT_DONE[policy];
  return told(status, why === undefined ? phase : { phase: 'Failed', message: why });
}

/** What a policy asks for and nobody here does. */
const NOT_DONE: Readonly<Record<string, string>> = {
  Delete: 'error getting deleter volume plugin for volume: nothing here deletes volumes of its kind',
  Recycle: 'no volume plugin is found that recycles volumes of its kind',
};

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

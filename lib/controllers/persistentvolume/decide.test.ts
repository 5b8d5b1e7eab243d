import test from 'ava';
import { LOCAL_PROVISIONER, VOLUME_PROTECTION } from '../../schema/local-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../schema/types.gen.ts';
import { decideVolume, type VolumeDecision } from './decide.ts';

const claim: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop', uid: 'u1' },
  spec: {},
};
const ours = { namespace: 'shop', name: 'data', uid: 'u1' };
const local = { csi: { driver: LOCAL_PROVISIONER, volumeHandle: 'h' } };
const nfs = { nfs: { server: 'a', path: '/' } };

const volumeOf = (spec: Partial<PersistentVolume['spec']>, deleting = false): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name: 'a',
    finalizers: [VOLUME_PROTECTION],
    ...(deleting && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  },
  spec,
});
const phase = (name: string): VolumeDecision => ({ is: 'status', status: { phase: name } });

const rows: readonly {
  readonly title: string;
  readonly volume: PersistentVolume;
  readonly claim?: PersistentVolumeClaim;
  readonly decides: VolumeDecision;
}[] = [
  { title: 'nobody has it: available', volume: volumeOf(nfs), decides: phase('Available') },
  {
    title: 'set aside for a name: available still',
    volume: volumeOf({ ...nfs, claimRef: { namespace: 'shop', name: 'data' } }),
    claim,
    decides: phase('Available'),
  },
  {
    title: 'its claim is there: bound',
    volume: volumeOf({ ...nfs, claimRef: ours }),
    claim,
    decides: phase('Bound'),
  },
  {
    title: 'its claim is gone, and it is kept: released',
    volume: volumeOf({ ...local, claimRef: ours, persistentVolumeReclaimPolicy: 'Retain' }),
    decides: phase('Released'),
  },
  {
    title: 'a claim of the same name is another one',
    volume: volumeOf({ ...local, claimRef: ours, persistentVolumeReclaimPolicy: 'Retain' }),
    claim: { ...claim, metadata: { ...claim.metadata, uid: 'u2' } },
    decides: phase('Released'),
  },
  {
    title: 'its claim is gone, and its policy is Delete: its data goes',
    volume: volumeOf({ ...local, claimRef: ours, persistentVolumeReclaimPolicy: 'Delete' }),
    decides: { is: 'delete-data', handle: 'h' },
  },
  {
    title: 'a volume that is bound and on its way out is held',
    volume: volumeOf({ ...local, claimRef: ours }, true),
    claim,
    decides: { is: 'nothing' },
  },
  {
    title: 'on its way out before its claim was: its data goes too where its policy says so',
    volume: volumeOf({ ...local, claimRef: ours, persistentVolumeReclaimPolicy: 'Delete' }, true),
    decides: { is: 'release', handle: 'h' },
  },
  {
    title: 'on its way out, and kept: its data stays',
    volume: volumeOf({ ...local, claimRef: ours, persistentVolumeReclaimPolicy: 'Retain' }, true),
    decides: { is: 'release' },
  },
  {
    title: 'nobody here recycles',
    volume: volumeOf({ ...nfs, claimRef: ours, persistentVolumeReclaimPolicy: 'Recycle' }),
    decides: {
      is: 'status',
      status: { phase: 'Failed', message: 'no volume plugin is found that recycles volumes of its kind' },
    },
  },
  {
    title: 'nobody here deletes what is not of this machine',
    volume: volumeOf({ ...nfs, claimRef: ours, persistentVolumeReclaimPolicy: 'Delete' }),
    decides: {
      is: 'status',
      status: {
        phase: 'Failed',
        message: 'error getting deleter volume plugin for volume: nothing here deletes volumes of its kind',
      },
    },
  },
  {
    title: 'somebody took the claim off a released volume: available again',
    volume: { ...volumeOf(nfs), status: { phase: 'Released' } },
    decides: phase('Available'),
  },
  { title: 'one that nobody has may go', volume: volumeOf(local, true), decides: { is: 'release' } },
];

for (const { title, volume, claim: found, decides } of rows)
  test(title, (t) => t.deepEqual(decideVolume(volume, found), decides));

test('what we cannot delete has failed', (t) => {
  const volume = volumeOf({ ...nfs, claimRef: ours, persistentVolumeReclaimPolicy: 'Delete' });
  t.like(decideVolume(volume, undefined), { is: 'status', status: { phase: 'Failed' } });
});

test('what it says already is not said again', (t) => {
  t.deepEqual(decideVolume({ ...volumeOf(nfs), status: { phase: 'Available' } }, undefined), {
    is: 'nothing',
  });
});

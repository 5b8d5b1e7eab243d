import { LOCAL_PROVISIONER } from '../../schema/local-volume.ts';
import type { VolumeInput, VolumeVerdict } from './volume-content.ts';

/**
 * What a claim gives a pod: the directory of its volume. A volume of another sort is refused by its name, unless it is a path of the
 * host: who may use those is decided where the volume is written.
 */
export function claimContent(name: string, { pod, references }: VolumeInput): VolumeVerdict {
  const namespace = pod.metadata.namespace ?? 'default';
  const claim = references.claim(namespace, name);
  if (claim === undefined) return missing(`persistentvolumeclaim "${name}" not found`);
  if (claim.metadata.deletionTimestamp !== undefined)
    return missing(`persistentvolumeclaim "${name}" is being deleted`);
  const volume = references.volume(claim.spec?.volumeName ?? '');
  if (claim.status?.phase !== 'Bound' || volume === undefined)
    return missing(`persistentvolumeclaim "${name}" is not bound to a volume yet`);
  const { csi, hostPath, local, claimRef } = volume.spec;
  if (claimRef?.uid !== claim.metadata.uid)
    return missing(`the volume of persistentvolumeclaim "${name}" is bound to another claim`);
  if (csi?.driver === LOCAL_PROVISIONER) {
    const size = claim.status.capacity?.storage ?? claim.spec?.resources?.requests?.storage ?? '';
    return {
      is: 'content',
      content: { kind: 'claim', handle: csi.volumeHandle },
      limitations: [`The size of claim ${name} (${size}) is not enforced: it can fill the disk it is on.`],
    };
  }
  const path = hostPath?.path ?? local?.path;
  if (path !== undefined) {
    const content = { kind: 'host-path', path, type: hostPath?.type ?? '' } as const;
    return { is: 'content', content, limitations: [] };
  }
  const kind = Object.keys(volume.spec).find((key) => SOURCES.has(key)) ?? 'unknown';
  const driver = csi === undefined ? '' : ` of driver ${csi.driver}`;
  return {
    is: 'unsupported',
    message: `persistentvolumeclaim "${name}": ${kind} volumes${driver} are not supported here.`,
  };
}

/** The members of a volume's spec that say what it is. Source: core/v1 PersistentVolumeSource. */
const SOURCES: ReadonlySet<string> = new Set([
  ...['awsElasticBlockStore', 'azureDisk', 'azureFile', 'cephfs', 'cinder', 'csi', 'fc', 'flexVolume'],
  ...['flocker', 'gcePersistentDisk', 'glusterfs', 'iscsi', 'nfs', 'photonPersistentDisk', 'portworxVolume'],
  ...['quobyte', 'rbd', 'scaleIO', 'storageos', 'vsphereVolume'],
]);

function missing(message: string): VolumeVerdict {
  return { is: 'missing', message };
}

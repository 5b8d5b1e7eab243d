import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../schema/types.gen.ts';

/** The storage there is, as it is now. */
export type VolumeCatalog = {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumes(): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
};

export function volumeCatalog(of: {
  readonly claims?: readonly PersistentVolumeClaim[] | undefined;
  readonly volumes?: readonly PersistentVolume[] | undefined;
  readonly classes?: readonly StorageClass[] | undefined;
}): VolumeCatalog {
  const { claims = [], volumes = [], classes = [] } = of;
  const byName = new Map(claims.map((claim) => [claimKey(claim.metadata), claim]));
  const volumesByName = new Map(volumes.map((volume) => [volume.metadata.name, volume]));
  const classesByName = new Map(classes.map((each) => [each.metadata.name, each]));
  return {
    claim: (namespace, name) => byName.get(claimKey({ namespace, name })),
    volume: (name) => volumesByName.get(name),
    volumes: () => volumes,
    storageClass: (name) => classesByName.get(name),
  };
}

export function claimKey(at: { readonly namespace?: string | undefined; readonly name: string }): string {
  return `${at.namespace ?? ''}/${at.name}`;
}

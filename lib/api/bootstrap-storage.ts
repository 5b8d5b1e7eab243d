import {
  DEFAULT_CLASS_ANNOTATION,
  DEFAULT_STORAGE_CLASS,
  LOCAL_PROVISIONER,
} from '../schema/local-volume.ts';
import type { Caller, Client } from './client.ts';

const caller: Caller = { user: 'system:apiserver', groups: ['system:masters'], fieldManager: 'bootstrap' };

/**
 * The class that claims without one get. Made at a start that finds no class at all: whoever changes it, or has one of their own, is not
 * overruled.
 */
export async function bootstrapStorage(client: Client): Promise<void> {
  const kind = { group: 'storage.k8s.io', kind: 'StorageClass' };
  const { items } = await client.list(kind, { limit: 1 }, caller);
  if (items.length > 0) return;
  await client.create(
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: DEFAULT_STORAGE_CLASS, annotations: { [DEFAULT_CLASS_ANNOTATION]: 'true' } },
      provisioner: LOCAL_PROVISIONER,
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: true,
    },
    caller,
  );
}

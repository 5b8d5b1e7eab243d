import type { Container, Pod } from '../../schema/types.gen.ts';

/** `ConfigMap/name`, `Secret/name` and `PersistentVolumeClaim/name` of everything a pod's containers and volumes take values from, in its namespace. */
export function referencedObjects(pod: Pod): ReadonlySet<string> {
  const { containers, initContainers = [], ephemeralContainers = [], volumes = [] } = pod.spec;
  const found = new Set<string>();
  const add = (kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim', name: string | undefined): void => {
    if (name !== undefined) found.add(`${kind}/${name}`);
  };
  const all: readonly Container[] = [...initContainers, ...containers, ...ephemeralContainers];
  for (const { env = [], envFrom = [] } of all) {
    for (const { configMapRef, secretRef } of envFrom) {
      add('ConfigMap', configMapRef?.name);
      add('Secret', secretRef?.name);
    }
    for (const { valueFrom } of env) {
      add('ConfigMap', valueFrom?.configMapKeyRef?.name);
      add('Secret', valueFrom?.secretKeyRef?.name);
    }
  }
  for (const { configMap, secret, projected, persistentVolumeClaim } of volumes) {
    add('PersistentVolumeClaim', persistentVolumeClaim?.claimName);
    add('ConfigMap', configMap?.name);
    add('Secret', secret?.secretName);
    for (const source of projected?.sources ?? []) {
      add('ConfigMap', source.configMap?.name);
      add('Secret', source.secret?.name);
    }
  }
  return found;
}

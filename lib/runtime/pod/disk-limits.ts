import { podLimits, readAmounts } from '../../schema/pod-resources.ts';
import { formatQuantity, type Quantity, quantityOf, quantityToBytes } from '../../schema/quantity.ts';
import type { Pod } from '../../schema/types.gen.ts';

/** What a pod has on the disk, in bytes. */
export type DiskUsage = {
  /** By name, of those that were asked for. */
  readonly volumes: ReadonlyMap<string, number>;
  /** By name: what the latest run has written beside its volumes, and its log. */
  readonly containers: ReadonlyMap<string, number>;
  /** Of its earlier runs, and of nobody's. */
  readonly otherBytes: number;
};

type Limit = { readonly name: string; readonly limit: Quantity };

export type DiskLimits = {
  readonly volumes: readonly Limit[];
  readonly containers: readonly Limit[];
  /** Of all containers together; null: none of them has one. */
  readonly pod: Quantity | null;
  /** The emptyDirs on the disk: they count for the pod. */
  readonly onDisk: readonly string[];
};

const STORAGE = 'ephemeral-storage';

/** What a pod's spec bounds of the disk; null: nothing. Source: kubelet eviction, localStorageEviction. */
export function diskLimitsOf(pod: Pod): DiskLimits | null {
  const { spec } = pod;
  const empty = (spec.volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined);
  const volumes = empty.flatMap(({ name, emptyDir }): readonly Limit[] => {
    const limit = quantityOf(emptyDir?.sizeLimit);
    return limit === null || limit.nanos <= 0n ? [] : [{ name, limit }];
  });
  const containers = [...(spec.initContainers ?? []), ...spec.containers].flatMap(
    ({ name, resources }): readonly Limit[] => {
      const limit = readAmounts(resources?.limits).get(STORAGE);
      return limit === undefined ? [] : [{ name, limit }];
    },
  );
  const whole = podLimits(pod).get(STORAGE) ?? null;
  if (volumes.length === 0 && containers.length === 0 && whole === null) return null;
  const onDisk = empty.filter(({ emptyDir }) => emptyDir?.medium !== 'Memory').map(({ name }) => name);
  return { volumes, containers, pod: whole, onDisk };
}

/** Why the pod has to go; null: it keeps within its bounds. A volume goes before the pod, the pod before a container. Source: the same. */
export function overDiskLimit(limits: DiskLimits, usage: DiskUsage): string | null {
  for (const { name, limit } of limits.volumes) {
    if ((usage.volumes.get(name) ?? 0) > quantityToBytes(limit))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(formatQuantity(limit))}.`;
  }
  if (limits.pod !== null) {
    const volumeBytes = limits.onDisk.map((name) => usage.volumes.get(name) ?? 0);
    const bytes = [...usage.containers.values(), ...volumeBytes, usage.otherBytes].reduce((a, b) => a + b, 0);
    if (bytes > quantityToBytes(limits.pod))
      return `Pod ephemeral local storage usage exceeds the total limit of containers ${formatQuantity(limits.pod)}.`;
  }
  for (const { name, limit } of limits.containers) {
    if ((usage.containers.get(name) ?? 0) > quantityToBytes(limit))
      return `Container ${name} exceeded its local ephemeral storage limit ${JSON.stringify(formatQuantity(limit))}.`;
  }
  return null;
}

import type { ContainerUsage, PodUsage } from '../api/node-agent.ts';
import type { Pod } from '../schema/types.gen.ts';
import type { DriverUsage } from './driver.ts';

/** Use by pod, of those pods the API still has. */
export function usageByPod(
  usages: readonly DriverUsage[],
  podOfUid: (uid: string) => Pod | undefined,
): readonly PodUsage[] {
  const byUid = new Map<string, DriverUsage[]>();
  for (const usage of usages) {
    const list = byUid.get(usage.podUid) ?? [];
    byUid.set(usage.podUid, list);
    list.push(usage);
  }
  return [...byUid].flatMap(([uid, list]): readonly PodUsage[] => {
    const pod = podOfUid(uid);
    const first = list[0];
    if (pod === undefined || first === undefined) return [];
    const containers = list.map(
      ({ container, cpuMillis, memoryBytes }): ContainerUsage => ({
        name: container,
        cpuMillis,
        memoryBytes,
      }),
    );
    const { name, namespace = 'default' } = pod.metadata;
    return [{ namespace, pod: name, atMs: first.atMs, windowMs: first.windowMs, containers }];
  });
}

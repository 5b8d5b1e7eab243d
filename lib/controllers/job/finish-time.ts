import { type EpochMs, fromRfc3339, secondMs } from '../../base/clock.ts';
import { conditionOf } from '../../schema/pod-conditions.ts';
import type { Pod } from '../../schema/types.gen.ts';

/**
 * When a pod that has ended did: when its last container (or sidecar) did; unknown, when it was asked to go; else when it stopped
 * being ready; else when it was created. Source: upstream job backoff_utils.go getFinishedTime.
 */
export function finishTime(pod: Pod): EpochMs {
  const { metadata, status } = pod;
  const byContainers = lastTermination(pod);
  if (byContainers !== null) return byContainers;
  const goneAt = fromRfc3339(metadata.deletionTimestamp);
  if (goneAt !== null) return goneAt - (metadata.deletionGracePeriodSeconds ?? 0) * secondMs;
  const ready = conditionOf(status?.conditions, 'Ready');
  const notReadySince = ready?.status === 'False' ? fromRfc3339(ready.lastTransitionTime) : null;
  return notReadySince ?? fromRfc3339(metadata.creationTimestamp) ?? 0;
}

/** null when one of them has not terminated, as far as is known. */
function lastTermination({ spec, status }: Pod): EpochMs | null {
  const sidecars = new Set(
    (spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always').map((one) => one.name),
  );
  const statuses = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter((one) => sidecars.has(one.name)),
  ];
  let last: EpochMs | null = null;
  for (const { state } of statuses) {
    const at = fromRfc3339(state?.terminated?.finishedAt);
    if (at === null) return null;
    last = Math.max(last ?? at, at);
  }
  return last;
}

import { type EpochMs, fromRfc3339, secondMs } from '../../base/clock.ts';
import { isPodTerminal } from '../../schema/pod-conditions.ts';
import { tolerates } from '../../schema/taints.ts';
import type { Pod, Taint } from '../../schema/types.gen.ts';

/**
 * When a pod has to leave its node for the node's taints: at once where one is not tolerated, else when the shortest time it tolerates
 * one for is over; null: it may stay. Source: upstream taint eviction controller.
 *
 * @param sinceMs  when the pod was first seen under these taints, for taints that do not say since when they are there
 */
export function evictionAtMs(pod: Pod, taints: readonly Taint[], sinceMs: EpochMs): EpochMs | null {
  if (isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) return null;
  const bornMs = fromRfc3339(pod.metadata.creationTimestamp) ?? sinceMs;
  let atMs: EpochMs | null = null;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const toleration = pod.spec.tolerations?.find((one) => tolerates(one, taint));
    if (toleration === undefined) return Number.NEGATIVE_INFINITY;
    const { tolerationSeconds } = toleration;
    if (tolerationSeconds === undefined) continue;
    const beganMs = fromRfc3339(taint.timeAdded) ?? sinceMs;
    const overMs = Math.max(beganMs, bornMs) + Math.max(0, tolerationSeconds) * secondMs;
    atMs = Math.min(atMs ?? overMs, overMs);
  }
  return atMs;
}

import { type EpochMs, secondMs } from '../base/clock.ts';
import { conditionOf, transitionedAt } from './conditions.ts';
import type { Pod } from './types.gen.ts';

export { conditionOf } from './conditions.ts';

/**
 * What a scheduler says of a pod whose claims have no volume: it has its word from upstream, and there is no condition that says it
 * otherwise. It is so of every new claim for a moment.
 */
export const UNBOUND_CLAIMS = 'pod has unbound immediate PersistentVolumeClaims';

/** Why a pod is not ready whose node is not heard of any more. */
export const NODE_LOST = 'NodeLost';

/** Its containers run and pass their probes, as the node reports it. */
export function isPodReady(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** Since when the pod is ready; null when it is not, or nobody knows. */
export function podReadySince(pod: Pod): EpochMs | null {
  return isPodReady(pod) ? transitionedAt(conditionOf(pod.status?.conditions, 'Ready')) : null;
}

/** When a ready pod is, or will be, available; null: not ready. -Infinity: ready is enough. */
export function podAvailableAt(pod: Pod, minReadySeconds: number): EpochMs | null {
  if (!isPodReady(pod)) return null;
  if (minReadySeconds <= 0) return Number.NEGATIVE_INFINITY;
  const since = podReadySince(pod);
  return since === null ? null : since + minReadySeconds * secondMs;
}

/** Ready for `minReadySeconds` at least; 0: ready is available. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: EpochMs): boolean {
  const at = podAvailableAt(pod, minReadySeconds);
  return at !== null && at <= now;
}

/** Succeeded or Failed: it will never run again. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Counts for its controller: it has not ended and is not being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

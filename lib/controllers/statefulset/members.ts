import type { EpochMs } from '../../base/clock.ts';
import { isPodAvailable, isPodReady } from '../../schema/pod-conditions.ts';
import type { Pod, StatefulSet } from '../../schema/types.gen.ts';
import { ordinalOf, ordinalsOf } from './identity.ts';

/** What of a StatefulSet's pods is where it belongs, and what is too many. */
export type Members = {
  /** By ordinal, lowest first; null: there is none. */
  readonly wanted: readonly { readonly ordinal: number; readonly pod: Pod | null }[];
  /** Highest ordinal first. */
  readonly condemned: readonly Pod[];
};

export function membersOf(statefulSet: StatefulSet, pods: readonly Pod[]): Members {
  const { from, to } = ordinalsOf(statefulSet);
  const byOrdinal = new Map<number, Pod>();
  for (const pod of pods) {
    const ordinal = ordinalOf(statefulSet, pod);
    if (ordinal !== null) byOrdinal.set(ordinal, pod);
  }
  const wanted = Array.from({ length: to - from }, (_, at) => ({
    ordinal: from + at,
    pod: byOrdinal.get(from + at) ?? null,
  }));
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => ordinal < from || ordinal >= to)
    .toSorted(([a], [b]) => b - a)
    .map(([, pod]) => pod);
  return { wanted, condemned };
}

export function isGoing({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** It runs, is ready, and is not on its way out. */
export function isHealthy(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod) && !isGoing(pod);
}

export function isSettled(pod: Pod, { spec }: StatefulSet, now: EpochMs): boolean {
  return isHealthy(pod) && isPodAvailable(pod, spec.minReadySeconds ?? 0, now);
}

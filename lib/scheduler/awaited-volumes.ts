import type { EpochMs } from '../base/clock.ts';
import { timings } from '../base/limits.ts';
import type { PersistentVolumeClaim } from '../schema/types.gen.ts';
import type { Binding } from './decide.ts';
import { isBound } from './filters/volume-binding.ts';

/** Pods that have a node, and wait for their volumes there. Their room is kept for them. */
export type AwaitedVolumes = {
  add(binding: Binding, now: EpochMs): void;
  delete(uid: string): void;
  has(uid: string): boolean;
  /** Those that need wait no longer: their volumes are there (`ready`), or did not come in time (`late`). They are given out once. */
  take(now: EpochMs): { readonly ready: readonly Binding[]; readonly late: readonly Binding[] };
  nextAt(): EpochMs | null;
};

export function awaitedVolumes(
  claimOf: (namespace: string, name: string) => PersistentVolumeClaim | undefined,
): AwaitedVolumes {
  const waiting = new Map<string, { readonly binding: Binding; readonly until: EpochMs }>();
  const isReady = ({ volumes }: Binding): boolean =>
    volumes.every(({ claim: { metadata } }) => {
      const claim = claimOf(metadata.namespace ?? '', metadata.name);
      return claim !== undefined && claim.metadata.uid === metadata.uid && isBound(claim);
    });
  return {
    add(binding, now) {
      waiting.set(uidOf(binding), { binding, until: now + timings.schedulerVolumesMs });
    },
    delete: (uid) => void waiting.delete(uid),
    has: (uid) => waiting.has(uid),
    take(now) {
      const ready: Binding[] = [];
      const late: Binding[] = [];
      for (const [uid, { binding, until }] of waiting) {
        if (isReady(binding)) ready.push(binding);
        else if (until <= now) late.push(binding);
        else continue;
        waiting.delete(uid);
      }
      return { ready, late };
    },
    nextAt() {
      let next = Number.POSITIVE_INFINITY;
      for (const { until } of waiting.values()) next = Math.min(next, until);
      return Number.isFinite(next) ? next : null;
    },
  };
}

function uidOf({ pod }: Binding): string {
  return pod.metadata.uid ?? '';
}

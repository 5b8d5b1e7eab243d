import type { ReplicaSet } from '../../schema/types.gen.ts';
import { INT32_MAX, revisionOf } from './annotations.ts';

/**
 * The old ReplicaSets to forget: beyond `limit`, lowest revision first; never one that has pods, wants pods, has not been seen
 * by its controller or is going already. Without a limit, none.
 */
export function historyToDelete(
  old: readonly ReplicaSet[],
  limit: number | undefined,
): readonly ReplicaSet[] {
  if (limit === undefined || limit === INT32_MAX) return [];
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - limit;
  if (surplus <= 0) return [];
  return alive.toSorted(byRevision).slice(0, surplus).filter(isSpent);
}

function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const age = (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1;
  return revisionOf(a) - revisionOf(b) || age;
}

function isSpent({ metadata, spec, status }: ReplicaSet): boolean {
  return (
    (spec.replicas ?? 1) === 0 &&
    (status?.replicas ?? 0) === 0 &&
    (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0)
  );
}

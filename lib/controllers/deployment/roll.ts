import { type Bounds, minAvailableOf } from './fenceposts.ts';
import { allOf, type Member, type Members, oldestFirst, type Sizes, sum } from './member.ts';

/** The size of the new ReplicaSet one step on: as much as the surge leaves room for, never past the Deployment's size. */
export function nextNewSize(input: {
  /** Its size now; 0 before it exists. */
  readonly current: number;
  /** What all ReplicaSets together ask for now, this one included. */
  readonly total: number;
  readonly bounds: Bounds;
}): number {
  const { current, total, bounds } = input;
  if (!bounds.rolling) return bounds.replicas;
  if (current > bounds.replicas) return bounds.replicas;
  const room = bounds.replicas + bounds.maxSurge - total;
  return current + Math.max(0, Math.min(room, bounds.replicas - current));
}

/** Grows the new ReplicaSet by one step, or cuts it to the Deployment's size. */
export function reconcileNew(members: Members, bounds: Bounds): Sizes {
  const { current } = members;
  if (current === null) return new Map();
  const total = sum(allOf(members), ({ replicas }) => replicas);
  const size = nextNewSize({ current: current.replicas, total, bounds });
  return size === current.replicas ? new Map() : new Map([[current.name, size]]);
}

/**
 * Shrinks the old ReplicaSets by one step: first their pods that are not available (taking those away harms nobody), then available
 * ones down to what must stay. New pods that are not available yet count as missing, so that a broken new version
 * cannot use up the old one.
 */
export function reconcileOld(members: Members, bounds: Bounds): Sizes {
  const old = members.old.filter(({ replicas }) => replicas > 0).toSorted(oldestFirst);
  if (old.length === 0) return new Map();
  const total = sum(allOf(members), ({ replicas }) => replicas);
  const newUnavailable = members.current === null ? 0 : members.current.replicas - members.current.available;
  const most = total - minAvailableOf(bounds) - newUnavailable;
  if (most <= 0) return new Map();
  const cleaned = cleanUpUnhealthy(old, most);
  const available = sum(allOf(members), settledAvailable);
  const shrunk = scaleDownOld(applySizes(old, cleaned), available - minAvailableOf(bounds));
  return new Map([...cleaned, ...shrunk]);
}

/** Takes away at most `most` pods that are not available, oldest ReplicaSet first. */
export function cleanUpUnhealthy(oldOldestFirst: readonly Member[], most: number): Sizes {
  const sizes = new Map<string, number>();
  let left = most;
  for (const member of oldOldestFirst) {
    const cut = Math.min(left, member.replicas - settledAvailable(member));
    if (cut <= 0) continue;
    sizes.set(member.name, member.replicas - cut);
    left -= cut;
  }
  return sizes;
}

/** Takes away at most `most` pods, oldest ReplicaSet first. */
export function scaleDownOld(oldOldestFirst: readonly Member[], most: number): Sizes {
  const sizes = new Map<string, number>();
  let left = most;
  for (const member of oldOldestFirst) {
    const cut = Math.min(left, member.replicas);
    if (cut <= 0) continue;
    sizes.set(member.name, member.replicas - cut);
    left -= cut;
  }
  return sizes;
}

/** A status that lags behind a smaller spec still counts pods that are about to go: they are no longer to be relied on. */
function settledAvailable({ available, replicas }: Member): number {
  return Math.min(available, replicas);
}

function applySizes(members: readonly Member[], sizes: Sizes): readonly Member[] {
  return members.map((member) => ({ ...member, replicas: sizes.get(member.name) ?? member.replicas }));
}

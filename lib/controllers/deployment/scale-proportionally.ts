import type { Bounds } from './fenceposts.ts';
import { allOf, type Member, type Members, newestFirst, oldestFirst, type Sizes, sum } from './member.ts';

/**
 * Sizes after the Deployment's size changed (or while it is paused): spreads the change over the ReplicaSets by their share, so
 * that no rollout is decided by scaling. With one active ReplicaSet it takes all; with a new one that is whole and available the
 * old ones go; the larger ones take what rounding leaves.
 *
 * @param statusReplicas the Deployment's status.replicas: its size before, for a ReplicaSet that does not remember
 * Source: upstream sync.scale.
 */
export function scaleProportionally(members: Members, bounds: Bounds, statusReplicas: number): Sizes {
  const only = activeOrLatest(members);
  if (only !== null)
    return only.replicas === bounds.replicas ? new Map() : new Map([[only.name, bounds.replicas]]);
  const active = allOf(members).filter(({ replicas }) => replicas > 0);
  if (isSaturated(members.current, bounds)) {
    return new Map(active.filter((member) => member !== members.current).map(({ name }) => [name, 0]));
  }
  if (!bounds.rolling) return new Map();
  const allowed = bounds.replicas > 0 ? bounds.replicas + bounds.maxSurge : 0;
  const toAdd = allowed - sum(active, ({ replicas }) => replicas);
  return spread({ active, toAdd, bounds, statusReplicas });
}

function spread(input: {
  readonly active: readonly Member[];
  readonly toAdd: number;
  readonly bounds: Bounds;
  readonly statusReplicas: number;
}): Sizes {
  const { toAdd, bounds, statusReplicas } = input;
  if (toAdd === 0) return new Map();
  const byAge = toAdd > 0 ? newestFirst : oldestFirst;
  const ordered = input.active.toSorted((a, b) => b.replicas - a.replicas || byAge(a, b));
  const shares: { readonly member: Member; readonly share: number }[] = [];
  let added = 0;
  for (const member of ordered) {
    const fraction = fractionOf(member, bounds, statusReplicas);
    const left = toAdd - added;
    const share = left === 0 ? 0 : toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
    added += share;
    shares.push({ member, share });
  }
  const leftover = toAdd - added;
  return new Map(
    shares
      .map(({ member, share }, at) => {
        const size = Math.max(0, member.replicas + share + (at === 0 ? leftover : 0));
        return { member, size };
      })
      .filter(({ member, size }) => size !== member.replicas)
      .map(({ member, size }) => [member.name, size]),
  );
}

/** How many pods this ReplicaSet's share grows (or shrinks) by. Half is rounded away from zero. Source: upstream getReplicaSetFraction. */
export function fractionOf(member: Member, bounds: Bounds, statusReplicas: number): number {
  if (bounds.replicas === 0) return -member.replicas;
  const before = member.maxThen === null || member.maxThen === 0 ? statusReplicas : member.maxThen;
  if (before === 0) return 0;
  return Math.round((member.replicas * (bounds.replicas + bounds.maxSurge)) / before) - member.replicas;
}

/** The one ReplicaSet with pods; the newest when none has; null when several do (or there is none). */
function activeOrLatest(members: Members): Member | null {
  const active = allOf(members).filter(({ replicas }) => replicas > 0);
  if (active.length > 1) return null;
  return active[0] ?? members.current ?? members.old.toSorted(newestFirst)[0] ?? null;
}

/** It has the Deployment's size, was scaled for that size, and all of it is available. */
function isSaturated(current: Member | null, { replicas }: Bounds): boolean {
  if (current === null) return false;
  return current.replicas === replicas && current.desiredThen === replicas && current.available === replicas;
}

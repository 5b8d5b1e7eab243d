import type { Bounds } from './fenceposts.ts';
import type { Members, Sizes } from './member.ts';

/** Recreate, one step: everything old to zero; then nothing until the old pods are gone; then the new ReplicaSet whole. */
export function recreateStep(
  members: Members,
  bounds: Bounds,
  oldPodsLeft: boolean,
): { readonly sizes: Sizes; readonly waitsForOldPods: boolean } {
  const active = members.old.filter(({ replicas }) => replicas > 0);
  if (active.length > 0)
    return { sizes: new Map(active.map(({ name }) => [name, 0])), waitsForOldPods: true };
  if (oldPodsLeft) return { sizes: new Map(), waitsForOldPods: true };
  const { current } = members;
  const grows = current !== null && current.replicas !== bounds.replicas;
  return { sizes: new Map(grows ? [[current.name, bounds.replicas]] : []), waitsForOldPods: false };
}

import type { EpochMs } from '../../base/clock.ts';
import { rankPodsForDeletion } from '../../schema/pod-ranking.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { podNames } from './names.ts';

/** The index a pod of an indexed Job works on; null when it has none below `completions`. */
export function completionIndexOf({ metadata }: Pod, completions: number): number | null {
  const text = metadata.annotations?.[podNames.index] ?? '';
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text)) return null;
  return Number(text) < completions ? Number(text) : null;
}

/**
 * Which active pods are one too many: of those with one index all but the one that would be deleted last, and those without an
 * index. Both lists by index, in the order of deletion. Source: upstream appendDuplicatedIndexPodsForRemoval.
 */
export function duplicateIndexes(
  active: readonly Pod[],
  completions: number,
  now: EpochMs,
): { readonly keep: readonly Pod[]; readonly remove: readonly Pod[] } {
  const byIndex = new Map<number, Pod[]>();
  for (const pod of active) {
    const index = completionIndexOf(pod, completions) ?? completions;
    byIndex.set(index, [...(byIndex.get(index) ?? []), pod]);
  }
  const keep: Pod[] = [];
  const remove: Pod[] = [];
  for (const [index, pods] of [...byIndex].sort(([a], [b]) => a - b)) {
    if (index >= completions) {
      remove.push(...pods);
      continue;
    }
    const ranked = rankPodsForDeletion(
      pods.map((pod) => ({ pod, rank: 0 })),
      now,
    );
    keep.push(...ranked.slice(-1));
    remove.push(...ranked.slice(0, -1));
  }
  return { keep, remove };
}

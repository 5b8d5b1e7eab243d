import { SCORE_MAX } from './score.ts';

/** Amounts by resource, in any unit as long as it is the same for one resource. */
export type Amounts = Readonly<Record<string, number>>;

/**
 * How free a node would be with the pod on it, 0 (full) to 100 (empty): per resource the share that stays free, then their
 * weighted mean, both cut to whole numbers. A resource the node does not have does not count; one that does not fit counts 0.
 * Source: upstream NodeResourcesFit, LeastAllocated.
 */
export function leastAllocatedScore(input: {
  readonly requested: Amounts;
  readonly capacity: Amounts;
  readonly weights: Amounts;
}): number {
  let sum = 0;
  let weightSum = 0;
  for (const [resource, weight] of Object.entries(input.weights)) {
    const capacity = input.capacity[resource] ?? 0;
    if (capacity === 0) continue;
    sum += freeShare(input.requested[resource] ?? 0, capacity) * weight;
    weightSum += weight;
  }
  return weightSum === 0 ? 0 : Math.trunc(sum / weightSum);
}

/** What stays free of a capacity, 0 to 100; 0 where there is none. */
export function freeShare(requested: number, capacity: number): number {
  if (capacity === 0 || requested > capacity) return 0;
  return Math.trunc(((capacity - requested) * SCORE_MAX) / capacity);
}

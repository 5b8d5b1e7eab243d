import { limits } from '../../base/limits.ts';

/** Batches of a creation: 1, 2, 4, 8, …, so that what cannot be created at all fails once and not a thousand times. Source: upstream. */
export function slowStartBatches(count: number): readonly number[] {
  const batches: number[] = [];
  let left = count;
  for (let size: number = limits.slowStartBatchMin; left > 0; size *= 2) {
    const batch = Math.min(size, left);
    batches.push(batch);
    left -= batch;
  }
  return batches;
}

import type { Clock, DurationMs } from '../base/clock.ts';
import { WorldError } from '../base/errors.ts';
import type { Persistence } from '../store/persistence.ts';

/** A disk that has no room for a while, from its `fromCommit`-th commit on (1 is the first). */
export function fullDisk(
  persistence: Persistence,
  options: { readonly clock: Clock; readonly fromCommit: number; readonly forMs: DurationMs },
): Persistence & { readonly refused: number } {
  const { clock, fromCommit, forMs } = options;
  let commits = 0;
  let refused = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  return {
    get refused() {
      return refused;
    },
    async commit(batches) {
      commits += 1;
      if (commits === fromCommit) untilMs = clock.now() + forMs;
      if (clock.now() < untilMs) {
        refused += 1;
        throw new WorldError('STORE_UNWRITABLE', 'no space left on device');
      }
      await persistence.commit(batches);
    },
    close: () => persistence.close(),
  };
}

import { limits } from '../base/limits.ts';
import type { Batch, Persistence } from './persistence.ts';
import type { Revision } from './store.ts';

type Waiting = Batch & {
  readonly bytes: number;
  readonly resolve: (revision: Revision) => void;
  readonly reject: (reason: unknown) => void;
};

/** Batches on their way to the disk: many go in one transaction, one transaction is in flight. */
export type AppendQueue = {
  /** No room: the disk does not keep up. */
  readonly full: boolean;
  /** Resolves once the batch, and all before it, are durable. An empty batch only waits for those before it. */
  add(batch: Batch): Promise<Revision>;
  /** Resolves when nothing is queued or in flight. */
  drained(): Promise<void>;
};

export function appendQueue(options: {
  readonly persistence: Persistence;
  /** The batches are durable, in order. Called before their promises resolve. */
  readonly onCommitted: (batches: readonly Batch[]) => void;
  /** Everything that was queued has failed: nothing of it will be written. Called before their promises reject. */
  readonly onFailed: () => void;
}): AppendQueue {
  let queued: Waiting[] = [];
  let queuedBytes = 0;
  let pumping: Promise<void> | null = null;

  const pump = async (): Promise<void> => {
    // The first turn collects what else is appended in this turn of the loop's microtasks.
    await Promise.resolve();
    while (queued.length > 0) {
      const taken = takeGroup(queued);
      queued = queued.slice(taken.length);
      const batches = taken.filter((waiting) => waiting.writes.length > 0);
      try {
        if (batches.length > 0) await options.persistence.commit(batches);
      } catch (failure) {
        // CRASH: nothing of the group is on disk, or all of it is and nobody was told: both are allowed.
        // Later batches were built on top of these (they saw them as queued), so they fail with them.
        const failed = [...taken, ...queued];
        queued = [];
        queuedBytes = 0;
        options.onFailed();
        for (const waiting of failed) waiting.reject(failure);
        continue;
      }
      for (const waiting of taken) queuedBytes -= waiting.bytes;
      options.onCommitted(batches);
      for (const waiting of taken) waiting.resolve(waiting.revision);
    }
    pumping = null;
  };
  return {
    get full() {
      return queuedBytes > limits.storeQueuedBytesMax || queued.length > limits.storeQueuedBatchesMax;
    },
    add(batch) {
      const bytes = batch.writes.reduce((sum, write) => sum + (write.value?.byteLength ?? 0), 0);
      return new Promise((resolve, reject) => {
        queued.push({ ...batch, bytes, resolve, reject });
        queuedBytes += bytes;
        pumping ??= pump();
      });
    },
    async drained() {
      while (pumping !== null) await pumping;
    },
  };
}

/** As many batches as fit one transaction; at least one. */
function takeGroup(queued: readonly Waiting[]): readonly Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const waiting of queued) {
    bytes += waiting.bytes;
    if (count > 0 && (bytes > limits.storeGroupBytesMax || count >= limits.storeGroupBatchesMax)) break;
    count += 1;
  }
  return queued.slice(0, count);
}

import { assertNever } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Outcome } from './outcome.ts';
import type { Key, WorkQueue } from './work-queue.ts';

/** What follows from how a look at a key ended: the one place that says so. */
export function settleOutcome(
  outcome: Outcome,
  at: {
    readonly key: Key;
    readonly queue: WorkQueue;
    readonly log: Log;
    /** Tells the user of what is his. */
    readonly tell: (failure: { readonly code: string; readonly message: string }) => void;
  },
): void {
  const { key, queue, log } = at;
  switch (outcome.is) {
    case 'done':
      queue.forget(key);
      return;
    case 'again-at':
      queue.forget(key);
      queue.delay(key, outcome.atMs);
      return;
    case 'retry':
      queue.retry(key);
      return;
    case 'conflict':
    case 'world-error':
      log.debug(outcome.is, { key, failures: queue.retry(key), message: outcome.message });
      return;
    case 'user-error':
      queue.forget(key);
      log.info('user-error', { key, code: outcome.code, message: outcome.message });
      at.tell(outcome);
      return;
    default:
      assertNever(outcome);
  }
}

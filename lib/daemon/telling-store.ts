import { messageOf, WorldError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import type { StandingTroubles } from './standing-troubles.ts';

/**
 * The store, with a disk that refuses told of: once as it begins, whichever part of the daemon wrote; every part tries again by
 * itself. That it is over is logged.
 */
export function tellingStore(
  store: Store,
  options: { readonly log: Log; readonly troubles: StandingTroubles },
): Store {
  const { log, troubles } = options;
  return {
    ...store,
    async append(build) {
      try {
        const revision = await store.append(build);
        if (troubles.end('store')) log.info('store-writable-again', { revision });
        return revision;
      } catch (failure) {
        if (failure instanceof WorldError) {
          const trouble = { code: failure.code, message: messageOf(failure), retried: true };
          if (troubles.begin('store', trouble)) log.error('store-unwritable', trouble);
        }
        throw failure;
      }
    },
  };
}

import { messageOf, WorldError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import type { Trouble } from './control-protocol.ts';

/**
 * The store, with a disk that refuses told of: once as it begins, whichever part of the daemon wrote; every part tries again by
 * itself. That it is over is logged.
 */
export function tellingStore(
  store: Store,
  options: { readonly log: Log; readonly onTrouble: (trouble: Trouble) => void },
): Store {
  let refusing = false;
  return {
    ...store,
    async append(build) {
      try {
        const revision = await store.append(build);
        if (refusing) options.log.info('store-writable-again', { revision });
        refusing = false;
        return revision;
      } catch (failure) {
        if (failure instanceof WorldError && !refusing) {
          refusing = true;
          options.log.error('store-unwritable', { code: failure.code, message: messageOf(failure) });
          options.onTrouble({ code: failure.code, message: messageOf(failure), retried: true });
        }
        throw failure;
      }
    },
  };
}

import { ApiError } from '../../api/api-error.ts';
import { secondMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import { isTrue } from '../wire/request-info.ts';
import { nonNegative } from './read-list.ts';

export type AskedWatch = {
  /** What is there already comes first, as ADDED events; `then` whether a bookmark marks its end. */
  readonly initial: 'none' | 'events' | 'events-then-bookmark';
  /** Where to begin when there are no initial events. */
  readonly resourceVersion: string;
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
};

/**
 * The query of a watch. Without a resourceVersion, or with 0, it begins with what is there. `chance` (0 to 1) spreads the ends of
 * watches that ask for none. Source: Kubernetes API concepts; metav1 ListOptions and its validation.
 */
export function watchOptions(query: URLSearchParams, chance: number): AskedWatch {
  const resourceVersion = query.get('resourceVersion') ?? '';
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const asked = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  const timeoutMs = nonNegative(query, 'timeoutSeconds') * secondMs || timings.watchDefaultMs * (1 + chance);
  if (asked === null) {
    if (match !== '')
      throw forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    const initial = resourceVersion === '' || resourceVersion === '0' ? 'events' : 'none';
    return { initial, resourceVersion, bookmarks, timeoutMs };
  }
  if (match !== 'NotOlderThan') {
    throw forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (isTrue(asked)) {
    if (!bookmarks) throw forbidden('sendInitialEvents requires allowWatchBookmarks');
    return { initial: 'events-then-bookmark', resourceVersion, bookmarks, timeoutMs };
  }
  const newest = resourceVersion === '' || resourceVersion === '0' ? '' : resourceVersion;
  return { initial: 'none', resourceVersion: newest, bookmarks, timeoutMs };
}

function forbidden(message: string): ApiError {
  return new ApiError('Invalid', `ListOptions.meta.k8s.io "" is invalid: Forbidden: ${message}`);
}

import type { ApiCause } from '../../api/api-error.ts';
import { secondMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import { isTrue } from '../wire/request-info.ts';
import { forbiddenField, invalidOptions, unsupportedValue } from './invalid-options.ts';
import { nonNegative } from './read-list.ts';

const NEWER = 'NotOlderThan';

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
  const causes = matchCauses(query);
  if (causes.length > 0) throw invalidOptions('ListOptions', causes);
  const timeoutMs = nonNegative(query, 'timeoutSeconds') * secondMs || timings.watchDefaultMs * (1 + chance);
  const common = { resourceVersion, bookmarks, timeoutMs };
  const unset = resourceVersion === '' || resourceVersion === '0';
  if (asked === null) return { ...common, initial: unset ? 'events' : 'none' };
  // Where no bookmarks are read, none can say where the initial events end.
  if (isTrue(asked)) return { ...common, initial: bookmarks ? 'events-then-bookmark' : 'events' };
  return { ...common, initial: 'none', resourceVersion: unset ? '' : resourceVersion };
}

function matchCauses(query: URLSearchParams): readonly ApiCause[] {
  const match = query.get('resourceVersionMatch') ?? '';
  const initial = query.get('sendInitialEvents') !== null;
  const field = 'resourceVersionMatch';
  const causes: ApiCause[] = [];
  if (initial && match !== NEWER) {
    causes.push(forbiddenField(field, `sendInitialEvents requires setting resourceVersionMatch to ${NEWER}`));
  }
  if (match === '') return causes;
  if (!initial) {
    causes.push(
      forbiddenField(field, `${field} is forbidden for watch unless sendInitialEvents is provided`),
    );
  }
  if (match !== NEWER) causes.push(unsupportedValue(field, match, [NEWER]));
  if (query.get('continue')) causes.push(forbiddenField(field, `${field} is forbidden for continue`));
  return causes;
}

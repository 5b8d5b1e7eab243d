import type { Entry, Revision, StoreEvent } from './store.ts';

/**
 * What a sorted list was before these events, which are in order and of its keys only: each is undone, the newest first. Values of
 * the past carry `at`, the revision they are asked of: the one that wrote them is no later.
 */
export function pastEntries(
  now: readonly Entry[],
  events: readonly StoreEvent[],
  at: Revision,
): readonly Entry[] {
  if (events.length === 0) return now;
  // The first event of a key after that revision holds what was there at it.
  const before = new Map<string, Uint8Array | null>();
  for (const { key, previous } of events) if (!before.has(key)) before.set(key, previous);
  const past = now.filter(({ key }) => !before.has(key));
  for (const [key, value] of before) if (value !== null) past.push({ key, value, revision: at });
  return past.sort((a, b) => (a.key < b.key ? -1 : 1));
}

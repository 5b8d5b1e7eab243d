import { limits } from '../base/limits.ts';
import { firstIndex } from './sorted-keys.ts';
import type { Entry, Revision } from './store.ts';

/**
 * The rest of paged lists, as they were at the revision of the first page. Entries are shared with the store, so a pin costs
 * references only, until its values are overwritten. Bounded by lists and by entries: the oldest pin goes first.
 */
export type PinnedLists = {
  /** `after`: the entries are those after this key; unset: all of them. */
  pin(prefix: string, revision: Revision, entries: readonly Entry[], after?: string): void;
  /** The pinned list and where in it the entries after `after` begin; undefined when it is gone, or begins later. */
  rest(prefix: string, revision: Revision, after: string): PinnedRest | undefined;
};

export type PinnedRest = { readonly entries: readonly Entry[]; readonly from: number };

export function pinnedLists(
  bounds: { readonly listsMax: number; readonly entriesMax: number } = {
    listsMax: limits.storePinnedListsMax,
    entriesMax: limits.storePinnedEntriesMax,
  },
): PinnedLists {
  const pins = new Map<string, { readonly entries: readonly Entry[]; readonly after: string }>();
  let held = 0;
  const drop = (name: string): void => {
    held -= pins.get(name)?.entries.length ?? 0;
    pins.delete(name);
  };
  return {
    pin(prefix, revision, entries, after = '') {
      const name = `${revision} ${prefix}`;
      const already = pins.get(name);
      // Two readers may page through the same snapshot: keep the one that begins first, it holds the other.
      if (already !== undefined && already.after <= after) return;
      drop(name);
      pins.set(name, { entries, after });
      held += entries.length;
      for (const oldest of pins.keys()) {
        if (pins.size <= bounds.listsMax && held <= bounds.entriesMax) break;
        drop(oldest);
      }
    },
    rest(prefix, revision, after) {
      const pin = pins.get(`${revision} ${prefix}`);
      if (pin === undefined || after < pin.after) return undefined;
      const { entries } = pin;
      return { entries, from: firstIndex(entries.length, (index) => (entries[index]?.key ?? '') > after) };
    },
  };
}

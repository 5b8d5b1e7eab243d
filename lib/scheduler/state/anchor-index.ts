import type { PodMatcher } from '../facts/pod-matcher.ts';

/** Things with a matcher, found by the labels of a pod without looking at all of them. */
export type AnchorIndex<T extends { readonly matcher: PodMatcher }> = {
  add(thing: T): void;
  delete(thing: T): void;
  clear(): void;
  /** Those whose matcher may match a pod with these anchors: it is still to be asked. */
  candidates(anchors: readonly string[]): Iterable<T>;
};

export function anchorIndex<T extends { readonly matcher: PodMatcher }>(): AnchorIndex<T> {
  const anchored = new Map<string, Set<T>>();
  const others = new Set<T>();
  return {
    add(thing) {
      const { anchor } = thing.matcher;
      if (anchor === null) others.add(thing);
      else {
        const those = anchored.get(anchor) ?? new Set();
        anchored.set(anchor, those.add(thing));
      }
    },
    delete(thing) {
      const { anchor } = thing.matcher;
      const those = anchor === null ? others : anchored.get(anchor);
      those?.delete(thing);
      if (anchor !== null && those?.size === 0) anchored.delete(anchor);
    },
    clear() {
      anchored.clear();
      others.clear();
    },
    *candidates(anchors) {
      for (const anchor of anchors) yield* anchored.get(anchor) ?? [];
      yield* others;
    },
  };
}

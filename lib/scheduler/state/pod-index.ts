import type { PodFacts } from '../facts/pod-facts.ts';
import type { Placed } from './match-counts.ts';
import { claimKey } from './volume-catalog.ts';

/** Pods on nodes: by uid, node, label and claim. */
export function podIndex() {
  const priorities = new Map<number, number>();
  const countPriority = ({ facts }: Placed, by: 1 | -1): void => {
    const count = (priorities.get(facts.priority) ?? 0) + by;
    if (count === 0) priorities.delete(facts.priority);
    else priorities.set(facts.priority, count);
  };
  const byUid = new Map<string, Placed>();
  const byNode = new Map<string, Set<Placed>>();
  const byLabel = new Map<string, Set<Placed>>();
  const byClaim = new Map<string, Set<Placed>>();
  const places = ({ facts, nodeName }: Placed): readonly (readonly [Map<string, Set<Placed>>, string])[] => [
    [byNode, nodeName],
    ...facts.anchors.map((anchor) => [byLabel, anchor] as const),
    ...facts.claims.map((name) => [byClaim, claimKey({ namespace: facts.namespace, name })] as const),
  ];
  const factsIn = (set: ReadonlySet<Placed> | undefined): readonly PodFacts[] =>
    set === undefined ? [] : [...set].map(({ facts }) => facts);
  return {
    /** What the cluster passes on. */
    answers: {
      placed: (uid: string) => byUid.get(uid),
      usersOf: (claim: string) => factsIn(byClaim.get(claim)),
      lowestPriority: () => Math.min(...priorities.keys()),
    },
    on: (nodeName: string) => factsIn(byNode.get(nodeName)),
    with: (anchor: string | null): Iterable<Placed> =>
      anchor === null ? byUid.values() : (byLabel.get(anchor) ?? []),
    add(placed: Placed) {
      byUid.set(placed.facts.uid, placed);
      countPriority(placed, 1);
      for (const [map, key] of places(placed)) {
        const set = map.get(key);
        if (set === undefined) map.set(key, new Set([placed]));
        else set.add(placed);
      }
    },
    delete(placed: Placed) {
      byUid.delete(placed.facts.uid);
      countPriority(placed, -1);
      for (const [map, key] of places(placed)) {
        const set = map.get(key);
        set?.delete(placed);
        if (set?.size === 0) map.delete(key);
      }
    },
  };
}

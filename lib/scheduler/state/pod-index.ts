import type { PodFacts } from '../facts/pod-facts.ts';
import type { Placed } from './match-counts.ts';
import { claimKey } from './volume-catalog.ts';

/** Pods on nodes: by uid, node, label and claim. */
export function podIndex() {
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
    get: (uid: string) => byUid.get(uid),
    on: (nodeName: string) => factsIn(byNode.get(nodeName)),
    usersOf: (claim: string) => factsIn(byClaim.get(claim)),
    with: (anchor: string | null): Iterable<Placed> =>
      anchor === null ? byUid.values() : (byLabel.get(anchor) ?? []),
    add(placed: Placed) {
      byUid.set(placed.facts.uid, placed);
      for (const [map, key] of places(placed)) {
        const set = map.get(key);
        if (set === undefined) map.set(key, new Set([placed]));
        else set.add(placed);
      }
    },
    delete(placed: Placed) {
      byUid.delete(placed.facts.uid);
      for (const [map, key] of places(placed)) {
        const set = map.get(key);
        set?.delete(placed);
        if (set?.size === 0) map.delete(key);
      }
    },
  };
}

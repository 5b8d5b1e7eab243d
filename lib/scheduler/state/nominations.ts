import type { PodFacts } from '../facts/pod-facts.ts';

const NONE: readonly PodFacts[] = [];

/** The pods that room is kept for, by node. */
export type Nominations = {
  on(nodeName: string): readonly PodFacts[];
  any(): boolean;
  /** null: none any more. */
  set(pod: PodFacts, nodeName: string | null): void;
};

export function nominations(): Nominations {
  const nodeOf = new Map<string, string>();
  const byNode = new Map<string, Map<string, PodFacts>>();
  return {
    on(nodeName) {
      const those = byNode.get(nodeName);
      return those === undefined ? NONE : [...those.values()];
    },
    any: () => nodeOf.size > 0,
    set(pod, nodeName) {
      const before = nodeOf.get(pod.uid);
      if (before !== undefined) {
        byNode.get(before)?.delete(pod.uid);
        if (byNode.get(before)?.size === 0) byNode.delete(before);
        nodeOf.delete(pod.uid);
      }
      if (nodeName === null) return;
      nodeOf.set(pod.uid, nodeName);
      const those = byNode.get(nodeName) ?? new Map<string, PodFacts>();
      byNode.set(nodeName, those.set(pod.uid, pod));
    },
  };
}

import type { PodFacts } from '../facts/pod-facts.ts';
import type { ClusterView } from '../state/cluster.ts';
import type { NodeLoad } from '../state/node-load.ts';

export const SCORE_MAX = 100;

/** How good each of the nodes that can take the pod is, 0 to 100 in their order; null: they are all the same to it. */
export type Score = {
  readonly name: string;
  readonly weight: number;
  of(pod: PodFacts, nodes: readonly NodeLoad[], cluster: ClusterView): readonly number[] | null;
};

/** The highest becomes 100 (or, reversed, 0), the others in proportion, cut to whole numbers. Source: upstream's default normalisation. */
export function normalised(
  raw: readonly number[],
  { reversed = false }: { readonly reversed?: boolean } = {},
): readonly number[] {
  const most = raw.reduce((max, each) => Math.max(max, each), 0);
  if (most === 0) return raw.map(() => (reversed ? SCORE_MAX : 0));
  return raw.map((each) => {
    const score = Math.trunc((each * SCORE_MAX) / most);
    return reversed ? SCORE_MAX - score : score;
  });
}

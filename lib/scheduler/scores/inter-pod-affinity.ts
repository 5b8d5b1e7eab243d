import { topologyValue } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { termCounts } from '../filters/inter-pod-affinity.ts';
import type { ClusterView } from '../state/cluster.ts';
import type { DomainCounts } from '../state/domain-counts.ts';
import { SCORE_MAX, type Score } from './score.ts';

/** What the required affinity of another pod to this one counts as. Source: upstream hardPodAffinityWeight. */
const REQUIRED_WEIGHT = 1;

/** Nodes near pods that the pod prefers, or that prefer it, come first; those near pods that either would rather avoid, last. */
export const interPodAffinityScore: Score = {
  name: 'InterPodAffinity',
  weight: 2,
  of(pod, nodes, cluster) {
    const pulls = pullsOn(pod, cluster);
    if (pulls.length === 0) return null;
    const raw = nodes.map(({ node }) => {
      let sum = 0;
      for (const { topologyKey, weight, counts } of pulls) {
        const value = topologyValue(node, topologyKey);
        if (value !== undefined) sum += weight * counts.of(value);
      }
      return sum;
    });
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const each of raw) {
      least = Math.min(least, each);
      most = Math.max(most, each);
    }
    return raw.map((each) => (most > least ? Math.trunc((SCORE_MAX * (each - least)) / (most - least)) : 0));
  },
};

type Pull = { readonly topologyKey: string; readonly weight: number; readonly counts: DomainCounts };

function pullsOn(pod: PodFacts, cluster: ClusterView): readonly Pull[] {
  const pulls: Pull[] = [];
  const { preferred, preferredAnti } = pod.affinities;
  for (const [terms, sign] of [[preferred, 1] as const, [preferredAnti, -1] as const]) {
    for (const term of terms) {
      const counts = termCounts(cluster, term).get(term.topologyKey);
      if (counts !== undefined)
        pulls.push({ topologyKey: term.topologyKey, weight: sign * term.weight, counts });
    }
  }
  for (const { kind, term, holders } of cluster.held.matching(pod, cluster.namespaceLabels)) {
    if (kind === 'requiredAnti') continue;
    const weight = kind === 'required' ? REQUIRED_WEIGHT : kind === 'preferred' ? term.weight : -term.weight;
    pulls.push({ topologyKey: term.topologyKey, weight, counts: holders });
  }
  return pulls;
}

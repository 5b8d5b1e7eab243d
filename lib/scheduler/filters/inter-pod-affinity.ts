import type { AffinityTerm } from '../facts/affinity-terms.ts';
import { topologyValue } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { allOf } from '../facts/pod-matcher.ts';
import type { ClusterView } from '../state/cluster.ts';
import type { MatchCounts } from '../state/match-counts.ts';
import type { NodeLoad } from '../state/node-load.ts';
import type { Filter, NodeTest, Refusal } from './filter.ts';

const refusal = (reason: string, isFinal: boolean): Refusal => ({
  filter: 'InterPodAffinity',
  reasons: [reason],
  isFinal,
});
const ALONE = refusal("node(s) didn't match pod affinity rules", true);
const REPELLED = refusal("node(s) didn't match pod anti-affinity rules", false);
const UNWANTED = refusal("node(s) didn't satisfy existing pods anti-affinity rules", false);

/** Required affinity and anti-affinity to pods, and the anti-affinity of the pods there are to this one. */
export const interPodAffinity: Filter = {
  name: 'InterPodAffinity',
  prepare(pod, cluster) {
    const tests = [wanted(pod, cluster), unwanted(pod, cluster), unwantedByOthers(pod, cluster)].filter(
      (test) => test !== null,
    );
    if (tests.length === 0) return null;
    return {
      test(load) {
        for (const test of tests) {
          const refused = test(load);
          if (refused !== null) return refused;
        }
        return null;
      },
    };
  },
};

/** Pods that match all terms are there. The first of a group that wants itself may go anywhere. */
function wanted(pod: PodFacts, cluster: ClusterView): NodeTest | null {
  const terms = pod.affinities.required;
  if (terms.length === 0) return null;
  const matcher = allOf(terms.map((term) => term.matcher));
  const keys = [...new Set(terms.map(({ topologyKey }) => topologyKey))];
  const counts = countsOf(cluster, matcher, keys);
  const wantsItself = matcher.matches(pod, cluster.namespaceLabels);
  return ({ node }: NodeLoad) => {
    let isThere = true;
    for (const key of keys) {
      const value = topologyValue(node, key);
      if (value === undefined) return ALONE;
      if ((counts.get(key)?.of(value) ?? 0) === 0) isThere = false;
    }
    const isFirst = wantsItself && [...counts.values()].every(({ total }) => total === 0);
    return isThere || isFirst ? null : ALONE;
  };
}

function unwanted(pod: PodFacts, cluster: ClusterView): NodeTest | null {
  const terms = pod.affinities.requiredAnti;
  if (terms.length === 0) return null;
  const counted = terms.map((term) => ({
    key: term.topologyKey,
    counts: termCounts(cluster, term),
  }));
  return ({ node }: NodeLoad) => {
    for (const { key, counts } of counted) {
      const value = topologyValue(node, key);
      if (value !== undefined && (counts.get(key)?.of(value) ?? 0) > 0) return REPELLED;
    }
    return null;
  };
}

function unwantedByOthers(pod: PodFacts, cluster: ClusterView): NodeTest | null {
  const held = cluster.held
    .matching(pod, cluster.namespaceLabels)
    .filter(({ kind }) => kind === 'requiredAnti');
  if (held.length === 0) return null;
  return ({ node }: NodeLoad) => {
    for (const { term, holders } of held) {
      const value = topologyValue(node, term.topologyKey);
      if (value !== undefined && holders.of(value) > 0) return UNWANTED;
    }
    return null;
  };
}

/** How many pods match a term, by the values of its topology key. */
export function termCounts(cluster: ClusterView, { matcher, topologyKey }: AffinityTerm): MatchCounts {
  return countsOf(cluster, matcher, [topologyKey]);
}

function countsOf(
  cluster: ClusterView,
  matcher: AffinityTerm['matcher'],
  topologyKeys: readonly string[],
): MatchCounts {
  return cluster.counts({
    matcher,
    topologyKeys,
    eligibility: '',
    isEligible: () => true,
    forSpread: false,
  });
}

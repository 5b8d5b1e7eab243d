import { matchesRequiredAffinity } from '../../schema/node-affinity.ts';
import { findUntolerated } from '../../schema/taints.ts';
import { type NodeFacts, topologyValue } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { SpreadConstraint } from '../facts/spread-constraints.ts';
import type { ClusterView } from '../state/cluster.ts';
import type { DomainCounts } from '../state/domain-counts.ts';
import { domainCounts } from '../state/domain-counts.ts';
import type { Filter, Refusal } from './filter.ts';

const UNEVEN: Refusal = {
  filter: 'PodTopologySpread',
  reasons: ["node(s) didn't match pod topology spread constraints"],
  isFinal: false,
};
const UNLABELLED: Refusal = {
  filter: 'PodTopologySpread',
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  isFinal: true,
};

/** DoNotSchedule: no domain may be ahead of the emptiest by more than its constraint's skew. */
export const podTopologySpread: Filter = {
  name: 'PodTopologySpread',
  prepare(pod, cluster) {
    const hard = pod.spread?.hard ?? [];
    if (hard.length === 0) return null;
    const counted = countsOf(pod, hard, cluster, { needsAllKeys: true }).map((each) => ({
      ...each,
      own: each.constraint.matcher.matches(pod, cluster.namespaceLabels) ? 1 : 0,
    }));
    return {
      test({ node }) {
        for (const { constraint, counts, own } of counted) {
          const value = topologyValue(node, constraint.topologyKey);
          if (value === undefined) return UNLABELLED;
          const fewest = counts.domains < constraint.minDomains ? 0 : counts.lowest();
          if (counts.of(value) + own - fewest > constraint.maxSkew) return UNEVEN;
        }
        return null;
      },
    };
  },
};

export type CountedConstraint = { readonly constraint: SpreadConstraint; readonly counts: DomainCounts };

/** How the pods each constraint speaks of are spread now, over the nodes that count for this pod. */
export function countsOf(
  pod: PodFacts,
  constraints: readonly SpreadConstraint[],
  cluster: ClusterView,
  { needsAllKeys }: { readonly needsAllKeys: boolean },
): readonly CountedConstraint[] {
  const keys = needsAllKeys ? constraints.map(({ topologyKey }) => topologyKey) : [];
  return constraints.map((constraint) => {
    const { matcher, topologyKey } = constraint;
    const counts = cluster.counts({
      matcher,
      topologyKeys: [topologyKey],
      eligibility: JSON.stringify([
        keys,
        constraint.honoursAffinity ? pod.nodeAffinityKey : '',
        constraint.honoursTaints ? (pod.pod.spec.tolerations ?? []) : null,
      ]),
      isEligible: (node) => isEligible(pod, constraint, { node, keys }),
      forSpread: true,
    });
    return { constraint, counts: counts.get(topologyKey) ?? domainCounts() };
  });
}

function isEligible(
  { pod, nodeAffinityKey }: PodFacts,
  { honoursAffinity, honoursTaints }: SpreadConstraint,
  { node, keys }: { readonly node: NodeFacts; readonly keys: readonly string[] },
): boolean {
  if (!keys.every((key) => topologyValue(node, key) !== undefined)) return false;
  if (honoursAffinity && nodeAffinityKey !== '' && !matchesRequiredAffinity(pod, node.node)) return false;
  return !honoursTaints || findUntolerated(pod.spec.tolerations, node.strictTaints) === undefined;
}

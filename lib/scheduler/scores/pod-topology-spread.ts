import { type NodeFacts, topologyValue } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { defaultSpreadConstraints, type SpreadConstraint } from '../facts/spread-constraints.ts';
import { HOSTNAME } from '../facts/topology-keys.ts';
import { countsOf } from '../filters/pod-topology-spread.ts';
import type { ClusterView } from '../state/cluster.ts';
import { SCORE_MAX, type Score } from './score.ts';

/** ScheduleAnyway: nodes in domains with fewer of the pod's kind come first. Source: upstream PodTopologySpread. */
export const podTopologySpreadScore: Score = {
  name: 'PodTopologySpread',
  weight: 2,
  of(pod, nodes, cluster) {
    const constraints = softConstraints(pod, cluster);
    if (constraints.length === 0) return null;
    const needsAllKeys = pod.spread !== null;
    const isCounted = (node: NodeFacts): boolean =>
      !needsAllKeys || constraints.every(({ topologyKey }) => topologyValue(node, topologyKey) !== undefined);
    const countedNodes = nodes.map(({ node }) => node).filter(isCounted);
    const weighed = countsOf(pod, constraints, cluster, { needsAllKeys }).map((each) => ({
      ...each,
      weight: domainWeight(each.constraint.topologyKey, countedNodes),
    }));
    const raw = nodes.map(({ node }) => {
      if (!isCounted(node)) return null;
      let sum = 0;
      for (const { constraint, counts, weight } of weighed) {
        const value = topologyValue(node, constraint.topologyKey);
        if (value !== undefined) sum += counts.of(value) * weight + (constraint.maxSkew - 1);
      }
      return Math.round(sum);
    });
    return spreadScores(raw);
  },
};

function softConstraints(pod: PodFacts, cluster: ClusterView): readonly SpreadConstraint[] {
  if (pod.spread !== null) return pod.spread.soft;
  const group = cluster.groupOf(pod);
  return group === null ? [] : defaultSpreadConstraints(pod.namespace, group);
}

/** The more domains there are, the more one pod in a domain counts. */
function domainWeight(topologyKey: string, nodes: readonly NodeFacts[]): number {
  const domains = topologyKey === HOSTNAME ? nodes.length : domainsOf(topologyKey, nodes);
  return Math.log(domains + 2);
}

function domainsOf(topologyKey: string, nodes: readonly NodeFacts[]): number {
  const values = new Set<string>();
  for (const node of nodes) {
    const value = topologyValue(node, topologyKey);
    if (value !== undefined) values.add(value);
  }
  return values.size;
}

/** The emptiest gets the most; null, a node without the labels, nothing. */
function spreadScores(raw: readonly (number | null)[]): readonly number[] {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (const each of raw) {
    if (each === null) continue;
    lowest = Math.min(lowest, each);
    highest = Math.max(highest, each);
  }
  return raw.map((each) => {
    if (each === null) return 0;
    return highest === 0 ? SCORE_MAX : Math.trunc((SCORE_MAX * (highest + lowest - each)) / highest);
  });
}

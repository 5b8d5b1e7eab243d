import type { PodFacts } from '../facts/pod-facts.ts';
import type { ClusterView } from '../state/cluster.ts';
import type { NodeLoad } from '../state/node-load.ts';
import { imageLocalityScore } from './image-locality.ts';
import { interPodAffinityScore } from './inter-pod-affinity.ts';
import { nodeAffinityScore } from './node-affinity.ts';
import { nodeResourcesBalancedScore } from './node-resources-balanced.ts';
import { nodeResourcesFitScore } from './node-resources-fit.ts';
import { podTopologySpreadScore } from './pod-topology-spread.ts';
import type { Score } from './score.ts';
import { taintTolerationScore } from './taint-toleration.ts';

/** Source of the weights: upstream default_plugins. */
export const scores: readonly Score[] = [
  taintTolerationScore,
  nodeAffinityScore,
  podTopologySpreadScore,
  interPodAffinityScore,
  nodeResourcesFitScore,
  nodeResourcesBalancedScore,
  imageLocalityScore,
];

/** The node with the highest sum; of equals the first by name, so that chance has no say. Undefined: there are none. */
export function bestNode(
  pod: PodFacts,
  nodes: readonly NodeLoad[],
  cluster: ClusterView,
): NodeLoad | undefined {
  if (nodes.length <= 1) return nodes[0];
  const sums = new Float64Array(nodes.length);
  for (const { of, weight } of scores) {
    const each = of(pod, nodes, cluster);
    if (each === null) continue;
    for (let at = 0; at < sums.length; at += 1) sums[at] = (sums[at] ?? 0) + (each[at] ?? 0) * weight;
  }
  let best: NodeLoad | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const [at, load] of nodes.entries()) {
    const sum = sums[at] ?? 0;
    if (sum < most || (sum === most && best !== undefined && load.node.name > best.node.name)) continue;
    best = load;
    most = sum;
  }
  return best;
}

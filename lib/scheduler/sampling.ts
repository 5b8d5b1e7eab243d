import { limits } from '../base/limits.ts';

/**
 * How many nodes that can take a pod are enough to choose from: all of a small cluster; of a large one a share that shrinks as it grows.
 * Source: upstream numFeasibleNodesToFind.
 */
export function feasibleNodesEnough(nodes: number): number {
  const {
    schedulerFeasibleNodesMin: least,
    schedulerFeasiblePercentMax: most,
    schedulerFeasiblePercentMin: floor,
  } = limits;
  if (nodes < least) return nodes;
  const percent = Math.max(floor, most - Math.trunc(nodes / 125));
  return Math.max(least, Math.trunc((nodes * percent) / 100));
}

/** Of how many nodes the victims are worked out before one is chosen. Source: upstream GetOffsetAndNumCandidates. */
export function preemptionCandidatesEnough(nodes: number): number {
  const share = Math.trunc((nodes * limits.preemptionCandidatesPercent) / 100);
  return Math.min(nodes, Math.max(share, limits.preemptionCandidatesMin));
}

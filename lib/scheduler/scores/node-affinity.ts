import { preferredAffinityScore } from '../../schema/node-affinity.ts';
import { normalised, type Score } from './score.ts';

/** Nodes that match more of what the pod prefers come first. */
export const nodeAffinityScore: Score = {
  name: 'NodeAffinity',
  weight: 2,
  of({ pod }, nodes) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (preferred.length === 0) return null;
    return normalised(nodes.map(({ node }) => preferredAffinityScore(pod, node.node)));
  },
};

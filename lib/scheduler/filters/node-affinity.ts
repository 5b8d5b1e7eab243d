import { matchesRequiredAffinity } from '../../schema/node-affinity.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { Filter, Refusal } from './filter.ts';

const UNFIT: Refusal = {
  filter: 'NodeAffinity',
  reasons: ["node(s) didn't match Pod's node affinity/selector"],
  isFinal: true,
};

/** The pod's node selector, and its required node affinity. */
export const nodeAffinity: Filter = {
  name: 'NodeAffinity',
  prepare: ({ pod, nodeAffinityKey }) =>
    nodeAffinityKey === ''
      ? null
      : { test: ({ node }) => (matchesRequiredAffinity(pod, node.node) ? null : UNFIT) },
};

/** What is said of the nodes that a pod's affinity leaves out by their names. */
export const NOT_NAMED: Refusal = {
  filter: 'NodeAffinity',
  reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"],
  isFinal: true,
};

/**
 * The nodes that required affinity names, where each of its terms names some, as pods of DaemonSets do; null: any. The others need not
 * be looked at.
 */
export function namedNodes({ pod }: PodFacts): ReadonlySet<string> | null {
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return null;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const naming = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    const [first, ...others] = naming.map(({ values = [] }) => values);
    if (first === undefined) return null;
    for (const name of first) if (others.every((values) => values.includes(name))) names.add(name);
  }
  return names;
}

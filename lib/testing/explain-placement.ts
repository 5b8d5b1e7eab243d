import { type ClusterObjects, clusterOf } from '../scheduler/cluster-of.ts';
import { podFacts } from '../scheduler/facts/pod-facts.ts';
import { preparePod, testWithNominated } from '../scheduler/feasible-nodes.ts';
import type { FilterName } from '../scheduler/filters/filter.ts';
import type { Pod } from '../schema/types.gen.ts';

/** What one node says to a pod. */
export type NodeVerdict = {
  readonly nodeName: string;
  /** What refused it; null: the node could take the pod. */
  readonly filter: FilterName | null;
  /** In Kubernetes' words. */
  readonly reasons: readonly string[];
};

/** Each node's answer to a pod, in the order nodes are looked at. */
export function explainPlacement(objects: ClusterObjects, pod: Pod): readonly NodeVerdict[] {
  const state = clusterOf(objects);
  const facts = podFacts(pod);
  const prepared = preparePod(facts, state);
  if ('filter' in prepared) {
    const { filter, reasons } = prepared;
    return state.slots().map(({ node }) => ({ nodeName: node.name, filter, reasons }));
  }
  const test = testWithNominated(facts, prepared.test, state);
  return state.slots().map((slot) => {
    const refused = test(slot);
    const { filter = null, reasons = [] } = refused ?? {};
    return { nodeName: slot.node.name, filter, reasons };
  });
}

import type { PodFacts } from './facts/pod-facts.ts';
import type { FilterName, NodeTest, Refusal } from './filters/filter.ts';
import { filters } from './filters/filters.ts';
import type { Cluster, ClusterView, Slot } from './state/cluster.ts';

/** Whether a node can take the pod as the cluster is at the call; null: it can. */
export type PodTest = {
  readonly test: (slot: Slot) => Refusal | null;
  /** The filters that have a say. */
  readonly concerned: readonly FilterName[];
};

/** What the filters make of a pod; a refusal where no node whatsoever can take it. */
export function preparePod(pod: PodFacts, cluster: ClusterView): PodTest | Refusal {
  const tests: NodeTest[] = [];
  const concerned: FilterName[] = [];
  for (const { name, prepare } of filters) {
    const prepared = prepare(pod, cluster);
    if (prepared === null) continue;
    if ('refuses' in prepared) return prepared.refuses;
    tests.push(prepared.test);
    concerned.push(name);
  }
  const test = ({ load }: Slot): Refusal | null => {
    for (const each of tests) {
      const refused = each(load);
      if (refused !== null) return refused;
    }
    return null;
  };
  return { test, concerned };
}

/**
 * The same where room is kept for nominated pods: the node must take the pod with those of its priority or higher there, and without
 * them, since they may go elsewhere, and what depends on them would be missing then.
 */
export function testWithNominated(pod: PodFacts, test: PodTest['test'], cluster: Cluster): PodTest['test'] {
  if (!cluster.hasNominated()) return test;
  return (slot) => {
    const nominated = cluster.nominatedOn(slot.node.name);
    if (nominated.length === 0) return test(slot);
    const before = nominated.filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);
    if (before.length === 0) return test(slot);
    for (const each of before) cluster.place(each, slot.node.name);
    const refused = test(slot);
    for (const each of before) cluster.remove(each.uid);
    return refused ?? test(slot);
  };
}

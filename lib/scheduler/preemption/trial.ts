import type { PodFacts } from '../facts/pod-facts.ts';
import type { Refusal } from '../filters/filter.ts';
import type { Cluster, Slot } from '../state/cluster.ts';
import { withoutPod, withPod } from '../state/node-load.ts';

/** A node whose pods are taken away and put back, to see whether another pod would fit. */
export type Trial = {
  remove(pod: PodFacts): void;
  place(pod: PodFacts): void;
  /** As the node is now. */
  refusal(): Refusal | null;
};

type Test = (slot: Slot) => Refusal | null;

/** Where only the node itself matters; nobody else sees it. */
export function trialOfNode(slot: Slot, test: Test): Trial {
  const { node } = slot;
  let { load } = slot;
  return {
    remove(pod) {
      load = withoutPod(load, pod);
    },
    place(pod) {
      load = withPod(load, pod);
    },
    refusal: () => test({ node, load }),
  };
}

/** In the cluster itself, which counts what goes and comes: whoever tries puts back all that was there. */
export function trialInCluster(
  slot: Slot,
  { cluster, test }: { readonly cluster: Cluster; readonly test: Test },
): Trial {
  return {
    remove: ({ uid }) => cluster.remove(uid),
    place: (pod) => cluster.place(pod, slot.node.name),
    refusal: () => test(slot),
  };
}

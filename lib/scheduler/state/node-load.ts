import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { Figures } from '../facts/resource-figures.ts';

/** A node and what the pods on it take of it. */
export type NodeLoad = {
  readonly node: NodeFacts;
  readonly requested: Figures;
  /** cpu in thousandths and memory in bytes, with an assumed amount for containers that ask for none. */
  readonly assumed: { readonly cpu: number; readonly memory: number };
  readonly pods: readonly PodFacts[];
};

export function emptyLoad(node: NodeFacts): NodeLoad {
  return { node, requested: new Map(), assumed: { cpu: 0, memory: 0 }, pods: [] };
}

/** The load with one more pod on the node. */
export function withPod(load: NodeLoad, pod: PodFacts): NodeLoad {
  return counted(load, pod, 1, [...load.pods, pod]);
}

/** The load without the pod of this uid. */
export function withoutPod(load: NodeLoad, pod: PodFacts): NodeLoad {
  return counted(
    load,
    pod,
    -1,
    load.pods.filter(({ uid }) => uid !== pod.uid),
  );
}

function counted(load: NodeLoad, pod: PodFacts, by: 1 | -1, pods: readonly PodFacts[]): NodeLoad {
  const requested = new Map(load.requested);
  for (const [name, amount] of pod.requests) requested.set(name, (requested.get(name) ?? 0) + by * amount);
  const assumed = {
    cpu: load.assumed.cpu + by * pod.assumed.cpu,
    memory: load.assumed.memory + by * pod.assumed.memory,
  };
  return { node: load.node, requested, assumed, pods };
}

import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { Figures } from '../facts/resource-figures.ts';

/**
 * A node and what the pods on it take of it. What is asked of every node for every pod lies here itself, not behind other objects: with
 * thousands of nodes it is the way to the memory that takes the time.
 */
export type NodeLoad = {
  readonly node: NodeFacts;
  /** Neither cordoned nor with taints that keep pods away. */
  readonly isOpen: boolean;
  readonly freePods: number;
  /** Thousandths; below 0 where more is asked for than there is. */
  readonly freeCpu: number;
  readonly freeMemory: number;
  /** Thousandths and bytes, with an assumed amount for containers that ask for none. */
  readonly assumedCpu: number;
  readonly assumedMemory: number;
  readonly requested: Figures;
  readonly pods: readonly PodFacts[];
};

export function emptyLoad(node: NodeFacts): NodeLoad {
  return loadOf(node, { requested: new Map(), assumedCpu: 0, assumedMemory: 0, pods: [] });
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

/** The same pods on the node as it is now. */
export function onNode(load: NodeLoad, node: NodeFacts): NodeLoad {
  return loadOf(node, load);
}

function counted(load: NodeLoad, pod: PodFacts, by: 1 | -1, pods: readonly PodFacts[]): NodeLoad {
  const requested = new Map(load.requested);
  for (const [name, amount] of pod.requests) requested.set(name, (requested.get(name) ?? 0) + by * amount);
  return loadOf(load.node, {
    requested,
    assumedCpu: load.assumedCpu + by * pod.assumed.cpu,
    assumedMemory: load.assumedMemory + by * pod.assumed.memory,
    pods,
  });
}

function loadOf(
  node: NodeFacts,
  of: Pick<NodeLoad, 'requested' | 'assumedCpu' | 'assumedMemory' | 'pods'>,
): NodeLoad {
  const { requested, assumedCpu, assumedMemory, pods } = of;
  return {
    node,
    isOpen: !node.isUnschedulable && node.strictTaints.length === 0,
    freePods: node.podsMax - pods.length,
    freeCpu: node.cpu - (requested.get('cpu') ?? 0),
    freeMemory: node.memory - (requested.get('memory') ?? 0),
    assumedCpu,
    assumedMemory,
    requested,
    pods,
  };
}

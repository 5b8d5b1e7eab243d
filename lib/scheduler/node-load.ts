import { podRequests, type ResourceAmounts, readAmounts } from '../schema/pod-resources.ts';
import { addQuantities, quantityToBytes, quantityToMillis } from '../schema/quantity.ts';
import type { ContainerPort, Node, Pod } from '../schema/types.gen.ts';
import type { Amounts } from './least-allocated.ts';

/** What a pod without a request counts as when nodes are compared. Source: upstream; 100m and 200Mi. */
const ASSUMED = { cpu: 100, memory: 200 * 1024 * 1024 } as const;

export type HostPort = { readonly port: number; readonly protocol: string; readonly ip: string };

/** A node and what the pods on it take of it. */
export type NodeLoad = {
  readonly node: Node;
  readonly allocatable: ResourceAmounts;
  readonly requested: ResourceAmounts;
  /** cpu in thousandths and memory in bytes, with an assumed amount for pods that ask for none. */
  readonly assumed: Amounts;
  readonly pods: number;
  readonly hostPorts: readonly HostPort[];
};

export function emptyLoad(node: Node): NodeLoad {
  const allocatable = readAmounts(node.status?.allocatable ?? node.status?.capacity);
  return { node, allocatable, requested: new Map(), assumed: { cpu: 0, memory: 0 }, pods: 0, hostPorts: [] };
}

/** The load with one more pod on the node. */
export function withPod(load: NodeLoad, pod: Pod): NodeLoad {
  const requested = new Map(load.requested);
  for (const [name, amount] of podRequests(pod)) {
    const before = requested.get(name);
    requested.set(name, before === undefined ? amount : addQuantities(before, amount));
  }
  return {
    ...load,
    requested,
    assumed: addAmounts(load.assumed, assumedRequests(pod)),
    pods: load.pods + 1,
    hostPorts: [...load.hostPorts, ...hostPortsOf(pod)],
  };
}

export function assumedRequests(pod: Pod): Amounts {
  const requests = podRequests(pod);
  const cpu = requests.get('cpu');
  const memory = requests.get('memory');
  return {
    cpu: cpu === undefined ? ASSUMED.cpu : quantityToMillis(cpu),
    memory: memory === undefined ? ASSUMED.memory : quantityToBytes(memory),
  };
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sum: Record<string, number> = { ...a };
  for (const [name, amount] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}

/** Of containers and sidecars. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports = [] }): readonly ContainerPort[] => ports)
    .flatMap(({ hostPort = 0, protocol = 'TCP', hostIP = '' }) =>
      hostPort === 0 ? [] : [{ port: hostPort, protocol, ip: hostIP === '' ? '0.0.0.0' : hostIP }],
    );
}

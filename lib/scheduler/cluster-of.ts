import type { PodDisruptionBudget } from '../api/disruption-budget.ts';
import type { Selector } from '../schema/label-selector.ts';
import type {
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../schema/types.gen.ts';
import { nodeFacts } from './facts/node-facts.ts';
import { type PodFacts, podFacts } from './facts/pod-facts.ts';
import { type Cluster, cluster } from './state/cluster.ts';
import { volumeCatalog } from './state/volume-catalog.ts';

/** A cluster as lists of objects. */
export type ClusterObjects = {
  readonly nodes: readonly Node[];
  /** Pods that hold room: assigned to a node and not ended. */
  readonly assigned: readonly { readonly pod: Pod; readonly nodeName: string }[];
  /** Pods that room is kept for, besides those pending that say so themselves. */
  readonly nominated?: readonly { readonly pod: Pod; readonly nodeName: string }[];
  readonly budgets?: readonly PodDisruptionBudget[];
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
  readonly namespaces?: readonly Namespace[];
  /** What groups a pod that has no spread constraints of its own with others; unset: nothing does. */
  readonly groupOf?: (pod: Pod) => Selector;
};

/** The cluster that the objects make. */
export function clusterOf(input: ClusterObjects): Cluster {
  const { groupOf } = input;
  const namespaces = new Map(input.namespaces?.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  const state = cluster({
    volumes: volumeCatalog(input),
    namespaceLabels: (name) => namespaces.get(name),
    ...(groupOf !== undefined && { groupOf: ({ pod }: PodFacts) => groupOf(pod) }),
  });
  for (const node of input.nodes) state.setNode(nodeFacts(node));
  for (const { pod, nodeName } of input.assigned) state.place(podFacts(pod), nodeName);
  for (const { pod, nodeName } of input.nominated ?? []) state.nominate(podFacts(pod), nodeName);
  return state;
}

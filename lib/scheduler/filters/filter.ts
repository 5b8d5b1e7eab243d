import type { PodFacts } from '../facts/pod-facts.ts';
import type { ClusterView } from '../state/cluster.ts';
import type { NodeLoad } from '../state/node-load.ts';

/** As Kubernetes names its plugins. */
export const filterNames = [
  'SchedulingGates',
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeRestrictions',
  'VolumeBinding',
  'VolumeZone',
  'PodTopologySpread',
  'InterPodAffinity',
] as const;
export type FilterName = (typeof filterNames)[number];

/** Why a node cannot take a pod, in Kubernetes' words. */
export type Refusal = {
  readonly filter: FilterName;
  readonly reasons: readonly string[];
  /** Pods that go from the node would not change it. */
  readonly isFinal: boolean;
};

/** Whether one node can take the pod; null: it can, as far as this filter goes. It reads the cluster as it is at each call. */
export type NodeTest = (load: NodeLoad) => Refusal | null;

/** What a filter makes of a pod, before any node is looked at. */
export type Prepared =
  | { readonly test: NodeTest }
  /** No node whatsoever can take it. */
  | { readonly refuses: Refusal }
  /** Nothing of the pod concerns this filter. */
  | null;

export type Filter = {
  readonly name: FilterName;
  prepare(pod: PodFacts, cluster: ClusterView): Prepared;
};

import type { FilterName } from '../filters/filter.ts';

/** What happens in a cluster that may let a pod in that was refused before. */
export const schedulingEvents = [
  'node-added',
  'node-labels',
  'node-taints',
  'node-room',
  /** Nodes may go, too: domains of topology spread go with them. */
  'node-removed',
  'pod-removed',
  /** A pod on a node is on its way out. */
  'pod-leaving',
  /** A pod came to a node, or its labels changed. */
  'pod-placed',
  'storage',
  'namespace-labels',
] as const;
export type SchedulingEvent = (typeof schedulingEvents)[number];

/** Which filters may decide otherwise after it. Source: upstream EventsToRegister of the plugins. */
export const HELPS: Readonly<Record<SchedulingEvent, ReadonlySet<FilterName>>> = {
  'node-added': new Set<FilterName>([
    'NodeUnschedulable',
    'NodeName',
    'TaintToleration',
    'NodeAffinity',
    'NodePorts',
    'NodeResourcesFit',
    'VolumeBinding',
    'VolumeZone',
    'PodTopologySpread',
    'InterPodAffinity',
  ]),
  'node-labels': new Set<FilterName>([
    'NodeAffinity',
    'VolumeBinding',
    'VolumeZone',
    'PodTopologySpread',
    'InterPodAffinity',
  ]),
  'node-taints': new Set<FilterName>(['NodeUnschedulable', 'TaintToleration', 'PodTopologySpread']),
  'node-room': new Set<FilterName>(['NodeResourcesFit']),
  'node-removed': new Set<FilterName>(['PodTopologySpread']),
  'pod-removed': new Set<FilterName>([
    'NodePorts',
    'NodeResourcesFit',
    'VolumeRestrictions',
    'VolumeBinding',
    'PodTopologySpread',
    'InterPodAffinity',
  ]),
  'pod-leaving': new Set<FilterName>(['PodTopologySpread']),
  'pod-placed': new Set<FilterName>(['PodTopologySpread', 'InterPodAffinity']),
  storage: new Set<FilterName>(['VolumeRestrictions', 'VolumeBinding', 'VolumeZone']),
  'namespace-labels': new Set<FilterName>(['InterPodAffinity']),
};

import type { Labels } from '../../schema/label-selector.ts';
import type { Node, Taint } from '../../schema/types.gen.ts';
import { type Figures, readFigures } from './resource-figures.ts';
import { HOSTNAME, ZONE } from './topology-keys.ts';

/** What scheduling reads of a node, worked out once. */
export type NodeFacts = {
  readonly node: Node;
  readonly name: string;
  readonly labels: Labels;
  /** The labels that are asked for most. */
  readonly hostname: string | undefined;
  readonly zone: string | undefined;
  readonly allocatable: Figures;
  /** Of the allocatable, in thousandths and bytes. */
  readonly cpu: number;
  readonly memory: number;
  /** Infinity where the node sets no bound. */
  readonly podsMax: number;
  readonly isUnschedulable: boolean;
  /** NoSchedule and NoExecute. */
  readonly strictTaints: readonly Taint[];
  /** PreferNoSchedule. */
  readonly softTaints: readonly Taint[];
  /** Bytes by name, tags always there. */
  readonly images: ReadonlyMap<string, number>;
};

export function nodeFacts(node: Node): NodeFacts {
  const { taints = [], unschedulable } = node.spec ?? {};
  const allocatable = readFigures(node.status?.allocatable ?? node.status?.capacity);
  const images = new Map<string, number>();
  // Whoever writes the status may say null.
  for (const { names, sizeBytes = 0 } of node.status?.images ?? [])
    for (const name of names ?? []) images.set(imageKey(name), sizeBytes);
  const { labels = {} } = node.metadata;
  return {
    node,
    name: node.metadata.name,
    labels,
    hostname: labelOf(labels, HOSTNAME),
    zone: labelOf(labels, ZONE),
    allocatable,
    cpu: allocatable.get('cpu') ?? 0,
    memory: allocatable.get('memory') ?? 0,
    podsMax: allocatable.get('pods') ?? Number.POSITIVE_INFINITY,
    isUnschedulable: unschedulable === true,
    strictTaints: taints.filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
    softTaints: taints.filter(({ effect }) => effect === 'PreferNoSchedule'),
    images,
  };
}

/** A name without a tag has the tag `latest`. */
export function imageKey(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}

/** The value a label has on the node; undefined: it has none. */
export function topologyValue(node: NodeFacts, key: string): string | undefined {
  if (key === HOSTNAME) return node.hostname;
  return key === ZONE ? node.zone : labelOf(node.labels, key);
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

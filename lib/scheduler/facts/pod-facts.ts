import type { Labels } from '../../schema/label-selector.ts';
import { podRequests } from '../../schema/pod-resources.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { type PodAffinities, podAffinities } from './affinity-terms.ts';
import { type HostPort, hostPortsOf } from './host-ports.ts';
import { labelText } from './pod-matcher.ts';
import { assumedFigures, type Figures, figuresOf } from './resource-figures.ts';
import { type SpreadConstraints, spreadConstraints } from './spread-constraints.ts';

/** What scheduling reads of a pod, worked out once. */
export type PodFacts = {
  readonly pod: Pod;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** The labels as anchors of matchers. */
  readonly anchors: readonly string[];
  readonly priority: number;
  readonly isTerminating: boolean;
  readonly requests: Figures;
  readonly assumed: { readonly cpu: number; readonly memory: number };
  readonly hostPorts: readonly HostPort[];
  readonly affinities: PodAffinities;
  readonly hasAffinities: boolean;
  readonly spread: SpreadConstraints | null;
  /** Says which nodes selector and affinity allow; '' all. */
  readonly nodeAffinityKey: string;
  /** Names of claims, those of ephemeral volumes too. */
  readonly claims: readonly string[];
};

const known = new WeakMap<Pod, PodFacts>();

/** Objects never change in place, so their facts hold as long as they do. */
export function podFacts(pod: Pod): PodFacts {
  const before = known.get(pod);
  if (before !== undefined) return before;
  const facts = read(pod);
  known.set(pod, facts);
  return facts;
}

function read(pod: Pod): PodFacts {
  const { metadata, spec } = pod;
  const { uid, namespace = '', name, labels = {} } = metadata;
  const affinities = podAffinities(pod);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selector = spec.nodeSelector ?? {};
  const free = Object.keys(selector).length === 0 && (required === undefined || required === null);
  return {
    pod,
    uid: uid ?? `${namespace}/${name}`,
    namespace,
    name,
    labels,
    anchors: Object.entries(labels).map(([key, value]) => labelText(key, value)),
    priority: spec.priority ?? 0,
    isTerminating: metadata.deletionTimestamp !== undefined,
    requests: figuresOf(podRequests(pod)),
    assumed: assumedFigures(pod),
    hostPorts: hostPortsOf(pod),
    affinities,
    hasAffinities: Object.values(affinities).some((terms) => terms.length > 0),
    spread: spreadConstraints(pod),
    nodeAffinityKey: free ? '' : JSON.stringify([selector, required ?? null]),
    claims: claimNames(pod),
  };
}

export function claimNames({ metadata, spec }: Pod): readonly string[] {
  const names = (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${metadata.name}-${name}`] : [];
  });
  return [...new Set(names)];
}

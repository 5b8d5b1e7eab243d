import {
  type Labels,
  type Requirement,
  type Selector,
  selectorFromObject,
} from '../../schema/label-selector.ts';
import type { LabelSelector, Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../schema/types.gen.ts';
import { type PodMatcher, podMatcher } from './pod-matcher.ts';

export type AffinityTerm = {
  readonly topologyKey: string;
  readonly matcher: PodMatcher;
  /** 0 for what is required. */
  readonly weight: number;
};

export const affinityKinds = ['required', 'requiredAnti', 'preferred', 'preferredAnti'] as const;
export type AffinityKind = (typeof affinityKinds)[number];
export type PodAffinities = Readonly<Record<AffinityKind, readonly AffinityTerm[]>>;

const NONE: PodAffinities = { required: [], requiredAnti: [], preferred: [], preferredAnti: [] };

/** What a pod wants of other pods, ready to be matched. */
export function podAffinities({ metadata, spec }: Pod): PodAffinities {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return NONE;
  const own = { namespace: metadata.namespace ?? '', labels: metadata.labels ?? {} };
  const required = (terms: readonly PodAffinityTerm[] = []): readonly AffinityTerm[] =>
    terms.map((term) => affinityTerm(term, own, 0));
  const preferred = (terms: readonly WeightedPodAffinityTerm[] = []): readonly AffinityTerm[] =>
    terms.map(({ podAffinityTerm, weight }) => affinityTerm(podAffinityTerm, own, weight));
  return {
    required: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAnti: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAnti: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}

/** A term that names neither namespaces nor a selector of them speaks of the pod's own. */
function affinityTerm(
  term: PodAffinityTerm,
  own: { readonly namespace: string; readonly labels: Labels },
  weight: number,
): AffinityTerm {
  const { namespaces = [], namespaceSelector, topologyKey } = term;
  const selector = withLabelKeys(readSelector(term.labelSelector), own.labels, term);
  const ownOnly = namespaces.length === 0 && !namespaceSelector;
  const matcher = podMatcher({
    namespaces: ownOnly ? [own.namespace] : namespaces,
    namespaceSelector: readSelector(namespaceSelector),
    selector,
  });
  return { topologyKey, matcher, weight };
}

/** Null, which matches nothing, where there is none or none that can be read. */
export function readSelector(from: LabelSelector | null | undefined): Selector {
  const result = selectorFromObject(from);
  return result.error === undefined ? result.selector : null;
}

/** The selector narrowed to pods with the same value (or, mismatched, with another) of labels that the pod itself has. */
export function withLabelKeys(
  selector: Selector,
  own: Labels,
  keys: {
    readonly matchLabelKeys?: readonly string[] | undefined;
    readonly mismatchLabelKeys?: readonly string[] | undefined;
  },
): Selector {
  if (selector === null) return null;
  const narrowed = (names: readonly string[], operator: 'in' | 'notin'): readonly Requirement[] =>
    names.flatMap((key) => (Object.hasOwn(own, key) ? [{ key, operator, values: [own[key] ?? ''] }] : []));
  return [
    ...selector,
    ...narrowed(keys.matchLabelKeys ?? [], 'in'),
    ...narrowed(keys.mismatchLabelKeys ?? [], 'notin'),
  ];
}

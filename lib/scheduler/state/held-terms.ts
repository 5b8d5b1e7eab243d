import { limits } from '../../base/limits.ts';
import { type AffinityKind, type AffinityTerm, affinityKinds } from '../facts/affinity-terms.ts';
import { type NodeFacts, topologyValue } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { NamespaceLabels, PodMatcher } from '../facts/pod-matcher.ts';
import { type AnchorIndex, anchorIndex } from './anchor-index.ts';
import { type DomainCounts, domainCounts } from './domain-counts.ts';

/** A term of affinity that pods on nodes have, and how many pods have it in each domain of its topology key. */
export type HeldTerm = {
  readonly kind: AffinityKind;
  readonly term: AffinityTerm;
  readonly matcher: PodMatcher;
  readonly holders: DomainCounts;
};

export type HeldTerms = {
  /** The terms that match the pod, whoever has them. The counts stay true as pods come and go. */
  matching(pod: PodFacts, namespaceLabels: NamespaceLabels): readonly HeldTerm[];
  placed(pod: PodFacts, node: NodeFacts, by: 1 | -1): void;
  /** Forgets terms that no pod has any more, when there are many. Not while somebody goes by what `matching` gave: a pod put back has another. */
  tidy(): void;
  /** How many terms are known, those that no pod has any more among them. */
  count(): number;
  clear(): void;
};

/** @param tidyFrom  so many terms at least are worth a look at all of them */
export function heldTerms(tidyFrom: number = limits.schedulerCountersMax): HeldTerms {
  const terms = new Map<string, HeldTerm>();
  const index: AnchorIndex<HeldTerm> = anchorIndex();
  let tidyAt = tidyFrom;
  const heldAs = (kind: AffinityKind, term: AffinityTerm): HeldTerm => {
    const { matcher, topologyKey, weight } = term;
    const key = [kind, weight, topologyKey, matcher.key].join('\n');
    const before = terms.get(key);
    if (before !== undefined) return before;
    const held = { kind, term, matcher, holders: domainCounts() };
    terms.set(key, held);
    index.add(held);
    return held;
  };
  return {
    matching(pod, namespaceLabels) {
      const found: HeldTerm[] = [];
      for (const held of index.candidates(pod.anchors))
        if (held.holders.total > 0 && held.matcher.matches(pod, namespaceLabels)) found.push(held);
      return found;
    },
    placed(pod, node, by) {
      if (!pod.hasAffinities) return;
      for (const kind of affinityKinds) {
        for (const term of pod.affinities[kind]) {
          const value = topologyValue(node, term.topologyKey);
          if (value !== undefined) heldAs(kind, term).holders.add(value, by);
        }
      }
    },
    tidy() {
      if (terms.size < tidyAt) return;
      for (const [key, held] of terms) {
        if (held.holders.total > 0) continue;
        terms.delete(key);
        index.delete(held);
      }
      // Where most of them are held, looking soon again would find nothing.
      tidyAt = Math.max(tidyFrom, 2 * terms.size);
    },
    count: () => terms.size,
    clear() {
      terms.clear();
      index.clear();
    },
  };
}

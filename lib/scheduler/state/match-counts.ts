import { limits } from '../../base/limits.ts';
import { type NodeFacts, topologyValue } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { NamespaceLabels, PodMatcher } from '../facts/pod-matcher.ts';
import { type AnchorIndex, anchorIndex } from './anchor-index.ts';
import { type DomainCounts, domainCounts } from './domain-counts.ts';

/** What is to be counted: pods of a set, by the domains of some topology keys. */
export type CountRequest = {
  readonly matcher: PodMatcher;
  readonly topologyKeys: readonly string[];
  /** Says what `isEligible` goes by: two requests with one key and matcher are one. */
  readonly eligibility: string;
  /** Whether the domains and pods of a node count. */
  readonly isEligible: (node: NodeFacts) => boolean;
  /** Pods on their way out do not count, and domains without any pod do. */
  readonly forSpread: boolean;
};

/** The counts by topology key; they stay true as pods come and go. */
export type MatchCounts = ReadonlyMap<string, DomainCounts>;

type Counter = CountRequest & { readonly counts: MatchCounts };

export type Placed = { readonly facts: PodFacts; readonly nodeName: string };

/** What counters are made from. */
export type CountedWorld = {
  readonly namespaceLabels: NamespaceLabels;
  nodes(): Iterable<NodeFacts>;
  node(name: string): NodeFacts | undefined;
  /** At least all placed pods that have the label; null: all. */
  placedWith(anchor: string | null): Iterable<Placed>;
};

export type MatchCounters = {
  of(request: CountRequest): MatchCounts;
  placed(pod: Placed, by: 1 | -1): void;
  /** Nodes or namespaces have changed: all is counted anew when it is asked for. */
  forget(): void;
};

export function matchCounters(world: CountedWorld): MatchCounters {
  /** In order of making: beyond the bound the oldest goes. */
  const counters = new Map<string, Counter>();
  const index: AnchorIndex<Counter> = anchorIndex();
  return {
    of(request) {
      const { matcher, topologyKeys, eligibility, forSpread } = request;
      const key = [matcher.key, topologyKeys.join('\n'), eligibility, forSpread].join('\n\n');
      const before = counters.get(key);
      if (before !== undefined) return before.counts;
      const counter = makeCounter(request, world);
      counters.set(key, counter);
      index.add(counter);
      for (const [name, oldest] of counters) {
        if (counters.size <= limits.schedulerCountersMax) break;
        counters.delete(name);
        index.delete(oldest);
      }
      return counter.counts;
    },
    placed(pod, by) {
      const node = world.node(pod.nodeName);
      if (node === undefined) return;
      for (const counter of index.candidates(pod.facts.anchors))
        count(counter, pod.facts, { node, by, world });
    },
    forget() {
      counters.clear();
      index.clear();
    },
  };
}

function makeCounter(request: CountRequest, world: CountedWorld): Counter {
  const counter = {
    ...request,
    counts: new Map(request.topologyKeys.map((key) => [key, domainCounts()] as const)),
  };
  if (request.forSpread) {
    for (const node of world.nodes()) {
      if (!request.isEligible(node)) continue;
      for (const [key, counts] of counter.counts) {
        const value = topologyValue(node, key);
        if (value !== undefined) counts.addDomain(value);
      }
    }
  }
  for (const { facts, nodeName } of world.placedWith(request.matcher.anchor)) {
    const node = world.node(nodeName);
    if (node !== undefined) count(counter, facts, { node, by: 1, world });
  }
  return counter;
}

function count(
  counter: Counter,
  facts: PodFacts,
  at: { readonly node: NodeFacts; readonly by: 1 | -1; readonly world: CountedWorld },
): void {
  if (counter.forSpread && facts.isTerminating) return;
  if (!counter.matcher.matches(facts, at.world.namespaceLabels) || !counter.isEligible(at.node)) return;
  for (const [key, counts] of counter.counts) {
    const value = topologyValue(at.node, key);
    if (value !== undefined) counts.add(value, at.by);
  }
}

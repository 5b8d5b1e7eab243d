import type { Selector } from '../../schema/label-selector.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { readSelector, withLabelKeys } from './affinity-terms.ts';
import { type PodMatcher, podMatcher } from './pod-matcher.ts';
import { HOSTNAME, ZONE } from './topology-keys.ts';

export type SpreadConstraint = {
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** 1 where it is not said. */
  readonly minDomains: number;
  readonly matcher: PodMatcher;
  /** Whether only nodes that the pod's selector and affinity allow are counted. */
  readonly honoursAffinity: boolean;
  /** Whether nodes with taints that the pod does not tolerate are left out. */
  readonly honoursTaints: boolean;
};

export type SpreadConstraints = {
  /** DoNotSchedule. */
  readonly hard: readonly SpreadConstraint[];
  /** ScheduleAnyway. */
  readonly soft: readonly SpreadConstraint[];
};

/** The pod's own constraints; null where it has none, and the cluster's defaults hold. */
export function spreadConstraints({ metadata, spec }: Pod): SpreadConstraints | null {
  const { topologySpreadConstraints: all = [] } = spec;
  if (all.length === 0) return null;
  const constraints = all.map((each) => ({
    isHard: each.whenUnsatisfiable === 'DoNotSchedule',
    constraint: {
      topologyKey: each.topologyKey,
      maxSkew: each.maxSkew,
      minDomains: each.minDomains ?? 1,
      matcher: inNamespace(
        metadata.namespace ?? '',
        withLabelKeys(readSelector(each.labelSelector), metadata.labels ?? {}, {
          matchLabelKeys: each.matchLabelKeys,
        }),
      ),
      honoursAffinity: each.nodeAffinityPolicy !== 'Ignore',
      honoursTaints: each.nodeTaintsPolicy === 'Honor',
    },
  }));
  return {
    hard: constraints.filter(({ isHard }) => isHard).map(({ constraint }) => constraint),
    soft: constraints.filter(({ isHard }) => !isHard).map(({ constraint }) => constraint),
  };
}

/** What holds for pods of a Service or a controller that say nothing themselves. Source: upstream's system defaults. */
export function defaultSpreadConstraints(namespace: string, selector: Selector): SpreadConstraints['soft'] {
  const matcher = inNamespace(namespace, selector);
  const common = { minDomains: 1, matcher, honoursAffinity: true, honoursTaints: false };
  return [
    { ...common, topologyKey: HOSTNAME, maxSkew: 3 },
    { ...common, topologyKey: ZONE, maxSkew: 5 },
  ];
}

function inNamespace(namespace: string, selector: Selector): PodMatcher {
  return podMatcher({ namespaces: [namespace], namespaceSelector: null, selector });
}

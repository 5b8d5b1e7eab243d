import type { Labels, Requirement, Selector } from '../../schema/label-selector.ts';
import { formatSelector, matchesSelector, selectorMatcher } from '../../schema/label-selector.ts';

/** The labels of a namespace; undefined where it is not known. */
export type NamespaceLabels = (namespace: string) => Labels | undefined;

/** What a matcher looks at. */
export type Matchable = { readonly namespace: string; readonly labels: Labels };

/** A set of pods, by namespace and labels. */
export type PodMatcher = {
  /** Two matchers with one key match the same pods. */
  readonly key: string;
  /** A label, `name=value`, that every pod of the set has; null: there is none such. Indices go by it. */
  readonly anchor: string | null;
  matches(pod: Matchable, namespaceLabels: NamespaceLabels): boolean;
};

/** Pods that the selector matches, in the namespaces listed and those whose labels `namespaceSelector` matches. */
export function podMatcher(of: {
  readonly namespaces: readonly string[];
  readonly namespaceSelector: Selector;
  readonly selector: Selector;
}): PodMatcher {
  const { namespaces, namespaceSelector, selector } = of;
  const listed = new Set(namespaces);
  const test = selectorMatcher(selector);
  const key = JSON.stringify([
    [...listed].sort(),
    formatSelector(namespaceSelector),
    formatSelector(selector),
  ]);
  return {
    key,
    anchor: anchorOf(selector),
    matches: ({ namespace, labels }, namespaceLabels) =>
      test(labels) &&
      (listed.has(namespace) || matchesSelector(namespaceSelector, namespaceLabels(namespace) ?? {})),
  };
}

/** Pods that all the matchers match. */
export function allOf(matchers: readonly PodMatcher[]): PodMatcher {
  const [first] = matchers;
  if (first !== undefined && matchers.length === 1) return first;
  return {
    key: JSON.stringify(matchers.map(({ key }) => key)),
    anchor: matchers.find(({ anchor }) => anchor !== null)?.anchor ?? null,
    matches: (pod, namespaceLabels) => matchers.every((each) => each.matches(pod, namespaceLabels)),
  };
}

function anchorOf(selector: Selector): string | null {
  const exact = selector?.find(isExact);
  return exact === undefined ? null : labelText(exact.key, exact.values[0] ?? '');
}

function isExact({ operator, values }: Requirement): boolean {
  return values.length === 1 && (operator === '=' || operator === '==' || operator === 'in');
}

/** As anchors are written. */
export function labelText(key: string, value: string): string {
  return `${key}=${value}`;
}

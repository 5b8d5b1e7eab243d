import { matchesRequirement, type Requirement, type SelectorOperator } from './label-selector.ts';
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from './types.gen.ts';

const OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
  ['Gt', 'gt'],
  ['Lt', 'lt'],
]);

/** The node's labels hold all of the pod's nodeSelector, and its required affinity, where it has one, matches. */
export function matchesRequiredAffinity(pod: Pick<Pod, 'spec'>, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(pod.spec.nodeSelector ?? {});
  if (!wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required === null || matchesNodeSelector(required, node);
}

/** Any one term is enough; no terms match nothing. */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms?.some((term) => matchesTerm(term, node)) ?? false;
}

/** The sum of the weights of the preferred terms that match; a term without conditions counts for nothing. */
export function preferredAffinityScore(pod: Pick<Pod, 'spec'>, node: Node): number {
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred.reduce(
    (sum, { preference, weight }) => sum + (matchesTerm(preference, node) ? weight : 0),
    0,
  );
}

/** All conditions of a term must hold; one without conditions matches nothing. */
function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  const fields = { 'metadata.name': node.metadata.name };
  return (
    matchExpressions.every((one) => holds(one, labels)) &&
    matchFields.every((one) => Object.hasOwn(fields, one.key) && holds(one, fields))
  );
}

function holds(
  { key, operator: name, values = [] }: NodeSelectorRequirement,
  of: Readonly<Record<string, string>>,
): boolean {
  const operator = OPERATORS.get(name);
  if (operator === undefined) return false;
  const requirement: Requirement = { key, operator, values };
  return matchesRequirement(requirement, of);
}

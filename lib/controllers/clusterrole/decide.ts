import { type AccessRole, aggregatedRules } from '../../api/access/access-objects.ts';
import type { PolicyRule } from '../../api/access/policy-rule.ts';

/**
 * The rules that a ClusterRole which gathers others is to show; null: it gathers none, or shows them. Each rule once, in the order of the
 * roles' names. Source: upstream clusterroleaggregation.
 */
export function decideClusterRole(
  role: AccessRole,
  all: readonly AccessRole[],
): readonly PolicyRule[] | null {
  if (role.aggregationRule === undefined || role.metadata.deletionTimestamp !== undefined) return null;
  const gathered = new Map(aggregatedRules(role, all.toSorted(byName)).map((rule) => [textOf(rule), rule]));
  const shown = (role.rules ?? []).map(textOf);
  const same = shown.length === gathered.size && shown.every((text) => gathered.has(text));
  return same ? null : [...gathered.values()];
}

function byName(a: AccessRole, b: AccessRole): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** The order of a rule's fields does not matter. */
function textOf(rule: PolicyRule): string {
  return JSON.stringify(Object.entries(rule).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

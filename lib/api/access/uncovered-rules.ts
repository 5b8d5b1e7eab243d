import { limits } from '../../base/limits.ts';
import { type Attributes, type PolicyRule, ruleAllows, urlCovers } from './policy-rule.ts';

/**
 * What of `wanted` is not held by who holds `owned`, each as a rule of one verb on one thing; null when there is too much to look at.
 * Source: rbac validation Covers: every rule is broken down, and each part must be covered by one rule.
 */
export function uncoveredRules(
  owned: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] | null {
  const parts: PolicyRule[] = [];
  for (const rule of wanted) {
    for (const part of partsOf(rule)) {
      if (parts.length === limits.grantedRulesMax) return null;
      parts.push(part);
    }
  }
  return parts.filter((part) => !owned.some((rule) => covers(rule, part)));
}

function* partsOf(rule: PolicyRule): Iterable<PolicyRule> {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  for (const verb of verbs) {
    for (const url of nonResourceURLs) yield { verbs: [verb], nonResourceURLs: [url] };
    for (const group of apiGroups) {
      for (const resource of resources) {
        const part = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) yield part;
        for (const name of resourceNames) yield { ...part, resourceNames: [name] };
      }
    }
  }
}

/** `part` has one value in each list. A star is covered by a star only. */
function covers(rule: PolicyRule, part: PolicyRule): boolean {
  const [verb = ''] = part.verbs;
  const [url] = part.nonResourceURLs ?? [];
  if (url !== undefined) {
    return (
      (rule.verbs.includes('*') || rule.verbs.includes(verb)) &&
      (rule.nonResourceURLs ?? []).some((own) => urlCovers(own, url))
    );
  }
  const [resource = '', ...rest] = (part.resources?.[0] ?? '').split('/');
  const [name] = part.resourceNames ?? [];
  // All names; asking for the empty one is not asking for all.
  if (name === undefined && (rule.resourceNames ?? []).length > 0) return false;
  const wanted: Attributes = {
    ...{ type: 'resource', verb, group: part.apiGroups?.[0] ?? '', namespace: '', name: name ?? '' },
    ...{ resource, subresource: rest.join('/') },
  };
  return ruleAllows(rule, wanted);
}

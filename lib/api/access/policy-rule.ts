/** What somebody wants to do. Source: authorization.k8s.io ResourceAttributes and NonResourceAttributes. */
export type Attributes =
  | {
      readonly type: 'resource';
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly type: 'path'; readonly verb: string; readonly path: string };

/** rbac.authorization.k8s.io/v1 PolicyRule. */
export type PolicyRule = {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
};

/** Whether the rule allows it. Source: rbac RuleAllows. */
export function ruleAllows(rule: PolicyRule, wanted: Attributes): boolean {
  if (!includes(rule.verbs, wanted.verb)) return false;
  if (wanted.type === 'path') return (rule.nonResourceURLs ?? []).some((url) => urlCovers(url, wanted.path));
  return (
    includes(rule.apiGroups ?? [], wanted.group) &&
    resourceMatches(rule.resources ?? [], wanted) &&
    ((rule.resourceNames ?? []).length === 0 || (rule.resourceNames ?? []).includes(wanted.name))
  );
}

function includes(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value);
}

/** `pods`, `pods/log`, every `scale` as any of the forms `*`, `pods/log`, `x/scale` with a star for x. */
function resourceMatches(
  resources: readonly string[],
  { resource, subresource }: { readonly resource: string; readonly subresource: string },
): boolean {
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (each) => each === '*' || each === whole || (subresource !== '' && each === `*/${subresource}`),
  );
}

/** Whether a nonResourceURL of a rule covers another, or a path: equal, or a prefix that ends in a star. */
export function urlCovers(owned: string, wanted: string): boolean {
  if (owned === '*' || owned === wanted) return true;
  let end = owned.length;
  while (owned[end - 1] === '*') end -= 1;
  return end < owned.length && wanted.startsWith(owned.slice(0, end));
}

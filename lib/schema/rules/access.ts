import { type At, type Rule, typeNamed } from '../rule.ts';

type RoleRef = { readonly apiGroup?: string; readonly kind?: string; readonly name?: string };
type Subject = RoleRef & { readonly namespace?: string };
type Binding = { readonly roleRef?: RoleRef; readonly subjects?: readonly Subject[] };
type PolicyRule = {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
};

const GROUP = 'rbac.authorization.k8s.io';

/** Source: rbac validation.go. */
const binding = {
  check({ roleRef, subjects = [] }: Binding, at: At) {
    const kinds = at.kind.namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
    if (roleRef?.kind !== undefined && !kinds.includes(roleRef.kind))
      at.error('invalid-reference', ['roleRef', 'kind'], `must be ${kinds.join(' or ')}`, kinds.at(-1));
    if ((roleRef?.apiGroup ?? GROUP) !== GROUP)
      at.error('invalid-reference', ['roleRef', 'apiGroup'], `must be ${GROUP}`, GROUP);
    for (const [index, subject] of subjects.entries()) {
      const path = ['subjects', index];
      const account = subject.kind === 'ServiceAccount';
      if (subject.kind !== undefined && !account && subject.kind !== 'User' && subject.kind !== 'Group')
        at.error('invalid-reference', [...path, 'kind'], 'must be ServiceAccount, User or Group');
      if (account && (subject.namespace ?? '') === '' && !at.kind.namespaced)
        at.error('missing-field', [...path, 'namespace'], 'is required for a ServiceAccount');
      const group = account ? '' : GROUP;
      if ((subject.apiGroup ?? group) !== group)
        at.error('invalid-reference', [...path, 'apiGroup'], `must be ${JSON.stringify(group)}`);
    }
  },
};

const policyRule: Rule = {
  on: typeNamed('rbac/v1.PolicyRule'),
  check({ apiGroups = [], resources = [], nonResourceURLs = [] }: PolicyRule, at) {
    if (nonResourceURLs.length > 0) {
      if (at.kind.namespaced) at.error('conflicting-fields', ['nonResourceURLs'], 'is only for ClusterRoles');
      if (apiGroups.length > 0 || resources.length > 0)
        at.error(
          'conflicting-fields',
          ['nonResourceURLs'],
          'cannot stand in one rule with apiGroups and resources',
        );
      return;
    }
    if (apiGroups.length === 0)
      at.error('missing-field', ['apiGroups'], 'is required; the core group is written ""', '[""]');
    if (resources.length === 0) at.error('missing-field', ['resources'], 'is required');
  },
};

export const access: readonly Rule[] = [
  { on: typeNamed('rbac/v1.RoleBinding'), ...binding },
  { on: typeNamed('rbac/v1.ClusterRoleBinding'), ...binding },
  policyRule,
];

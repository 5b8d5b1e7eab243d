import { goTexts } from '../go-value.ts';
import { type At, type Rule, typeNamed } from '../rule.ts';
import { invalidText, notSupported, requiredValue } from '../wording.ts';

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
      at.error('invalid-reference', ['roleRef', 'kind'], `must be ${kinds.join(' or ')}`, {
        suggestion: kinds.at(-1),
        wording: notSupported(roleRef.kind, kinds),
      });
    if ((roleRef?.apiGroup ?? GROUP) !== GROUP)
      at.error('invalid-reference', ['roleRef', 'apiGroup'], `must be ${GROUP}`, {
        suggestion: GROUP,
        wording: notSupported(roleRef?.apiGroup, [GROUP]),
      });
    for (const [index, subject] of subjects.entries()) {
      const path = ['subjects', index];
      const account = subject.kind === 'ServiceAccount';
      if (subject.kind !== undefined && !account && subject.kind !== 'User' && subject.kind !== 'Group')
        at.error('invalid-reference', [...path, 'kind'], 'must be ServiceAccount, User or Group', {
          wording: notSupported(subject.kind, ['ServiceAccount', 'User', 'Group']),
        });
      if (account && (subject.namespace ?? '') === '' && !at.kind.namespaced)
        at.error('missing-field', [...path, 'namespace'], 'is required for a ServiceAccount');
      const group = account ? '' : GROUP;
      if ((subject.apiGroup ?? group) !== group)
        at.error('invalid-reference', [...path, 'apiGroup'], `must be ${JSON.stringify(group)}`, {
          wording: notSupported(subject.apiGroup, [group]),
        });
    }
  },
};

const policyRule: Rule = {
  on: typeNamed('rbac/v1.PolicyRule'),
  check({ apiGroups = [], resources = [], nonResourceURLs = [] }: PolicyRule, at) {
    if (nonResourceURLs.length > 0) {
      if (at.kind.namespaced)
        at.error('conflicting-fields', ['nonResourceURLs'], 'is only for ClusterRoles', {
          wording: invalidText(
            goTexts(nonResourceURLs),
            'namespaced rules cannot apply to non-resource URLs',
          ),
        });
      if (apiGroups.length > 0 || resources.length > 0)
        at.error(
          'conflicting-fields',
          ['nonResourceURLs'],
          'cannot stand in one rule with apiGroups and resources',
          {
            wording: invalidText(
              goTexts(nonResourceURLs),
              'rules cannot apply to both regular resources and non-resource URLs',
            ),
          },
        );
      return;
    }
    if (apiGroups.length === 0)
      at.error('missing-field', ['apiGroups'], 'is required; the core group is written ""', {
        suggestion: '[""]',
        wording: requiredValue('resource rules must supply at least one api group'),
      });
    if (resources.length === 0)
      at.error('missing-field', ['resources'], 'is required', {
        wording: requiredValue('resource rules must supply at least one resource'),
      });
  },
};

export const access: readonly Rule[] = [
  { on: typeNamed('rbac/v1.RoleBinding'), ...binding },
  { on: typeNamed('rbac/v1.ClusterRoleBinding'), ...binding },
  policyRule,
];

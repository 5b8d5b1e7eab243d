import { matchesLabelSelector } from '../../schema/label-selector.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { LabelSelector } from '../../schema/types.gen.ts';
import type { PolicyRule } from './policy-rule.ts';

/** rbac.authorization.k8s.io/v1, as far as deciding reads it. */
export type Subject = {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
};
/** Somebody who wants something, by name and groups. */
export type Asker = { readonly user: string; readonly groups: readonly string[] };

export type AccessRole = KubeObject & {
  readonly rules?: readonly PolicyRule[];
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] };
};
export type AccessBinding = KubeObject & {
  readonly subjects?: readonly Subject[];
  readonly roleRef: { readonly kind: string; readonly name: string };
};

/** Everything that says who may do what in one namespace ('': what is not in any). */
export type AccessObjects = {
  readonly clusterRoles: readonly AccessRole[];
  readonly clusterRoleBindings: readonly AccessBinding[];
  readonly roles: readonly AccessRole[];
  readonly roleBindings: readonly AccessBinding[];
};

/** Whether a binding speaks of this identity. Source: rbac appliesToUser. */
export function isSubject(subject: Subject, identity: Asker, bindingNamespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === identity.user;
    case 'Group':
      return identity.groups.includes(subject.name);
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace;
      return namespace !== '' && identity.user === `system:serviceaccount:${namespace}:${subject.name}`;
    }
    default:
      return false;
  }
}

/** The rules that hold for somebody, the cluster's first. A binding whose role is not there gives nothing. */
export function rulesFor(identity: Asker, access: AccessObjects): readonly PolicyRule[] {
  const byName = new Map(access.clusterRoles.map((role) => [role.metadata.name, role]));
  const roles = new Map(access.roles.map((role) => [role.metadata.name, role]));
  const speaksOf = (binding: AccessBinding): boolean =>
    (binding.subjects ?? []).some((subject) =>
      isSubject(subject, identity, binding.metadata.namespace ?? ''),
    );
  const rulesOf = ({ roleRef }: AccessBinding): readonly PolicyRule[] => {
    if (roleRef.kind === 'Role') return roles.get(roleRef.name)?.rules ?? [];
    const role = byName.get(roleRef.name);
    return role === undefined ? [] : aggregatedRules(role, access.clusterRoles);
  };
  return [
    ...access.clusterRoleBindings.filter(({ roleRef }) => roleRef.kind === 'ClusterRole'),
    ...access.roleBindings,
  ]
    .filter(speaksOf)
    .flatMap(rulesOf);
}

/**
 * What a role gives: its own rules or, where it gathers others by label, theirs, which gather in their turn. What such a role says itself is
 * what was gathered before, and gives nothing. Source: rbac clusterroleaggregation.
 */
export function aggregatedRules(role: AccessRole, all: readonly AccessRole[]): readonly PolicyRule[] {
  const taken = new Set<AccessRole>();
  const rules: PolicyRule[] = [];
  /** Roles that gather, the last by order of the one before, and how far each has come: a chain may be longer than a stack of calls. */
  const gathering: { readonly selectors: readonly LabelSelector[]; next: number }[] = [];
  const take = (one: AccessRole): void => {
    taken.add(one);
    if (one.aggregationRule === undefined) rules.push(...(one.rules ?? []));
    else gathering.push({ selectors: one.aggregationRule.clusterRoleSelectors ?? [], next: 0 });
  };
  take(role);
  for (let last = gathering.at(-1); last !== undefined; last = gathering.at(-1)) {
    const each = all[last.next];
    last.next += 1;
    if (each === undefined) gathering.pop();
    else if (!taken.has(each) && matchesAny(last.selectors, each)) take(each);
  }
  return rules;
}

function matchesAny(selectors: readonly LabelSelector[], { metadata }: AccessRole): boolean {
  return selectors.some((selector) => matchesLabelSelector(selector, metadata.labels));
}

import { type AccessBinding, type AccessRole, rulesFor } from '../../api/access/access-objects.ts';
import { type Attributes, type PolicyRule, ruleAllows } from '../../api/access/policy-rule.ts';
import type { Caller, Client } from '../../api/client.ts';
import type { KubeObject } from '../../schema/object.ts';
import { type Identity, MASTERS } from '../authentication/identity.ts';

export type Authorizer = {
  /** Deny unless some rule allows it. */
  allows(identity: Identity, wanted: Attributes): Promise<boolean>;
  /** Every rule that holds for somebody in a namespace ('': outside of any). */
  rules(identity: Identity, namespace: string): Promise<readonly PolicyRule[]>;
};

const GROUP = 'rbac.authorization.k8s.io';
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];
const caller: Caller = { user: 'system:apiserver', groups: [MASTERS], fieldManager: 'apiserver' };

/**
 * RBAC over the objects as they are at the moment of asking: a binding counts from the answer to the request that made it.
 * system:masters may do everything, whatever the objects say.
 */
export function authorizer(client: Client): Authorizer {
  const list = async <T extends KubeObject>(kind: string, namespace?: string): Promise<readonly T[]> => {
    const within = namespace === undefined ? {} : { namespace };
    return (await client.list<T>({ group: GROUP, kind }, within, caller)).items;
  };
  const rules = async (identity: Identity, namespace: string): Promise<readonly PolicyRule[]> => {
    if (identity.groups.includes(MASTERS)) return EVERYTHING;
    const inNamespace = namespace !== '';
    const [clusterRoles, clusterRoleBindings, roles, roleBindings] = await Promise.all([
      list<AccessRole>('ClusterRole'),
      list<AccessBinding>('ClusterRoleBinding'),
      inNamespace ? list<AccessRole>('Role', namespace) : [],
      inNamespace ? list<AccessBinding>('RoleBinding', namespace) : [],
    ]);
    return rulesFor(identity, { clusterRoles, clusterRoleBindings, roles, roleBindings });
  };
  return {
    rules,
    async allows(identity, wanted) {
      const namespace = wanted.type === 'resource' ? wanted.namespace : '';
      return (await rules(identity, namespace)).some((rule) => ruleAllows(rule, wanted));
    },
  };
}

import type { ObjectRef } from '../schema/object.ts';

const NAMESPACES: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);
const CLUSTER_ROLES: ReadonlySet<string> = new Set(['cluster-admin', 'admin', 'edit', 'view']);

/** Objects that are there without anyone writing them. Source: what a new Kubernetes cluster has. */
export function isWellKnown({ group, kind, namespace, name }: ObjectRef): boolean {
  switch (`${group}/${kind}`) {
    case '/Namespace':
      return NAMESPACES.has(name);
    case '/ServiceAccount':
      return name === 'default';
    case '/ConfigMap':
      return name === 'kube-root-ca.crt';
    case '/Service':
      return namespace === 'default' && name === 'kubernetes';
    case 'rbac.authorization.k8s.io/ClusterRole':
      return CLUSTER_ROLES.has(name) || name.startsWith('system:');
    case 'rbac.authorization.k8s.io/Role':
      return name.startsWith('system:');
    default:
      return false;
  }
}

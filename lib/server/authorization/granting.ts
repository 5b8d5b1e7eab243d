import type { Attributes } from './policy-rule.ts';

const GRANTING: ReadonlyMap<string, string> = new Map([
  ['roles', 'escalate'],
  ['clusterroles', 'escalate'],
  ['rolebindings', 'bind'],
  ['clusterrolebindings', 'bind'],
]);
const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch']);

/**
 * What somebody needs beside the verb itself to write roles and bindings: else who may write them may give himself everything.
 * Kubernetes also lets those through who hold all that they grant; here only the verbs `escalate` and `bind` do.
 */
export function neededToGrant(wanted: Attributes): Attributes | null {
  if (wanted.type === 'path' || wanted.group !== 'rbac.authorization.k8s.io' || !WRITES.has(wanted.verb)) {
    return null;
  }
  const verb = GRANTING.get(wanted.resource);
  return verb === undefined ? null : { ...wanted, verb };
}

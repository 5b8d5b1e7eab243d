import { isApiError } from './api-error.ts';
import type { Caller, Client } from './client.ts';

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;
const caller: Caller = { user: 'system:apiserver', groups: ['system:masters'], fieldManager: 'bootstrap' };

/** The namespaces every cluster has. Does nothing where they are there already. */
export async function bootstrapNamespaces(client: Client): Promise<void> {
  for (const name of NAMESPACES) {
    const ref = { group: '', kind: 'Namespace', namespace: '', name };
    if ((await client.get(ref, caller)) !== null) continue;
    try {
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, caller);
    } catch (failure) {
      if (!isApiError(failure, 'AlreadyExists')) throw failure;
    }
  }
}

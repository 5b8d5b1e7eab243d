import type { Caller, Client } from '../../api/client.ts';
import { AUTHENTICATED, type Identity, MASTERS } from './identity.ts';
import type { TokenClaims } from './service-account-token.ts';

const caller: Caller = { user: 'system:apiserver', groups: [MASTERS], fieldManager: 'apiserver' };

/** Who holds a token; null when the service account, or what the token is bound to, is no longer there. */
export async function tokenIdentity(client: Client, claims: TokenClaims): Promise<Identity | null> {
  const { namespace, serviceAccount, bound, id } = claims;
  const isThere = async (
    kind: string,
    one: { readonly name: string; readonly uid: string },
  ): Promise<boolean> => {
    const inNamespace = kind === 'Node' ? '' : namespace;
    const object = await client.get({ group: '', kind, namespace: inNamespace, name: one.name }, caller);
    return object !== null && object.metadata.uid === one.uid;
  };
  if (!(await isThere('ServiceAccount', serviceAccount))) return null;
  if (bound !== undefined && !(await isThere(bound.kind, bound))) return null;
  return {
    user: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    uid: serviceAccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
      ...(bound?.kind === 'Pod' && {
        'authentication.kubernetes.io/pod-name': [bound.name],
        'authentication.kubernetes.io/pod-uid': [bound.uid],
      }),
    },
  };
}

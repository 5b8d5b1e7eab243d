import type { IncomingHttpHeaders } from 'node:http';
import type { Attributes } from '../../api/access/policy-rule.ts';
import { ApiError } from '../../api/api-error.ts';
import { limits } from '../../base/limits.ts';
import { AUTHENTICATED, anonymous, type Identity, UNAUTHENTICATED } from './identity.ts';

const EXTRA = 'impersonate-extra-';

/** What somebody must be allowed to do to speak as another, and who that is. */
export type Impersonation = { readonly identity: Identity; readonly needs: readonly Attributes[] };

/**
 * The Impersonate-* headers of `kubectl --as`; null when there are none. `headers` are those with every value by itself.
 * BadRequest when something is impersonated without a user. Source: apiserver filters/impersonation.go.
 */
export function impersonation(headers: NodeJS.Dict<string[]> | IncomingHttpHeaders): Impersonation | null {
  const values = (name: string): readonly string[] => [headers[name] ?? []].flat();
  const [user] = values('impersonate-user');
  const groups = values('impersonate-group');
  const [uid] = values('impersonate-uid');
  const extraNames = Object.keys(headers).filter((name) => name.startsWith(EXTRA));
  const extra = Object.fromEntries(
    extraNames.map((name) => [decoded(name.slice(EXTRA.length)), values(name)]),
  );
  if (!user) {
    if (groups.length === 0 && uid === undefined && extraNames.length === 0) return null;
    throw new ApiError('BadRequest', 'requested groups, uid or extra without impersonating a user');
  }
  const extraCount = Object.values(extra).reduce((sum, each) => sum + each.length, 0);
  if (groups.length + extraCount > limits.impersonatedValuesMax) {
    throw new ApiError(
      'BadRequest',
      `more than ${limits.impersonatedValuesMax} groups and extra values are impersonated`,
    );
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  const wanted = (
    resource: string,
    name: string,
    more: { group?: string; subresource?: string; namespace?: string } = {},
  ): Attributes => ({
    ...{ type: 'resource', verb: 'impersonate', group: '', subresource: '', namespace: '' },
    ...{ resource, name },
    ...more,
  });
  const AUTHENTICATION = 'authentication.k8s.io';
  return {
    needs: [
      account === null
        ? wanted('users', user)
        : wanted('serviceaccounts', account[2] ?? '', { namespace: account[1] ?? '' }),
      ...groups.map((group) => wanted('groups', group)),
      ...(uid === undefined ? [] : [wanted('uids', uid, { group: AUTHENTICATION })]),
      ...Object.entries(extra).flatMap(([key, all]) =>
        all.map((value) => wanted('userextras', value, { group: AUTHENTICATION, subresource: key })),
      ),
    ],
    identity: {
      user,
      groups: groupsOf(user, groups, account),
      ...(uid !== undefined && { uid }),
      ...(extraNames.length > 0 && { extra }),
    },
  };
}

function groupsOf(
  user: string,
  given: readonly string[],
  account: RegExpExecArray | null,
): readonly string[] {
  const own =
    given.length > 0 || account === null
      ? given
      : ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`];
  const last = user === anonymous.user ? UNAUTHENTICATED : AUTHENTICATED;
  return own.includes(last) ? own : [...own, last];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError('BadRequest', `the name of an extra value is not percent-encoded: ${text}`);
  }
}

import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { ApiError } from '../../api/api-error.ts';
import type { Client } from '../../api/client.ts';
import type { EpochMs } from '../../base/clock.ts';
import { AUTHENTICATED, anonymous, type Identity } from './identity.ts';
import { ISSUER, type TokenAuthority } from './service-account-token.ts';
import { tokenIdentity } from './token-identity.ts';

/**
 * Who sends a request: by its client certificate (CN the user, each O a group), else by its bearer token, else nobody.
 * Unauthorized when it has credentials that do not hold.
 */
export async function authenticate(
  request: IncomingMessage,
  by: { readonly client: Client; readonly tokens: TokenAuthority; readonly now: EpochMs },
): Promise<Identity> {
  const certified = certifiedIdentity(request, by.now);
  if (certified !== null) return certified;
  const { authorization } = request.headers;
  if (authorization === undefined) return anonymous;
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
  const claims = token === undefined ? null : by.tokens.read(token, by.now);
  const identity =
    claims?.audiences.includes(ISSUER) === true ? await tokenIdentity(by.client, claims) : null;
  if (identity === null) throw unauthorized();
  return identity;
}

export function unauthorized(): ApiError {
  return new ApiError('Unauthorized', 'Unauthorized');
}

type Certified = { readonly identity: Identity; readonly notAfterMs: EpochMs };
/** The peer's certificate does not change while its connection lasts, which may be longer than it is good for. */
const known = new WeakMap<TLSSocket, Certified>();

function certifiedIdentity({ socket }: IncomingMessage, now: EpochMs): Identity | null {
  if (!(socket instanceof TLSSocket)) return null;
  const certified = known.get(socket) ?? certifiedPeer(socket);
  if (certified === null) return null;
  if (now > certified.notAfterMs) throw unauthorized();
  return certified.identity;
}

function certifiedPeer(socket: TLSSocket): Certified | null {
  const { subject, valid_to: notAfter } = socket.getPeerCertificate();
  // `{}` where the peer showed none.
  if (subject === undefined) return null;
  // It was verified against our own authority, and nothing else.
  if (!socket.authorized) throw unauthorized();
  const { CN, O = [] } = subject as { readonly CN?: unknown; readonly O?: string | readonly string[] };
  if (typeof CN !== 'string' || CN === '') throw unauthorized();
  const identity = { user: CN, groups: [...[O].flat(), AUTHENTICATED] };
  const certified = { identity, notAfterMs: Date.parse(notAfter) };
  known.set(socket, certified);
  return certified;
}

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type EpochMs, secondMs } from '../../base/clock.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';

/** Who issues tokens, and whom they are for unless they say otherwise. Source: kube-apiserver's flags, by custom. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export type BoundObject = { readonly kind: string; readonly name: string; readonly uid: string };

/** What a token says. */
export type TokenClaims = {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  /** The token dies with this object. */
  readonly bound?: BoundObject;
  readonly audiences: readonly string[];
  readonly issuedMs: EpochMs;
  readonly expiresMs: EpochMs;
  /** jti: names this token among all. */
  readonly id: string;
};

export type TokenAuthority = {
  sign(claims: TokenClaims): string;
  /** null: not ours, expired, not valid yet, or changed on its way. Whether its objects are still there is not looked at. */
  read(token: string, now: EpochMs): TokenClaims | null;
};

/** JSON web tokens signed with a P-256 key (ES256). Source: RFC 7515, 7519; Kubernetes' private claims. */
export function tokenAuthority(privateKey: KeyObject): TokenAuthority {
  const publicKey = createPublicKey(privateKey);
  const signed = (key: KeyObject): { readonly key: KeyObject; readonly dsaEncoding: 'ieee-p1363' } => ({
    key,
    dsaEncoding: 'ieee-p1363',
  });
  const header = encode({ alg: 'ES256', typ: 'JWT' });
  return {
    sign(claims) {
      const content = `${header}.${encode(payloadOf(claims))}`;
      return `${content}.${sign('sha256', Buffer.from(content), signed(privateKey)).toString('base64url')}`;
    },
    read(token, now) {
      if (token.length > limits.tokenCharsMax) return null;
      const [head = '', body = '', signature = '', ...more] = token.split('.');
      // The algorithm is ours to say, never the token's.
      if (more.length > 0 || head !== header) return null;
      const content = Buffer.from(`${head}.${body}`);
      if (!verify('sha256', content, signed(publicKey), Buffer.from(signature, 'base64url'))) return null;
      const claims = claimsOf(decode(body));
      if (claims === null) return null;
      return now >= claims.issuedMs - secondMs && now < claims.expiresMs ? claims : null;
    },
  };
}

function payloadOf(claims: TokenClaims): JsonObject {
  const { namespace, serviceAccount, bound, audiences, issuedMs, expiresMs, id } = claims;
  const issued = Math.floor(issuedMs / secondMs);
  return {
    aud: audiences,
    exp: Math.floor(expiresMs / secondMs),
    iat: issued,
    iss: ISSUER,
    jti: id,
    'kubernetes.io': {
      namespace,
      serviceaccount: serviceAccount,
      ...(bound && { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
    },
    nbf: issued,
    sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
  };
}

const BOUND_KINDS = ['Pod', 'Secret', 'Node'] as const;

function claimsOf(payload: JsonValue): TokenClaims | null {
  if (!isObject(payload) || payload.iss !== ISSUER || !isObject(payload['kubernetes.io'])) return null;
  const { aud, exp, nbf, jti, 'kubernetes.io': own } = payload;
  const serviceAccount = namedOf(own.serviceaccount);
  if (serviceAccount === null || typeof own.namespace !== 'string') return null;
  if (typeof exp !== 'number' || typeof nbf !== 'number' || typeof jti !== 'string' || !isArray(aud))
    return null;
  const boundKind = BOUND_KINDS.find((kind) => own[kind.toLowerCase()] !== undefined);
  const bound = boundKind === undefined ? null : namedOf(own[boundKind.toLowerCase()]);
  return {
    namespace: own.namespace,
    serviceAccount,
    ...(boundKind !== undefined && bound !== null && { bound: { kind: boundKind, ...bound } }),
    audiences: aud.filter((each) => typeof each === 'string'),
    issuedMs: nbf * secondMs,
    expiresMs: exp * secondMs,
    id: jti,
  };
}

function namedOf(value: JsonValue | undefined): { readonly name: string; readonly uid: string } | null {
  if (!isObject(value) || typeof value.name !== 'string' || typeof value.uid !== 'string') return null;
  return { name: value.name, uid: value.uid };
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): JsonValue {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as JsonValue;
  } catch {
    return null;
  }
}

import type { IssueToken, PodToken } from '../../api/pod-access.ts';
import { type EpochMs, secondMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { type References, type Resolved, resolved, unresolved } from '../references.ts';
import type { TokenSource } from './volume-content.ts';

/** A token in a pod's volume, and the account it is of. */
export type HeldToken = PodToken & { readonly accountUid: string };

/** Source: core/v1 default of expirationSeconds. */
const LIFETIME_SECONDS = 3_600;
/** Source: kubelet token manager: a token is replaced when a fifth of its life is left. */
const FRESH_PART = 0.8;

/** When a token is to be replaced: long before it expires, and once a day. */
export function tokenDueAtMs({ issuedMs, expiresMs }: PodToken): EpochMs {
  return issuedMs + Math.min((expiresMs - issuedMs) * FRESH_PART, timings.tokenAgeMaxMs);
}

/** The first time at which one of these is to be replaced; null: there are none. */
export function tokensDueAtMs(held: ReadonlyMap<string, HeldToken>): EpochMs | null {
  return held.size === 0 ? null : Math.min(...[...held.values()].map(tokenDueAtMs));
}

/**
 * Tokens of one pod: a source gets the one it has, `held`, until that is due or the account is another one of the same name, then one
 * that is new. What is held is not durable: a daemon that starts anew issues new ones.
 */
export function podTokens(options: {
  readonly pod: Pod;
  readonly references: References;
  readonly issue: IssueToken;
  readonly held: Map<string, HeldToken>;
  readonly now: EpochMs;
}): (source: TokenSource) => Resolved<string> {
  const { pod, references, issue, held, now } = options;
  const { name: podName, uid: podUid = '', namespace = 'default' } = pod.metadata;
  const account = pod.spec.serviceAccountName || 'default';
  return ({ audience, expirationSeconds = LIFETIME_SECONDS }) => {
    const uid = references.serviceAccount?.(namespace, account)?.metadata.uid;
    if (uid === undefined) return unresolved(`serviceaccount "${account}" not found`);
    const key = JSON.stringify([audience ?? '', expirationSeconds]);
    const known = held.get(key);
    if (known !== undefined && known.accountUid === uid && now < tokenDueAtMs(known))
      return resolved(known.token);
    const token = issue({
      namespace,
      serviceAccount: { name: account, uid },
      pod: { name: podName, uid: podUid },
      ...(audience !== undefined && audience !== '' && { audience }),
      lifetimeMs: expirationSeconds * secondMs,
    });
    held.set(key, { ...token, accountUid: uid });
    return resolved(token.token);
  };
}

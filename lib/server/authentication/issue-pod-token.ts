import type { IssueToken } from '../../api/pod-access.ts';
import type { Clock } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import { ISSUER, type TokenAuthority } from './service-account-token.ts';

/** Tokens for the volumes of pods, bound to the pod, for the API unless the volume names another audience. */
export function podTokenIssuer(options: {
  readonly tokens: TokenAuthority;
  readonly clock: Clock;
  readonly random: Random;
}): IssueToken {
  const { tokens, clock, random } = options;
  return ({ namespace, serviceAccount, pod, audience = ISSUER, lifetimeMs }) => {
    const issuedMs = clock.now();
    const lastsMs = Math.min(Math.max(lifetimeMs, timings.tokenMinMs), timings.tokenMaxMs);
    const expiresMs = issuedMs + lastsMs;
    const token = tokens.sign({
      ...{ namespace, serviceAccount, issuedMs, expiresMs },
      bound: { kind: 'Pod', ...pod },
      audiences: [audience],
      id: random.uuid(),
    });
    return { token, issuedMs, expiresMs };
  };
}

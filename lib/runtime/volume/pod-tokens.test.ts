import test from 'ava';
import type { PodToken } from '../../api/pod-access.ts';
import { hourMs, minuteMs } from '../../base/clock.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { type HeldToken, podTokens, tokenDueAtMs, tokensDueAtMs } from './pod-tokens.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'p' },
  spec: { serviceAccountName: 'bot', containers: [] },
};
const held = new Map<string, HeldToken>();
let issued = 0;
/** The token a volume would hold at this time, when the account has this uid. */
function tokenAt(now: number, uid: string | null, source: object = {}): string {
  const references = {
    configMap: () => undefined,
    secret: () => undefined,
    claim: () => undefined,
    volume: () => undefined,
    services: () => [],
    serviceAccount: (namespace: string, name: string) =>
      uid !== null && namespace === 'shop' && name === 'bot'
        ? { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, uid } }
        : undefined,
  };
  const issue = (request: object): PodToken => {
    issued += 1;
    return { token: `${issued} ${JSON.stringify(request)}`, issuedMs: now, expiresMs: now + hourMs };
  };
  const found = podTokens({ pod, references, issue, held, now })({ path: 'token', ...source });
  return found.ok ? found.value : found.message;
}

test.serial('a token is asked for once, and again when a fifth of its life is left', (t) => {
  const first = tokenAt(0, 'a');
  t.regex(first, /^1 .*"serviceAccount":\{"name":"bot","uid":"a"\},"pod":\{"name":"web","uid":"p"\}/);
  t.is(tokensDueAtMs(held), 48 * minuteMs);
  t.is(tokenAt(48 * minuteMs - 1, 'a'), first);
  t.regex(tokenAt(48 * minuteMs, 'a'), /^2 /);
});

test.serial('another account of the same name has another token; another audience too', (t) => {
  t.regex(tokenAt(49 * minuteMs, 'b'), /^3 .*"uid":"b"/);
  t.regex(
    tokenAt(49 * minuteMs, 'b', { audience: 'vault', expirationSeconds: 600 }),
    /^4 .*"vault","lifetimeMs":600000/,
  );
});

test.serial('without its account there is no token', (t) => {
  t.is(tokenAt(50 * minuteMs, null), 'serviceaccount "bot" not found');
});

test('a token that holds for long is replaced once a day', (t) => {
  t.is(tokenDueAtMs({ token: '', issuedMs: 0, expiresMs: 1_000 * hourMs }), 24 * hourMs);
  t.is(tokensDueAtMs(new Map()), null);
});

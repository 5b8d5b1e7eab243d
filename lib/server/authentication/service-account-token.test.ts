import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { tries } from '../../testing/thoroughness.ts';
import { ISSUER, tokenAuthority } from './service-account-token.ts';

const key = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const now = Date.parse('2026-03-01T12:00:00Z');
const claims = {
  namespace: 'shop',
  serviceAccount: { name: 'web', uid: 'u-1' },
  bound: { kind: 'Pod', name: 'web-1', uid: 'u-2' },
  audiences: [ISSUER],
  issuedMs: now,
  expiresMs: now + 3_600_000,
  id: 'jti-1',
};
const ours = tokenAuthority(key());
const token = ours.sign(claims);

test('a token says what it was signed with, until it expires', (t) => {
  t.deepEqual(ours.read(token, now), claims);
  t.deepEqual(ours.read(token, claims.expiresMs - 1), claims);
  t.is(ours.read(token, claims.expiresMs), null);
  t.is(ours.read(token, now - 60_000), null);
});

test('a token of another key, or without a signature, is not read', (t) => {
  t.is(tokenAuthority(key()).read(token, now), null);
  const [, body = ''] = token.split('.');
  const plain = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  t.is(ours.read(`${plain}.${body}.`, now), null);
});

test('no changed token is read', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: token.length - 1 }), fc.constantFrom('A', 'B', '-', '.', ''), (at, put) => {
      const changed = `${token.slice(0, at)}${put}${token.slice(at + 1)}`;
      // The last character of a base64 part has bits that say nothing.
      const last = at === token.length - 1 && put !== '.';
      fc.pre(changed !== token && !last);
      t.is(ours.read(changed, now), null);
    }),
    { numRuns: tries(300) },
  );
});

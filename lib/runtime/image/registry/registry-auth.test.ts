import test from 'ava';
import fc from 'fast-check';
import { loginsFor } from './registry-auth.ts';

const password = (
  text: string,
): { readonly kind: 'password'; readonly username: string; readonly password: string } => ({
  kind: 'password',
  username: 'u',
  password: text,
});
const config = (...keys: readonly string[]): string =>
  JSON.stringify({ auths: Object.fromEntries(keys.map((key) => [key, { username: 'u', password: key }])) });

const cases: Readonly<
  Record<
    string,
    {
      readonly keys: readonly string[];
      readonly image: readonly [registry: string, repository: string];
      readonly matching: readonly string[];
    }
  >
> = {
  'a host': { keys: ['quay.io'], image: ['quay.io', 'a/b'], matching: ['quay.io'] },
  'another host': { keys: ['quay.io'], image: ['quay.io.evil.example', 'a/b'], matching: [] },
  'docker.io by its old address': {
    keys: ['https://index.docker.io/v1/'],
    image: ['docker.io', 'library/nginx'],
    matching: ['https://index.docker.io/v1/'],
  },
  'a port must be the same': {
    keys: ['box', 'box:5000', 'box:5001'],
    image: ['box:5000', 'a'],
    matching: ['box:5000'],
  },
  'a path is a prefix, the longer one first': {
    keys: ['r.example', 'r.example/team', 'r.example/other'],
    image: ['r.example', 'team/app'],
    matching: ['r.example/team', 'r.example'],
  },
  'a star is within a part of the host': {
    keys: ['*.r.example', '*.example', 'r*.example', '*'],
    image: ['eu.r.example', 'a'],
    matching: ['*.r.example'],
  },
  'stars in the middle': {
    keys: ['a*c*e.example'],
    image: ['abcde.example', 'a'],
    matching: ['a*c*e.example'],
  },
  'stars that do not overlap': { keys: ['ab*ba.example'], image: ['aba.example', 'a'], matching: [] },
};
for (const [title, { keys, image, matching }] of Object.entries(cases)) {
  test(`logins of a registry: ${title}`, (t) => {
    const [registry, repository] = image;
    t.deepEqual(loginsFor([config(...keys)], { registry, repository }), matching.map(password));
  });
}

test('logins come as auth, as name and password, as tokens; what cannot be read is passed over', (t) => {
  const auth = Buffer.from('me:pa:ss').toString('base64');
  const auths = {
    'r.example': { auth },
    'r.example/a': { identitytoken: 'i' },
    'r.example/a/b': { registrytoken: 'r' },
    'r.example/a/b/c': {},
  };
  const logins = loginsFor(['no json', '[]', '{"auths":3}', JSON.stringify({ auths })], {
    registry: 'r.example',
    repository: 'a/b/c',
  });
  t.deepEqual(logins, [
    { kind: 'registry-token', token: 'r' },
    { kind: 'identity-token', token: 'i' },
    { kind: 'password', username: 'me', password: 'pa:ss' },
  ]);
});

test('any text is a configuration with some logins, or none', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.string().map((key) => config(key)),
      ),
      fc.string(),
      (text, registry) => {
        loginsFor([text], { registry, repository: 'a' });
      },
    ),
  );
  t.pass();
});

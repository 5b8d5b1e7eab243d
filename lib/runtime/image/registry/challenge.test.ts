import test from 'ava';
import { parseChallenge } from './challenge.ts';

const bearer = { scheme: 'bearer', realm: 'https://a.example/token', service: '', scope: '' } as const;
const cases: Readonly<Record<string, { readonly header: string | undefined; readonly challenge: unknown }>> =
  {
    none: { header: undefined, challenge: null },
    'a scheme we do not know': { header: 'Negotiate abc', challenge: null },
    basic: { header: 'Basic realm="x"', challenge: { scheme: 'basic' } },
    'bearer with all of it': {
      header: 'Bearer realm="https://a.example/token",service="r.example",scope="repository:a/b:pull,push"',
      challenge: { ...bearer, service: 'r.example', scope: 'repository:a/b:pull,push' },
    },
    'spaces, capitals and tokens': {
      header: 'bearer  Realm = "https://a.example/token" , service=x',
      challenge: { ...bearer, service: 'x' },
    },
    'escapes within quotes': {
      header: 'Bearer realm="https://a.example/token",service="a\\"b"',
      challenge: { ...bearer, service: 'a"b' },
    },
    'bearer where both are offered': {
      header: 'Basic realm="x", Bearer realm="https://a.example/token"',
      challenge: bearer,
    },
    'bearer without a place': { header: 'Bearer service="x"', challenge: null },
    'a header that is too long': { header: `Bearer realm="${'x'.repeat(5_000)}"`, challenge: null },
  };
for (const [title, { header, challenge }] of Object.entries(cases)) {
  test(`what a registry asks for: ${title}`, (t) => t.deepEqual(parseChallenge(header), challenge as never));
}

import test from 'ava';
import { answeredHeaders, passedHeaders } from './passed-headers.ts';

for (const { title, raw, passed } of [
  {
    title: 'a header goes on as it is, twice if it stands twice',
    raw: ['X-A', '1', 'X-A', '2'],
    passed: ['X-A: 1', 'X-A: 2'],
  },
  {
    title: 'what speaks of the connection stays',
    raw: ['Keep-Alive', 'x', 'TE', 'x', 'Upgrade', 'x'],
    passed: [],
  },
  {
    title: 'and what is said to',
    raw: ['Connection', 'close, X-Hop', 'X-Hop', '1', 'X-B', '2'],
    passed: ['X-B: 2'],
  },
  {
    title: 'who asks is not told',
    raw: ['Authorization', 'Bearer x', 'Impersonate-User', 'ann', 'Accept', '*/*'],
    passed: ['Accept: */*'],
  },
] as const) {
  test(title, (t) =>
    t.deepEqual(
      passedHeaders(raw).map((pair) => pair.join(': ')),
      [...passed],
    ),
  );
}

const place = { host: '10.1.2.3:80', prefix: '/api/v1/namespaces/a/pods/b/proxy' } as const;

for (const { title, location, becomes } of [
  { title: 'a path is one within the proxy', location: '/in', becomes: `${place.prefix}/in` },
  { title: 'so is an address of the pod', location: 'http://10.1.2.3:80/in', becomes: `${place.prefix}/in` },
  { title: 'a relative one is already', location: 'in', becomes: 'in' },
  {
    title: 'another place is another place',
    location: 'https://example.com/in',
    becomes: 'https://example.com/in',
  },
  { title: 'so is one of no scheme', location: '//example.com/in', becomes: '//example.com/in' },
] as const) {
  test(title, (t) => t.deepEqual(answeredHeaders(['Location', location], place), [['Location', becomes]]));
}

import test from 'ava';
import fc from 'fast-check';
import { type PathMapping, rewritePaths } from './rewrite-paths.ts';

const mappings: readonly PathMapping[] = [
  { from: '/data', to: '/pods/1/d' },
  { from: '/data/sub/', to: '/pods/1/s/' },
  { from: '/etc/app.conf', to: '/pods/1/c/app.conf' },
];

const cases: Readonly<Record<string, string>> = {
  '/data': '/pods/1/d',
  '/data/': '/pods/1/d/',
  '/data/x': '/pods/1/d/x',
  '/data/sub': '/pods/1/s',
  '/data/sub/x': '/pods/1/s/x',
  '/data/subs/x': '/pods/1/d/subs/x',
  '--dir=/data': '--dir=/pods/1/d',
  '/usr/bin:/data/bin:/data/sub': '/usr/bin:/pods/1/d/bin:/pods/1/s',
  'cat /data/a > /data/b; ls "/data"': 'cat /pods/1/d/a > /pods/1/d/b; ls "/pods/1/d"',
  "x='/data' y=`/data/z` (/data)": "x='/pods/1/d' y=`/pods/1/d/z` (/pods/1/d)",
  'file:///data/x': 'file:///pods/1/d/x',
  '@/data/x': '@/pods/1/d/x',
  '{"a":"/data/x","b":["/data"]}': '{"a":"/pods/1/d/x","b":["/pods/1/d"]}',
  '-c /etc/app.conf': '-c /pods/1/c/app.conf',
  'http://data/data': 'http://data/data',
  'http://host/data': 'http://host/data',
  '/srv/data': '/srv/data',
  '/database': '/database',
  '/data-old': '/data-old',
  '/data.txt': '/data.txt',
  '/data_1': '/data_1',
  '/datä': '/datä',
  './data': './data',
  'data/x': 'data/x',
  '/etc/app.conf.bak': '/etc/app.conf.bak',
  '/': '/',
  '': '',
};

for (const [text, expected] of Object.entries(cases)) {
  test(`${JSON.stringify(text)} → ${JSON.stringify(expected)}`, (t) =>
    t.is(rewritePaths(text, mappings), expected));
}

test('what was replaced is not replaced again, and the root is no mapping', (t) => {
  t.is(
    rewritePaths('/a /b', [
      { from: '/a', to: '/b' },
      { from: '/b', to: '/a' },
    ]),
    '/b /a',
  );
  t.is(rewritePaths('/x', [{ from: '/', to: '/pods' }]), '/x');
});

test('property: text without the paths stays as it is; a long text is no trouble', (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (!text.includes('/data') && !text.includes('/etc')) t.is(rewritePaths(text, mappings), text);
    }),
  );
  const long = '/dat'.repeat(500_000);
  t.is(rewritePaths(long, mappings), long);
});

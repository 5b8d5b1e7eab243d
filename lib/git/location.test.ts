import test from 'ava';
import { codeOf } from '../base/errors.ts';
import { redact } from './credentials.ts';
import { parseLocation } from './location.ts';

test('a URL is shown and kept without its user information', (t) => {
  t.deepEqual(parseLocation('https://ada:p%40ss@example.com/shop.git/'), {
    kind: 'remote',
    url: 'https://example.com/shop.git',
    shown: 'https://example.com/shop.git',
    credentials: { username: 'ada', password: 'p@ss' },
  });
  const plain = parseLocation('http://example.com:8080/x');
  t.is(plain.kind === 'remote' ? plain.credentials : undefined, null);
});

test('a path is a path, also one with a colon further on', (t) => {
  t.is(parseLocation('/srv/a:b').shown, '/srv/a:b');
  t.is(parseLocation('./a:b').kind, 'local');
  t.is(parseLocation('.').kind, 'local');
});

const refused = [
  'ssh://git@example.com/x',
  'git@example.com:x/y.git',
  'git://example.com/x',
  'file:///srv/x',
  'ext::sh -c whoami',
  'ftp://example.com/x',
  'fd::17/x',
];
for (const location of refused) {
  test(`${location} is a transport that is not supported`, (t) => {
    t.is(codeOf(t.throws(() => parseLocation(location))), 'UNSUPPORTED_TRANSPORT');
  });
}

for (const location of ['', 'http://', 'https://example.com/x?y', 'a\nb']) {
  test(`${JSON.stringify(location)} is no location`, (t) => {
    t.is(codeOf(t.throws(() => parseLocation(location))), 'INVALID_LOCATION');
  });
}

test('secrets are taken out of what others say, in every spelling', (t) => {
  const credentials = { username: 'ada', password: 'p@ss word' };
  const header = Buffer.from('ada:p@ss word').toString('base64');
  const said = `fatal: http://ada:x@h/ p@ss word p%40ss%20word Basic ${header} http://other@h/`;
  t.is(redact(said, credentials), 'fatal: http://h/ [redacted] [redacted] Basic [redacted] http://h/');
});

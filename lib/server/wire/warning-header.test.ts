import { validateHeaderValue } from 'node:http';
import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../base/limits.ts';
import { warningHeaders } from './warning-header.ts';

const asUtf8 = (header: string): string => Buffer.from(header, 'latin1').toString('utf8');

const rows = [
  { title: 'plain text is quoted', texts: ['unknown field'], are: ['299 - "unknown field"'] },
  { title: 'quotes and backslashes are escaped', texts: ['a "b" \\c'], are: ['299 - "a \\"b\\" \\\\c"'] },
  { title: 'what is not ASCII is UTF-8', texts: ['größer → 😀'], are: ['299 - "größer → 😀"'] },
  {
    title: 'a line break cannot end the header',
    texts: ['a\r\nSet-Cookie: b'],
    are: ['299 - "a Set-Cookie: b"'],
  },
  { title: 'control characters are left out', texts: ['a\u0000b\u007fc\u0085d'], are: ['299 - "a b c d"'] },
  { title: 'half a character is replaced', texts: ['a\ud83d'], are: ['299 - "a\ufffd"'] },
  { title: 'each is said once, and nothing is not said', texts: ['a', '', 'a'], are: ['299 - "a"'] },
] as const;

for (const { title, texts, are } of rows) {
  test(title, (t) => t.deepEqual(warningHeaders(texts).map(asUtf8), [...are]));
}

test('one long warning is whole; too much is cut, each to so many characters', (t) => {
  const long = 'x'.repeat(limits.serverWarningsCharsMax - 10);
  t.deepEqual(warningHeaders([long]), [`299 - "${long}"`]);
  const cut = warningHeaders([long, 'y'.repeat(500), 'short']);
  t.deepEqual(
    cut.map((header) => header.length - '299 - ""'.length),
    [limits.serverWarningCharsMax, limits.serverWarningCharsMax, 5],
  );
  const emoji = `${'a'.repeat(limits.serverWarningCharsMax - 1)}😀${long}`;
  t.true(asUtf8(warningHeaders([emoji])[0] ?? '').endsWith('aa"'));
});

test('whatever the texts, the headers can be sent and are bounded', (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 3_000 }), { maxLength: 30 }), (texts) => {
      const headers = warningHeaders(texts);
      for (const header of headers) validateHeaderValue('warning', header);
      return headers.reduce((total, header) => total + header.length, 0) < limits.serverWarningsCharsMax * 9;
    }),
    { seed: 11 },
  );
  t.pass();
});

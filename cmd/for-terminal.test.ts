import { styleText } from 'node:util';
import test from 'ava';
import { forTerminal } from './for-terminal.ts';

for (const { title, text, shown } of [
  { title: 'plain text of several lines stays', text: 'a\n\tü€\n', shown: 'a\n\tü€\n' },
  { title: 'a title and a bell are shown', text: '\x1b]0;owned\x07', shown: '\\u001b]0;owned\\u0007' },
  { title: 'the cursor is not moved', text: 'a\x1b[2J\x1b[1;1H\r', shown: 'a\\u001b[2J\\u001b[1;1H\\u000d' },
  { title: 'text is not hidden', text: '\x1b[8mhidden', shown: '\\u001b[8mhidden' },
  { title: 'the eight-bit introducer is one too', text: '\x9b31m', shown: '\\u009b31m' },
  { title: 'text is not turned around', text: 'a\u202eb', shown: 'a\\u202eb' },
]) {
  test(title, (t) => t.is(forTerminal(text), shown));
}

test('our own colours stay', (t) => {
  for (const format of ['red', 'bold', 'dim', 'yellow', 'cyan', 'magenta', 'blue', 'green'] as const) {
    const text = styleText(format, 'a', { validateStream: false });
    t.is(forTerminal(text), text, format);
  }
});

test('JSON means the same', (t) => {
  const value = { subject: 'a\x7f\x9bb\u202e\x1b' };
  t.deepEqual(JSON.parse(forTerminal(JSON.stringify(value))), value);
});

import test from 'ava';
import fc from 'fast-check';
import { commitMessage, parseTrailers, subjectOf, trailerOf } from './commit-message.ts';

test('a message is subject, body and trailers', (t) => {
  const message = commitMessage({
    subject: 'Status: Healthy',
    body: 'Two objects.',
    trailers: [
      { key: 'Pintle-Revision', value: 'abc' },
      { key: 'Pintle-Instance', value: 'x y' },
    ],
  });
  t.is(message, 'Status: Healthy\n\nTwo objects.\n\nPintle-Revision: abc\nPintle-Instance: x y\n');
  t.deepEqual(parseTrailers(message), [
    { key: 'Pintle-Revision', value: 'abc' },
    { key: 'Pintle-Instance', value: 'x y' },
  ]);
  t.is(trailerOf(message, 'pintle-revision'), 'abc');
  t.is(trailerOf(message, 'Pintle'), null);
});

const parsed: readonly {
  readonly title: string;
  readonly message: string;
  readonly keys: readonly string[];
}[] = [
  { title: 'a subject is no trailer', message: 'Fix: it\n', keys: [] },
  { title: 'prose in the last paragraph', message: 'S\n\nNote: this\nand that\n', keys: [] },
  { title: 'continued values', message: 'S\n\nA: one\n  two\nB: x\n', keys: ['A', 'B'] },
  { title: 'only the last paragraph', message: 'S\n\nA: 1\n\nB: 2\n', keys: ['B'] },
  { title: 'line ends of Windows', message: 'S\r\n\r\nA: 1\r\n', keys: ['A'] },
  { title: 'an empty message', message: '', keys: [] },
];
for (const { title, message, keys } of parsed) {
  test(`reading trailers: ${title}`, (t) => {
    t.deepEqual(
      parseTrailers(message).map((trailer) => trailer.key),
      keys,
    );
  });
}

test('property: whatever text is put in, the trailers that come out are those that were given', (t) => {
  const line = fc.constantFrom(
    'Pintle-Revision: evil',
    'x',
    '',
    ' ',
    '\t',
    'A: b',
    '  c',
    '\r',
    '\u2028K: v',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(line).map((lines) => lines.join('\n')),
  );
  const property = fc.property(text, text, fc.array(text, { maxLength: 3 }), (subject, body, values) => {
    const trailers = values.map((value, at) => ({ key: `Key-${at}`, value }));
    const read = parseTrailers(commitMessage({ subject, body, trailers }));
    t.deepEqual(
      read.map((trailer) => trailer.key),
      trailers.map((trailer) => trailer.key),
    );
  });
  t.notThrows(() => fc.assert(property));
});

for (const { title, message, subject } of [
  { title: 'is its first line', message: 'One\n\nMore\n', subject: 'One' },
  { title: 'holds no control characters', message: 'a\x1b]0;x\x07b\r\nc', subject: 'a ]0;x b' },
  { title: 'is of bounded length', message: 'A'.repeat(3_000_000), subject: `${'A'.repeat(199)}…` },
  { title: 'may be empty', message: '', subject: '' },
]) {
  test(`The subject of a message ${title}.`, (t) => t.is(subjectOf(message), subject));
}

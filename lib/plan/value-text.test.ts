import test from 'ava';
import fc from 'fast-check';
import type { JsonValue } from '../base/json.ts';
import { tries } from '../testing/thoroughness.ts';
import { differingTexts, valueText } from './value-text.ts';

const texts: readonly (readonly [JsonValue, string])[] = [
  ['web', 'web'],
  ['8080', '"8080"'],
  [8080, '8080'],
  ['true', '"true"'],
  [true, 'true'],
  ['', '""'],
  [' a', '" a"'],
  ['a: b', 'a: b'],
  ['1e3', '"1e3"'],
  ['no', '"no"'],
  ['\u001b[31m', '"\\u001b[31m"'],
  [['a', 'b c'], '[a, b c]'],
  [{ name: 'a', n: 1 }, '{name: a, n: 1}'],
  ['x'.repeat(150), `${'x'.repeat(100)}…`],
];
for (const [value, text] of texts) {
  test(`${JSON.stringify(value).slice(0, 30)} is shown as ${text.slice(0, 30)}`, (t) => {
    t.is(valueText(value), text);
  });
}

test('two values that differ are never shown alike', (t) => {
  const value = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string({ maxLength: 60 }), { maxLength: 5 }),
  );
  fc.assert(
    fc.property(value, value, (a, b) => {
      fc.pre(JSON.stringify(a) !== JSON.stringify(b));
      const { from, to } = differingTexts(a, b);
      t.not(from, to);
    }),
    { numRuns: tries(500) },
  );
});

test('the difference of long texts is in sight, wherever it is', (t) => {
  const start = 'x'.repeat(500);
  const { from, to } = differingTexts(`${start}old${start}`, `${start}new${start}`);
  t.true(from.includes('old') && to.includes('new'));
  t.true(from.length <= 102);
});

const lines: readonly { title: string; before: string; after: string; from: string; to: string }[] = [
  { title: 'a line that changes', before: 'a\nb\nc', after: 'a\nB\nc', from: 'line 2 "b"', to: 'line 2 "B"' },
  { title: 'a line more', before: 'a\nc', after: 'a\nb\nc', from: 'nothing there', to: 'line 2 "b"' },
  {
    title: 'two lines less',
    before: 'a\nb\nc\nd',
    after: 'a\nd',
    from: 'line 2 "b" and 1 more line',
    to: 'nothing there',
  },
  {
    title: 'a text that becomes longer',
    before: 'a',
    after: 'a\nb\nc\nd',
    from: 'nothing there',
    to: 'line 2 "b" and 2 more lines',
  },
];
for (const { title, before, after, from, to } of lines) {
  test(`of a text of many lines is shown ${title}`, (t) => {
    t.deepEqual(differingTexts(before, after), { from, to });
  });
}

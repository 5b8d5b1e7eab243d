import test from 'ava';
import fc from 'fast-check';
import { tries } from '../../testing/thoroughness.ts';
import { linearPattern } from './linear-pattern.ts';
import { PatternError } from './pattern-node.ts';

const rows = [
  { pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', yes: ['a', 'a-b', 'web-1'], no: ['', '-a', 'a-', 'A'] },
  { pattern: 'b+', yes: ['abba'], no: ['aaa'] },
  { pattern: '', yes: ['', 'a'], no: [] },
  { pattern: '^(foo|ba[rz])$', yes: ['foo', 'bar', 'baz'], no: ['fo', 'bazz'] },
  { pattern: '^\\d{2,3}$', yes: ['12', '123'], no: ['1', '1234', '١٢'] },
  { pattern: '^a{2}$', yes: ['aa'], no: ['a', 'aaa'] },
  { pattern: '^a{2,}$', yes: ['aa', 'aaaaa'], no: ['a'] },
  { pattern: 'a{,3}', yes: ['a{,3}'], no: ['aaa'] },
  { pattern: '(?i)^hello$', yes: ['HeLLo'], no: ['hallo'] },
  { pattern: '(?i:a)b', yes: ['Ab'], no: ['AB'] },
  { pattern: '^.$', yes: ['x', '😀'], no: ['\n', 'xy'] },
  { pattern: '(?s)^.$', yes: ['\n'], no: [] },
  { pattern: '(?m)^b$', yes: ['a\nb\nc'], no: ['ab'] },
  { pattern: '\\bfoo\\b', yes: ['a foo b'], no: ['afoo'] },
  { pattern: '\\Bo', yes: ['foo'], no: ['o'] },
  { pattern: '^[[:alpha:]_]+$', yes: ['ab_C'], no: ['a1'] },
  { pattern: '^[^\\s/]+$', yes: ['a.b'], no: ['a b', 'a/b'] },
  { pattern: '^[]a]$', yes: [']', 'a'], no: ['b'] },
  { pattern: '^[a-]$', yes: ['-'], no: ['b'] },
  { pattern: '^\\p{Greek}+\\pL$', yes: ['αβ', 'αb'], no: ['ab'] },
  { pattern: '^\\x41\\x{42}\\103$', yes: ['ABC'], no: ['abc'] },
  { pattern: '^\\Qa.b\\E$', yes: ['a.b'], no: ['axb'] },
  { pattern: '\\Aab\\z', yes: ['ab'], no: ['ab\n'] },
  { pattern: '^(?P<n>a)(?:b)?$', yes: ['a', 'ab'], no: ['b'] },
  { pattern: '^(a*)*$', yes: ['', 'aaa'], no: ['b'] },
  { pattern: 'a|', yes: ['', 'b'], no: [] },
];
for (const { pattern, yes, no } of rows)
  test(`${pattern} matches what it matches in Go`, (t) => {
    const read = linearPattern(pattern);
    for (const text of yes) t.true(read.matches(text), text);
    for (const text of no) t.false(read.matches(text), text);
  });

const wrong = {
  '(': 'error parsing regexp: missing closing ): `(`',
  ')': 'error parsing regexp: unexpected ): `)`',
  '[a': 'error parsing regexp: missing closing ]: `[a`',
  '*a': 'error parsing regexp: missing argument to repetition operator: `*`',
  'a**': 'error parsing regexp: invalid nested repetition operator: `*`',
  'a{1001}': 'error parsing regexp: invalid repeat count: `{1001}`',
  'a{3,2}': 'error parsing regexp: invalid repeat count: `{3,2}`',
  '(?=a)': 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
  '\\1': 'error parsing regexp: invalid escape sequence: `\\1`',
  '\\y': 'error parsing regexp: invalid escape sequence: `\\y`',
  '[b-a]': 'error parsing regexp: invalid character class range: `b-a`',
  'a\\': 'error parsing regexp: trailing backslash at end of expression',
  '((a{1000}){1000}){1000}': 'error parsing regexp: expression too large',
};
for (const [pattern, message] of Object.entries(wrong))
  test(`${pattern} is no regular expression`, (t) => {
    t.is(t.throws(() => linearPattern(pattern), { instanceOf: PatternError })?.message, message);
  });

test('a pattern that others go back and forth in ends at once', (t) => {
  const read = linearPattern('^(a+)+(a|aa)+$');
  t.false(read.matches(`${'a'.repeat(100_000)}b`));
  t.is(linearPattern('^(x{500}){10}$').matches('x'.repeat(1_000_000)), null);
});

test('patterns of letters, repeats and choices match what JavaScript says', (t) => {
  const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\w', '(a|b)', '(ab)', '^', '$', '\\b');
  const quantifier = fc.constantFrom('', '', '*', '+', '?', '{0,2}', '{2}', '*?');
  const part = fc.tuple(atom, quantifier).map(([left, right]) => left + right);
  const pattern = fc.array(fc.oneof(part, fc.constant('|')), { maxLength: 6 }).map((parts) => parts.join(''));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (source, value) => {
      let expected: boolean;
      try {
        expected = new RegExp(source).test(value);
      } catch {
        // `^*` is nothing to JavaScript.
        return;
      }
      t.is(linearPattern(source).matches(value), expected, `${source} on ${value}`);
    }),
    { numRuns: tries(2_000) },
  );
});

test('whatever is given, it is read or refused', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.string(), (source, value) => {
      try {
        linearPattern(source).matches(value);
      } catch (thrown) {
        t.true(thrown instanceof PatternError, String(thrown));
      }
    }),
  );
  t.pass();
});

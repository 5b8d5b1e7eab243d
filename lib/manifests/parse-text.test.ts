import test from 'ava';
import fc from 'fast-check';
import { limits } from '../base/limits.ts';
import { tries } from '../testing/thoroughness.ts';
import { locateText, parseText, type TextFormat } from './parse-text.ts';
import { jsonOf } from './source-node.ts';

const values = (text: string, format: TextFormat = 'yaml'): readonly unknown[] =>
  parseText(text, format).documents.map(({ value }) => value);
const ruleIds = (text: string, format: TextFormat = 'yaml'): readonly string[] =>
  parseText(text, format).problems.map(({ ruleId }) => ruleId);

type Case = { readonly text: string; readonly documents: readonly unknown[] };

const readable: Readonly<Record<string, Case>> = {
  'Empty documents are left out.': {
    text: '---\n---\na: 1\n---\n# no\n...\n---\nb: 2\n',
    documents: [{ a: 1 }, { b: 2 }],
  },
  'A %YAML directive changes nothing.': {
    text: '%YAML 1.1\n---\na: 0o17\nb: 017\n',
    documents: [{ a: 15, b: 15 }],
  },
  'Keys that are booleans or numbers become their text.': {
    text: 'y: 1\n8080: 2\nno: 3\n0x10: 4\n',
    documents: [{ true: 1, 8080: 2, false: 3, 16: 4 }],
  },
  'Quoted scalars are text.': {
    text: 'a: "yes"\nb: \'0755\'\nc: !!str 12\n',
    documents: [{ a: 'yes', b: '0755', c: '12' }],
  },
  'Tags that say what a value is are followed.': {
    text: 'a: !!int "12"\nb: !!float 1.5\nc: !!bool on\nd: !!null ""\n',
    documents: [{ a: 12, b: 1.5, c: true, d: null }],
  },
  'Timestamps stay text.': { text: 'a: 2024-01-02T03:04:05Z\n', documents: [{ a: '2024-01-02T03:04:05Z' }] },
  'A merge yields to what is written, on either side of it.': {
    text: 'base: &b {x: 1, y: 2, z: 3}\none:\n  x: 9\n  <<: *b\n  z: 8\n',
    documents: [{ base: { x: 1, true: 2, z: 3 }, one: { x: 9, true: 2, z: 8 } }],
  },
  'Of several merges the earlier wins.': {
    text: 'a: &a {k: 1}\nb: &b {k: 2, l: 2}\nc:\n  <<: [*a, *b]\n',
    documents: [{ a: { k: 1 }, b: { k: 2, l: 2 }, c: { k: 1, l: 2 } }],
  },
  'A quoted << is no merge.': { text: '"<<": {a: 1}\n', documents: [{ '<<': { a: 1 } }] },
  'An alias means the anchor before it, also where its target is copied on.': {
    text: 'a: &x 1\nb: &b [*x]\nc: &x 2\nd: *b\n',
    documents: [{ a: 1, b: [1], c: 2, d: [1] }],
  },
  'Tabs inside block text are kept.': { text: 'a: |\n  one\n  \ttwo\n', documents: [{ a: 'one\n\ttwo\n' }] },
};

for (const [title, { text, documents }] of Object.entries(readable)) {
  test(title, (t) => {
    t.deepEqual(values(text), documents);
    t.deepEqual(ruleIds(text), []);
  });
}

const broken: Readonly<
  Record<string, { readonly text: string; readonly format?: TextFormat; readonly ruleId: string }>
> = {
  'A custom tag is refused.': { text: 'a: !foo bar\n', ruleId: 'unknown-tag' },
  'A tag that its value belies is refused.': { text: 'a: !!int x\n', ruleId: 'unknown-tag' },
  'A tab as indentation is an error.': { text: 'a:\n\tb: 1\n', ruleId: 'yaml-syntax' },
  'A merge of no mapping is an error.': { text: 'a:\n  <<: 5\n', ruleId: 'yaml-syntax' },
  'JSON with comments is an error.': { text: '{"a": 1 /* no */}', format: 'json', ruleId: 'json-syntax' },
  'JSON with a single quote is an error.': { text: "{'a': 1}", format: 'json', ruleId: 'json-syntax' },
  'JSON with a leading zero is an error.': { text: '{"a": 01}', format: 'json', ruleId: 'json-syntax' },
  'JSON with a bad escape is an error.': { text: '{"a": "\\x41"}', format: 'json', ruleId: 'json-syntax' },
  'JSON numbers that do not fit are errors.': {
    text: '{"a": 12345678901234567890}',
    format: 'json',
    ruleId: 'integer-too-large',
  },
  'JSON keys twice are errors.': { text: '{"a": 1, "\\u0061": 2}', format: 'json', ruleId: 'duplicate-key' },
};

for (const [title, { text, format, ruleId }] of Object.entries(broken)) {
  test(title, (t) => t.deepEqual(ruleIds(text, format ?? 'yaml'), [ruleId]));
}

test('Nesting is bounded in both formats, in any style, before anything recurses.', (t) => {
  const many = 100_000;
  t.deepEqual(ruleIds(`a: ${'['.repeat(many)}`), ['too-deep']);
  t.deepEqual(ruleIds('{a: '.repeat(many)), ['too-deep']);
  t.deepEqual(ruleIds('- '.repeat(many)), ['too-deep']);
  t.deepEqual(ruleIds('['.repeat(many), 'json'), ['too-deep']);
  const deepest = limits.manifestDepthMax - 5;
  t.is(values(`${'['.repeat(deepest)}${']'.repeat(deepest)}`).length, 1);
});

test('An alias bomb is refused without being built.', (t) => {
  const steps = 'abcdefghijklmnopq'.split('').map((name, at, all) => {
    const before = all[at - 1];
    const items = before === undefined ? '1, 1, 1, 1' : `*${before}, *${before}, *${before}, *${before}`;
    return `- &${name} [${items}]`;
  });
  t.deepEqual(ruleIds(`${steps.join('\n')}\n`), ['alias-bomb']);
});

test('__proto__ is a key like any other and pollutes nothing.', (t) => {
  for (const [text, format] of [
    ['__proto__:\n  polluted: 1\n', 'yaml'],
    ['a: &x {__proto__: {polluted: 1}}\n<<: *x\n', 'yaml'],
    ['{"__proto__": {"polluted": 1}}', 'json'],
  ] as const) {
    const [value] = values(text, format);
    t.true(Object.hasOwn(value as object, '__proto__'), text);
    t.is(Object.getPrototypeOf(value), Object.prototype, text);
  }
  t.false('polluted' in {});
});

test('Several JSON documents may follow one another.', (t) => {
  t.deepEqual(values('{"a": 1}\n[2] "x"', 'json'), [{ a: 1 }, [2], 'x']);
});

test('JSON is read as JSON.parse reads it.', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
      const plain = JSON.parse(JSON.stringify(value));
      const text = JSON.stringify(plain, null, indent);
      const { roots, problems } = locateText(text, 'json');
      if (problems.some(({ ruleId }) => ruleId === 'integer-too-large')) return;
      t.deepEqual(
        roots.map((root) => (root === null ? null : jsonOf(root))),
        [plain],
      );
    }),
    { numRuns: tries(300) },
  );
});

test('JSON in a YAML file says the same as in a JSON file.', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 3 })), (value) => {
      const text = JSON.stringify(value);
      const json = parseText(text, 'json');
      if (json.problems.length > 0) return;
      t.deepEqual(values(text), [JSON.parse(text)]);
    }),
    { numRuns: tries(200) },
  );
});

test('Anything at all is read without throwing, and problems have places inside the text.', (t) => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
  fc.assert(
    fc.property(text, fc.constantFrom('yaml' as const, 'json' as const), (input, format) => {
      for (const { span } of parseText(input, format).problems) {
        t.true(span.start >= 0 && span.start <= input.length && span.end > span.start, input);
      }
    }),
    { numRuns: tries(2_000) },
  );
});

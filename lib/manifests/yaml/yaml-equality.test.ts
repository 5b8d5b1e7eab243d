import test from 'ava';
import fc from 'fast-check';
import { jsonOf } from '../source-node.ts';
import { readExactYaml } from './exact-yaml.ts';
import { readFastYaml } from './fast-yaml.ts';

/** What the exact parser says, or null when it finds anything wrong. */
function exactValues(text: string): unknown {
  const { documents, problems } = readExactYaml(text);
  return problems.length > 0 ? null : documents.map(({ root }) => (root === null ? null : jsonOf(root)));
}

/** Fragments of manifests, and of what makes YAML treacherous. */
const fragments = [
  ...[
    'a',
    'key',
    'y',
    'no',
    'null',
    '~',
    '0755',
    '0o17',
    '1_000',
    '12:30:45',
    '2024-01-02',
    '1e3',
    '.5',
    '-1',
    '0x1F',
    '08',
  ],
  ...[': ', ':', '- ', '-', '? ', '\n', '\n  ', '\n    ', '\n\n', ' ', '  ', '\t', '\r\n', ', ', ','],
  ...[
    '"',
    "'",
    '"x y"',
    "'it''s'",
    '"a\\tb\\u0041\\\n  c"',
    '{',
    '}',
    '[',
    ']',
    '{}',
    '[]',
    '{a: 1}',
    '[a, b]',
  ],
  ...[
    '#c',
    ' # c',
    '|',
    '|-',
    '|+\n  t',
    '>',
    '>-\n  x\n\n  y',
    '---',
    '\n---\n',
    '\n...\n',
    '%YAML 1.2\n---\n',
  ],
  ...[
    '&a ',
    '*a',
    '<<: ',
    '!!str ',
    '!x ',
    '__proto__',
    'constructor',
    '@',
    '`',
    '\u00e9',
    '\ud83d\ude00',
    '\u2028',
    '\u0085',
  ],
  ...['metadata:\n  name: web\n', 'spec:\n- a: 1\n  b: "2"\n', 'k: v\n', 'k: |\n  one\n   two\n\n'],
];

const yamlText = fc
  .array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''));

test('What the fast parser reads, the exact one reads as the same.', (t) => {
  fc.assert(
    fc.property(yamlText, (text) => {
      const fast = readFastYaml(text);
      if (fast.kind !== 'documents') return;
      t.deepEqual(
        { text, values: fast.documents.map(({ value }) => value) },
        { text, values: exactValues(text) },
      );
    }),
    { numRuns: 5_000 },
  );
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { tries } from '../../testing/thoroughness.ts';
import { jsonOf, type SourceNode, type Span } from '../source-node.ts';
import { readExactYaml } from './exact-yaml.ts';
import { locateFastYaml } from './fast-nodes.ts';
import { readFastYaml } from './fast-yaml.ts';

type Reading = {
  readonly text: string;
  readonly values: unknown;
  readonly starts: readonly (number | null)[];
};

/** Scalars make no manifests, and where one in quotes begins is a matter of taste. */
function isCollection(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** What the exact parser says; no values when it finds anything wrong. */
function exactReading(text: string): Reading {
  const { documents, problems } = readExactYaml(text);
  const values = documents.map(({ root }) => (root === null ? null : jsonOf(root)));
  const starts = documents.map(({ root }, at) =>
    isCollection(values[at]) ? (root?.span.start ?? null) : null,
  );
  return { text, values: problems.length > 0 ? problems : values, starts };
}

/** What the fast one says; null when it leaves the text to the other. */
function fastReading(text: string): Reading | null {
  const fast = readFastYaml(text);
  if (fast.kind !== 'documents') return null;
  const values = fast.documents.map(({ value }) => value);
  return {
    text,
    values,
    starts: fast.documents.map(({ value, start }) => (isCollection(value) ? start : null)),
  };
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
      const fast = fastReading(text);
      if (fast !== null) t.deepEqual(fast, exactReading(text));
    }),
    { numRuns: tries(5_000) },
  );
});

/**
 * The places people are shown: keys and scalars of one line. What is empty has none. Where block text with empty lines behind it ends is
 * a matter of taste.
 */
function placesIn(text: string): (node: SourceNode | null) => unknown {
  const shown = (span: Span): unknown => (/[|>]/.test(text[span.start] ?? '') ? span.start : span);
  const places = (node: SourceNode | null): unknown => {
    switch (node?.kind) {
      case undefined:
        return null;
      case 'scalar':
        return node.value === null || node.value === '' || /[\r\n]/.test(String(node.value))
          ? null
          : shown(node.span);
      case 'sequence':
        return [node.span.start, node.items.map(places)];
      case 'mapping':
        return [
          node.span.start,
          node.entries.map(({ key, keySpan, value }) => [
            key === '' || key.includes('\n') || shown(keySpan),
            places(value),
          ]),
        ];
    }
  };
  return places;
}

test('Places that the fast parser finds are those of the exact one.', (t) => {
  fc.assert(
    fc.property(yamlText, (text) => {
      const fast = locateFastYaml(text);
      t.is(fast.kind, readFastYaml(text).kind);
      if (fast.kind !== 'documents') return;
      const places = placesIn(text);
      const exact = readExactYaml(text).documents.map(({ root }) => places(root));
      t.deepEqual({ text, places: fast.roots.map(places) }, { text, places: exact });
    }),
    { numRuns: tries(3_000) },
  );
});

test('Every manifest of the fixtures reads the same both ways, and most are read fast.', (t) => {
  const root = join(import.meta.dirname, '../../../fixtures');
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.ya?ml$/.test(path),
  );
  let fastOnes = 0;
  for (const path of paths) {
    const text = readFileSync(join(root, path), 'utf8');
    const fast = fastReading(text);
    if (fast === null) continue;
    fastOnes += 1;
    t.deepEqual(fast, exactReading(text), path);
    const places = placesIn(text);
    const located = locateFastYaml(text);
    const exact = readExactYaml(text).documents.map(({ root }) => places(root));
    t.deepEqual(located.kind === 'documents' ? located.roots.map(places) : null, exact, path);
  }
  t.true(fastOnes > paths.length / 2, `${fastOnes} of ${paths.length}`);
});

for (const text of [
  'spec:\n- {}metadata: w\n',
  'spec:\n- {} metadata: w\n',
  'spec:\n- "x"metadata: w\n',
  'spec:\n- []? metadata\n: w\n',
  'a:\n  b:\n  - {}"c": d\n',
]) {
  test(`A key on the line of an item is an error whoever reads it: ${JSON.stringify(text)}`, (t) => {
    t.is(readFastYaml(text).kind, 'inexact');
    t.is(readExactYaml(text).problems.length, 1);
  });
}

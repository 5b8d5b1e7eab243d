import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { checkReferences } from './check-references.ts';
import { componentsOf } from './components.ts';
import { problemText } from './problem-text.ts';
import { readManifests } from './read-manifests.ts';

const schema = builtinSchema();
const root = join(import.meta.dirname, '../../fixtures');
const texts = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.ya?ml$/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .filter((text) => text.length < 10_000);

type Edit = { readonly at: number; readonly cut: number; readonly put: string };

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.integer({ min: 0, max: 12 }),
    put: fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      ':',
      '- ',
      '{',
      '}',
      '[',
      '"',
      '1',
      'null',
      '&a ',
      '*a',
      '<<: ',
      '---\n',
      '\u0000',
      'x: y\n',
      '\uD800',
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

const mutated = fc.record({ text: fc.constantFrom(...texts), edits }).map(({ text, edits: list }) =>
  list.reduce((now, { at, cut, put }) => {
    const from = Math.floor(at * now.length);
    return now.slice(0, from) + put + now.slice(from + cut);
  }, text),
);

test('Whatever becomes of a manifest, it is read, checked and told without throwing; places lie in the file.', (t) => {
  fc.assert(
    fc.property(fc.array(mutated, { minLength: 1, maxLength: 3 }), (files) => {
      const sources = files.map((text, at) => ({
        path: `${at}.yaml`,
        blob: String(at),
        bytes: Buffer.from(text),
      }));
      const set = readManifests(sources, { schema, defaultNamespace: 'default', allowHostAccess: false });
      const problems = [...set.problems, ...checkReferences(set, schema, { mode: 'validate' })];
      componentsOf(
        set.objects.map(({ object }) => object),
        [],
      );
      for (const problem of problems) {
        const { line, column } = problem.position;
        const lines = (files[Number.parseInt(problem.file, 10)] ?? '').split(/\r\n|\r|\n/);
        t.true(line >= 1 && line <= lines.length && column >= 1, `${problem.file}:${line}:${column}`);
        t.true(problemText(problem, { colour: true }).length > 0);
      }
      const refs = [...set.objects.map(({ ref }) => ref), ...set.rejected.map(({ ref }) => ref)];
      for (const { kind, name } of refs) t.true(kind !== '' && name !== '');
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) },
  );
});

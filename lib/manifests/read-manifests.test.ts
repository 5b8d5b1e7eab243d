import test from 'ava';
import { limits } from '../base/limits.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { refText } from '../schema/object.ts';
import type { ManifestSet, SourceFile } from './manifest-set.ts';
import { ParseCache } from './parse-cache.ts';
import { readManifests } from './read-manifests.ts';

const schema = builtinSchema();
const encoder = new TextEncoder();
const file = (path: string, text: string): SourceFile => ({
  path,
  blob: `blob of ${text}`,
  bytes: encoder.encode(text),
});
const read = (files: readonly SourceFile[], cache?: ParseCache): ManifestSet =>
  readManifests(files, {
    ...{ schema, defaultNamespace: 'default', allowHostAccess: false },
    ...(cache === undefined ? {} : { cache }),
  });
const config = (name: string, rest = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`;
const found = (set: ManifestSet): readonly string[] =>
  set.problems.map(
    ({ file: path, position, ruleId }) => `${path}:${position.line}:${position.column} ${ruleId}`,
  );

test('Objects come sorted, with their place, namespace and written version.', (t) => {
  const old = config('b').replace('apiVersion: v1', 'apiVersion: v1');
  const set = read([
    file('z.yaml', config('a')),
    file('a.yaml', `# comment\n---\n${old}---\n${config('c')}`),
  ]);
  t.deepEqual(
    set.objects.map(({ ref, path, document, position }) => [refText(ref), path, document, position.line]),
    [
      ['ConfigMap default/a', 'z.yaml', 0, 1],
      ['ConfigMap default/b', 'a.yaml', 0, 3],
      ['ConfigMap default/c', 'a.yaml', 1, 8],
    ],
  );
  t.is(set.objects[0]?.object.metadata.namespace, 'default');
  t.is(set.filesRead, 2);
});

test('An item of a List has its own place.', (t) => {
  const set = read([
    file(
      'l.yaml',
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n',
    ),
  ]);
  t.deepEqual(set.objects[0]?.position, { line: 4, column: 3 });
  t.deepEqual(set.objects[0]?.locate(['metadata', 'name']), { line: 6, column: 20 });
});

test('locate falls back to the nearest written ancestor.', (t) => {
  const [object] = read([file('a.yaml', config('a', 'data:\n  k: v\n'))]).objects;
  t.deepEqual(object?.locate(['data', 'k']), { line: 6, column: 6 });
  t.deepEqual(object?.locate(['data', 'gone', 3]), { line: 5, column: 1 });
  t.deepEqual(object?.locate(['spec', 'x']), { line: 1, column: 1 });
});

test('A broken file hides only what is broken: its sound documents and its neighbours are read.', (t) => {
  const set = read([file('a.yaml', `${config('a')}---\nkind: [\n`), file('b.yaml', config('b'))]);
  t.deepEqual(
    set.objects.map(({ ref }) => ref.name),
    ['a', 'b'],
  );
  t.deepEqual(set.unparsedFiles, ['a.yaml']);
});

test('An object with an error is rejected, not lost: it is named, so that nobody prunes it.', (t) => {
  const set = read([
    file('a.yaml', config('a', 'dta: {}\n')),
    file('b.yaml', config('b', 'data:\n  x: 1\n  x: 2\n')),
  ]);
  t.deepEqual(set.objects, []);
  t.deepEqual(
    set.rejected.map(({ ref }) => refText(ref)),
    ['ConfigMap default/a', 'ConfigMap default/b'],
  );
  t.deepEqual(set.unparsedFiles, []);
});

test('What has a misspelt head is rejected under the name it was meant to have.', (t) => {
  const set = read([file('a.yaml', config('a').replace('apiVersion', 'apiVersiopn'))]);
  t.deepEqual(
    set.rejected.map(({ ref }) => refText(ref)),
    ['ConfigMap default/a'],
  );
});

test('Files that were not read are told; those that may hold objects stop pruning.', (t) => {
  const unread = { blob: 'x', bytes: null };
  const set = read([
    { path: 'big.yaml', ...unread, unread: 'too-large', sizeBytes: 1e8 },
    { path: 'gone.yaml', ...unread, unread: 'missing' },
    { path: 'link.yaml', ...unread, unread: 'symlink' },
    { path: 'module', ...unread, unread: 'submodule' },
    { path: 'huge.yaml', blob: 'y', bytes: new Uint8Array(limits.manifestBytesMax + 1) },
    file('README.md', 'hello'),
  ]);
  t.deepEqual(found(set), [
    'big.yaml:1:1 file-too-large',
    'gone.yaml:1:1 unreadable-file',
    'huge.yaml:1:1 file-too-large',
    'link.yaml:1:1 not-followed',
    'module:1:1 not-followed',
  ]);
  t.deepEqual(set.unparsedFiles, ['big.yaml', 'gone.yaml', 'huge.yaml']);
});

test('A cached blob need not be handed over again, wherever it moves.', (t) => {
  const cache = new ParseCache();
  const first = file('a.yaml', config('a', 'dta: {}\n'));
  const before = read([first], cache);
  const options = { schema, defaultNamespace: 'default', allowHostAccess: false };
  t.true(cache.holds(first, options));
  t.false(cache.holds(first, { ...options, allowHostAccess: true }));
  t.false(cache.holds({ ...first, path: 'a.json' }, options));
  const after = read([{ path: 'moved.yml', blob: first.blob, bytes: null }], cache);
  t.deepEqual(
    after.problems,
    before.problems.map((problem) => ({ ...problem, file: 'moved.yml' })),
  );
});

test('The cache is trimmed after a pass, the least recently used first, and never within one.', (t) => {
  const cache = new ParseCache(2);
  const files = ['a', 'b', 'c'].map((name) => file(`${name}.yaml`, config(name)));
  const options = { schema, defaultNamespace: 'default', allowHostAccess: false };
  t.is(read(files, cache).objects.length, 3);
  t.deepEqual(
    files.map((each) => cache.holds(each, options)),
    [false, true, true],
  );
});

test('More problems than anyone reads are counted, not listed.', (t) => {
  const keys = Array.from(
    { length: limits.manifestFileProblemsMax + 50 },
    (_, at) => `  k${at}: ${at}\n`,
  ).join('');
  const set = read([file('a.yaml', config('a', `data:\n${keys}`))]);
  t.true(set.problems.length <= limits.manifestFileProblemsMax + 1);
  t.true(set.problems.some(({ ruleId }) => ruleId.startsWith('too-many-')));
});

test('Lines of a Secret that hold its values are never quoted, in any style.', (t) => {
  const texts = [
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  a: 1\n  b: hunter2\n',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s, bad: 1}\nstringData: {a: 1, b: hunter2}\n',
    '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "bad": 1}, "stringData": {"b": "hunter2"}}\n',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringDta: {b: hunter2}\ntype: [hunter2]\n',
    'apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: s}\n  stringData: {a: 1, b: hunter2}\n',
    'apiVersion: v1\nkind: List\nitems:\n- kind: Secret\n  apiVersion: v1\n  metadata: {name: s}\n  data: {a: 1, b: hunter2}\n',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  b: "hunter2\n  c: x\n',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  b: hunter2\n  b: hunter2\n',
    'x: &v\n  b: hunter2\n  c: 1\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: *v\n',
  ];
  for (const text of texts) {
    const set = read([file('s.yaml', text)]);
    t.true(set.problems.length > 0, text);
    t.false(JSON.stringify(set.problems).includes('hunter2'), text);
  }
});

test('A tree of more than memory has room for is read up to there, and nothing of the rest counts as gone.', (t) => {
  const padding = `${`# ${'x'.repeat(1000)}\n`.repeat(7_500)}`;
  const count = Math.ceil(limits.manifestSetBytesMax / padding.length);
  const padded = Array.from({ length: count }, (_, at) => file(`b${at}.yaml`, padding));
  const set = read([file('a.yaml', config('a')), ...padded, file('c.yaml', config('c'))], new ParseCache());
  t.deepEqual(
    set.objects.map(({ ref }) => ref.name),
    ['a'],
  );
  t.true(set.unparsedFiles.includes('c.yaml'));
  t.deepEqual(
    set.problems.map(({ ruleId, file: path }) => [ruleId, path]),
    [['file-too-large', set.unparsedFiles[0] ?? '']],
  );
});

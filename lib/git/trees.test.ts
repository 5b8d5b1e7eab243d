import test from 'ava';
import fc from 'fast-check';
import { codeOf } from '../base/errors.ts';
import { tries } from '../testing/thoroughness.ts';
import { editTree } from './edit-tree.ts';
import type { GitEngine, NewObject, ObjectRead } from './engine.ts';
import { listTree } from './list-tree.ts';
import { hashObject } from './object-id.ts';
import type { FileChange, Oid } from './repository.ts';
import { TreeCache } from './tree-cache.ts';
import { formatTree, parseTree, TREE_MODE } from './tree-object.ts';
import { TreeReader } from './tree-reader.ts';

/** The objects of a repository, in memory; counts what is read. */
class Objects {
  readonly #objects = new Map<Oid, NewObject>();
  reads = 0;
  readonly reader = new TreeReader(this.#engine());

  put(object: NewObject): Oid {
    const oid = hashObject(object.type, object.bytes, 'sha1');
    this.#objects.set(oid, object);
    return oid;
  }

  async edit(base: Oid | null, changes: readonly FileChange[]): Promise<Oid> {
    const edited = await editTree({ reader: this.reader, base, changes, format: 'sha1' });
    for (const object of edited.objects) this.put(object);
    return edited.tree;
  }

  #engine(): GitEngine {
    const refuse = async (): Promise<never> => {
      throw new Error('trees are read, and nothing else');
    };
    return {
      kind: 'git',
      format: 'sha1',
      readRef: refuse,
      listRefs: refuse,
      expandOid: refuse,
      writeObjects: refuse,
      moveRef: refuse,
      isAncestor: refuse,
      pointHead: refuse,
      refresh: () => {},
      close: refuse,
      read: async (oids) => {
        this.reads += oids.length;
        return oids.map((oid): ObjectRead => {
          const object = this.#objects.get(oid);
          return object === undefined ? { kind: 'missing' } : { kind: 'object', ...object };
        });
      },
    };
  }
}

const write = (path: string, text: string): FileChange => ({ path, bytes: Buffer.from(text) });
const remove = (path: string): FileChange => ({ path, bytes: null });

const edits: readonly {
  readonly title: string;
  readonly base: readonly FileChange[];
  readonly changes: readonly FileChange[];
  readonly paths: readonly string[];
}[] = [
  { title: 'nothing', base: [write('a', '1')], changes: [], paths: ['a'] },
  { title: 'the last file of a directory', base: [write('d/a', '1')], changes: [remove('d/a')], paths: [] },
  {
    title: 'a file that is not there',
    base: [write('a', '1')],
    changes: [remove('b'), remove('a/b')],
    paths: ['a'],
  },
  {
    title: 'a directory that becomes a file, file first',
    base: [write('d/a', '1'), write('d/b', '1')],
    changes: [write('d', 'file'), remove('d/a'), remove('d/b')],
    paths: ['d'],
  },
  {
    title: 'a directory that becomes a file, file last',
    base: [write('d/a', '1'), write('d/b', '1')],
    changes: [remove('d/a'), remove('d/b'), write('d', 'file')],
    paths: ['d'],
  },
  {
    title: 'a file that becomes a directory, in any order',
    base: [write('d', '1')],
    changes: [write('d/a', '1'), remove('d')],
    paths: ['d/a'],
  },
  {
    title: 'a file under a file that was',
    base: [write('d', '1')],
    changes: [write('d/e/f', '1')],
    paths: ['d/e/f'],
  },
  {
    title: 'a directory as a whole',
    base: [write('d/a', '1'), write('e', '1')],
    changes: [remove('d')],
    paths: ['e'],
  },
  {
    title: 'a name of an object',
    base: [],
    changes: [write('__proto__/constructor', '1')],
    paths: ['__proto__/constructor'],
  },
];
for (const { title, base, changes, paths } of edits) {
  test(`editing a tree: ${title}`, async (t) => {
    const objects = new Objects();
    const tree = await objects.edit(await objects.edit(null, base), changes);
    t.deepEqual(
      (await listTree(objects.reader, tree, '')).map((file) => file.path),
      paths,
    );
  });
}

test('an executable stays one when its content changes, a symlink does not', async (t) => {
  const objects = new Objects();
  const blob = objects.put({ type: 'blob', bytes: Buffer.from('x') });
  const entries = [
    { rawName: 'run', mode: 0o100755, oid: blob },
    { rawName: 'link', mode: 0o120000, oid: blob },
    { rawName: 'sub', mode: 0o160000, oid: blob },
  ];
  const base = objects.put({ type: 'tree', bytes: formatTree(entries) });
  t.deepEqual(
    (await listTree(objects.reader, base, '')).map((file) => file.mode),
    ['symlink', 'executable', 'submodule'],
  );
  const edited = await objects.edit(base, [write('run', 'y'), write('link', 'y')]);
  t.deepEqual(
    (await listTree(objects.reader, edited, '')).map((file) => file.mode),
    ['file', 'executable', 'submodule'],
  );
});

test('property: edits give what a map of files would', async (t) => {
  const path = fc.array(fc.constantFrom('a', 'b', 'a.b', 'a-b', 'ü'), { minLength: 1, maxLength: 3 });
  const change = fc.record({ path: path.map((parts) => parts.join('/')), text: fc.option(fc.string()) });
  const property = fc.asyncProperty(fc.array(change), async (changes) => {
    const objects = new Objects();
    const expected = new Map<string, string>();
    let tree = await objects.edit(null, []);
    for (const { path, text } of changes) {
      tree = await objects.edit(tree, [text === null ? remove(path) : write(path, text)]);
      applyToMap(expected, path, text);
    }
    const files = await listTree(objects.reader, tree, '');
    const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    t.deepEqual(
      files.map((file) => file.path),
      [...expected.keys()].sort(byBytes),
    );
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: tries(60) }));
});

function applyToMap(files: Map<string, string>, path: string, text: string | null): void {
  const parents = path.split('/').map((_, at, parts) => parts.slice(0, at).join('/'));
  if (text === null && parents.some((parent) => files.has(parent))) return;
  for (const other of [...files.keys()]) {
    if (other === path || other.startsWith(`${path}/`) || parents.includes(other)) files.delete(other);
  }
  if (text !== null) files.set(path, text);
}

test('a changed file costs the directories above it', async (t) => {
  const objects = new Objects();
  const changes = Array.from({ length: 400 }, (_, at) => write(`d${at % 40}/f${at}`, `${at}`));
  const first = await objects.edit(null, changes);
  await listTree(objects.reader, first, '');
  const second = await objects.edit(first, [write('d7/f7', 'changed')]);
  objects.reads = 0;
  await listTree(objects.reader, second, '');
  t.is(objects.reads, 2);
});

test('a tree bomb is refused', async (t) => {
  const objects = new Objects();
  const blob = objects.put({ type: 'blob', bytes: Buffer.from('x') });
  const names = Array.from({ length: 10 }, (_, at) => `d${at}`);
  let tree = objects.put({ type: 'tree', bytes: formatTree([{ rawName: 'f', mode: 0o100644, oid: blob }]) });
  for (let depth = 0; depth < 10; depth += 1) {
    const oid = tree;
    tree = objects.put({
      type: 'tree',
      bytes: formatTree(names.map((rawName) => ({ rawName, mode: TREE_MODE, oid }))),
    });
  }
  t.is(codeOf(await t.throwsAsync(listTree(objects.reader, tree, ''))), 'TREE_TOO_LARGE');
});

test('a thousand nested directories are refused', async (t) => {
  const objects = new Objects();
  let tree = objects.put({ type: 'tree', bytes: new Uint8Array() });
  for (let depth = 0; depth < 1000; depth += 1) {
    tree = objects.put({ type: 'tree', bytes: formatTree([{ rawName: 'd', mode: TREE_MODE, oid: tree }]) });
  }
  t.is(codeOf(await t.throwsAsync(listTree(objects.reader, tree, ''))), 'TREE_TOO_LARGE');
});

const OID_BYTES = Buffer.alloc(20, 1);
const malformed: readonly { readonly title: string; readonly bytes: Buffer }[] = [
  { title: 'cut off', bytes: Buffer.from('100644 a\0short') },
  { title: 'without a name', bytes: Buffer.concat([Buffer.from('100644 \0'), OID_BYTES]) },
  { title: 'leading up', bytes: Buffer.concat([Buffer.from('40000 ..\0'), OID_BYTES]) },
  { title: 'with a path for a name', bytes: Buffer.concat([Buffer.from('100644 a/b\0'), OID_BYTES]) },
  { title: 'with a mode that is none', bytes: Buffer.concat([Buffer.from('9x a\0'), OID_BYTES]) },
  { title: 'of noise', bytes: Buffer.alloc(100, 0x20) },
];
for (const { title, bytes } of malformed) {
  test(`a tree ${title} is malformed`, (t) => {
    t.is(codeOf(t.throws(() => parseTree(bytes, 'sha1'))), 'GIT_FAILED');
  });
}

test('the cache holds no more entries than it may, and drops what was not used', (t) => {
  const entries = [{ rawName: 'a', mode: 0o100644, oid: 'x' }];
  const cache = new TreeCache(6);
  for (const oid of ['1', '2', '3']) cache.set(oid, entries);
  cache.get('1');
  cache.set('4', entries);
  t.deepEqual(
    ['1', '2', '3', '4'].filter((oid) => cache.get(oid) !== undefined),
    ['1', '3', '4'],
  );
  cache.set('huge', Array.from({ length: 10 }, () => entries).flat());
  t.is(cache.get('huge'), undefined);
  t.is(cache.entryCount, 6);
});

import { assert, UserError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Oid, TreeFile } from './repository.ts';
import { entryName, fileKindOf, isTreeMode, type TreeEntry } from './tree-object.ts';
import { splitDirectory } from './tree-path.ts';
import type { TreeReader } from './tree-reader.ts';

type Trees = Map<Oid, readonly TreeEntry[]>;

/**
 * Every file under `directory` of a tree, in git's order (by the bytes of the whole path).
 *
 * @throws {UserError} TREE_TOO_LARGE past limits.treeFilesMax files or limits.treeDepthMax levels: a few
 *   small objects can spell more files than there are atoms, so the bound is on what they spell.
 */
export async function listTree(
  reader: TreeReader,
  root: Oid,
  directory: string,
): Promise<readonly TreeFile[]> {
  const parts = splitDirectory(directory);
  const start = await descend(reader, root, parts);
  if (start === null) return [];
  const trees = await readSubtrees(reader, start);
  const files: TreeFile[] = [];
  const prefix = parts.map((part) => `${part}/`).join('');
  collect(trees, start, prefix, files);
  return files;
}

async function descend(reader: TreeReader, root: Oid, parts: readonly string[]): Promise<Oid | null> {
  let tree = root;
  for (const part of parts) {
    const rawName = Buffer.from(part, 'utf8').toString('latin1');
    const entry = (await reader.read(tree)).find((candidate) => candidate.rawName === rawName);
    if (entry === undefined || !isTreeMode(entry.mode)) return null;
    tree = entry.oid;
  }
  return tree;
}

/** Level by level, each level in one pipelined request; a tree that occurs twice is read once. */
async function readSubtrees(reader: TreeReader, start: Oid): Promise<Trees> {
  const trees: Trees = new Map();
  let level: readonly Oid[] = [start];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.treeDepthMax || trees.size + level.length > limits.treeFilesMax) throw tooLarge();
    const next = new Set<Oid>();
    for (const [oid, entries] of await reader.readAll(level)) {
      trees.set(oid, entries);
      for (const entry of entries) if (isTreeMode(entry.mode)) next.add(entry.oid);
    }
    level = [...next].filter((oid) => !trees.has(oid));
  }
  return trees;
}

/** Recursion is bounded by treeDepthMax, the work by treeFilesMax files and as many directories. */
function collect(trees: Trees, start: Oid, startPrefix: string, files: TreeFile[]): void {
  let directories = 0;
  const visit = (tree: Oid, prefix: string, depth: number): void => {
    directories += 1;
    if (depth > limits.treeDepthMax || directories > limits.treeFilesMax) throw tooLarge();
    const entries = trees.get(tree);
    assert(entries !== undefined, 'every subtree was read');
    for (const entry of entries) {
      const path = prefix + entryName(entry);
      if (isTreeMode(entry.mode)) visit(entry.oid, `${path}/`, depth + 1);
      else files.push({ path, oid: entry.oid, mode: fileKindOf(entry.mode) });
      if (files.length > limits.treeFilesMax) throw tooLarge();
    }
  };
  visit(start, startPrefix, 0);
}

function tooLarge(): UserError {
  return new UserError(
    'TREE_TOO_LARGE',
    `the tree holds more than ${limits.treeFilesMax} files or is deeper than ${limits.treeDepthMax} directories`,
    { filesMax: limits.treeFilesMax, depthMax: limits.treeDepthMax },
  );
}

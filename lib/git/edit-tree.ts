import { limits } from '../base/limits.ts';
import { nextTurn } from '../base/turn.ts';
import type { NewObject } from './engine.ts';
import { hashObject, type ObjectFormat } from './object-id.ts';
import type { FileChange, Oid } from './repository.ts';
import { FILE_MODE, formatTree, isTreeMode, TREE_MODE, type TreeEntry } from './tree-object.ts';
import { splitTreePath } from './tree-path.ts';
import type { TreeReader } from './tree-reader.ts';

type Node = {
  /** undefined: nothing said about this name itself. null: remove. */
  blob: Uint8Array | null | undefined;
  readonly children: Map<string, Node>;
};

export type EditedTree = { readonly tree: Oid; readonly objects: readonly NewObject[] };

/**
 * The tree that results from changing files of another one, with the objects to write for it. A file where a
 * directory was replaces it, and the other way round; a directory left empty disappears; an executable stays one.
 *
 * @throws {UserError} INVALID_PATH
 */
export async function editTree(input: {
  readonly reader: TreeReader;
  readonly base: Oid | null;
  readonly changes: readonly FileChange[];
  readonly format: ObjectFormat;
}): Promise<EditedTree> {
  const root: Node = { blob: undefined, children: new Map() };
  for (const change of input.changes) plant(root, change);
  const objects = new Map<Oid, NewObject>();
  const put = (object: NewObject): Oid => {
    const oid = hashObject(object.type, object.bytes, input.format);
    objects.set(oid, object);
    return oid;
  };
  let edited = 0;
  const edit = async (base: Oid | null, node: Node): Promise<Oid | null> => {
    const before = base === null ? [] : await input.reader.read(base);
    const entries = new Map(before.map((entry) => [entry.rawName, entry]));
    for (const [rawName, child] of node.children) {
      edited += 1;
      if (edited % limits.packedPerTurn === 0) await nextTurn();
      const entry = await editEntry({ rawName, old: entries.get(rawName), child, edit, put });
      if (entry === null) entries.delete(rawName);
      else entries.set(rawName, entry);
    }
    return entries.size === 0 ? null : put({ type: 'tree', bytes: formatTree([...entries.values()]) });
  };
  const tree = (await edit(input.base, root)) ?? put({ type: 'tree', bytes: new Uint8Array() });
  return { tree, objects: [...objects.values()] };
}

async function editEntry(input: {
  readonly rawName: string;
  readonly old: TreeEntry | undefined;
  readonly child: Node;
  readonly edit: (base: Oid | null, node: Node) => Promise<Oid | null>;
  readonly put: (object: NewObject) => Oid;
}): Promise<TreeEntry | null> {
  const { rawName, old, child } = input;
  const oldTree = old !== undefined && isTreeMode(old.mode) ? old.oid : null;
  if (child.blob) {
    const plain = old !== undefined && (old.mode & 0o170000) === 0o100000;
    const oid = input.put({ type: 'blob', bytes: child.blob });
    return { rawName, mode: plain ? old.mode : FILE_MODE, oid };
  }
  if (child.children.size === 0) return null;
  const base = child.blob === null ? null : oldTree;
  const tree = await input.edit(base, child);
  if (tree !== null) return { rawName, mode: TREE_MODE, oid: tree };
  // Removing `a/b` where `a` is a file changes nothing.
  return old !== undefined && oldTree === null && child.blob === undefined ? old : null;
}

/**
 * The last word on a path wins: a file drops what was said below it, a file below drops a file above. A removal
 * never undoes a file that is written, so a directory can become a file, and a file a directory, in any order.
 */
function plant(root: Node, change: FileChange): void {
  let node = root;
  for (const part of splitTreePath(change.path)) {
    if (node.blob && change.bytes === null) return;
    if (node.blob) node.blob = null;
    const rawName = Buffer.from(part, 'utf8').toString('latin1');
    let child = node.children.get(rawName);
    if (child === undefined) {
      child = { blob: undefined, children: new Map() };
      node.children.set(rawName, child);
    }
    node = child;
  }
  node.blob = change.bytes;
  if (change.bytes !== null) node.children.clear();
}

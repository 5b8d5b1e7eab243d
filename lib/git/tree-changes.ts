import type { TreeFile } from './repository.ts';

export type TreeChange =
  | { readonly kind: 'added'; readonly path: string; readonly after: TreeFile }
  | { readonly kind: 'removed'; readonly path: string; readonly before: TreeFile }
  | { readonly kind: 'modified'; readonly path: string; readonly before: TreeFile; readonly after: TreeFile };

/** What differs between two listings (content or mode), in the order of `after`, then what was removed. */
export function treeChanges(before: readonly TreeFile[], after: readonly TreeFile[]): readonly TreeChange[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const changes: TreeChange[] = [];
  for (const file of after) {
    const was = old.get(file.path);
    old.delete(file.path);
    if (was === undefined) changes.push({ kind: 'added', path: file.path, after: file });
    else if (was.oid !== file.oid || was.mode !== file.mode) {
      changes.push({ kind: 'modified', path: file.path, before: was, after: file });
    }
  }
  for (const [path, file] of old) changes.push({ kind: 'removed', path, before: file });
  return changes;
}

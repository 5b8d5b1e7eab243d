import test from 'ava';
import type { TreeFile } from './repository.ts';
import { treeChanges } from './tree-changes.ts';

const file = (path: string, oid: string, mode: TreeFile['mode'] = 'file'): TreeFile => ({ path, oid, mode });

test('what was added, changed in content or mode, and removed', (t) => {
  const before = [file('a', '1'), file('b', '2'), file('c', '3'), file('d', '4')];
  const after = [file('a', '1'), file('b', '5'), file('d', '4', 'executable'), file('e', '6')];
  t.deepEqual(
    treeChanges(before, after).map((change) => `${change.kind} ${change.path}`),
    ['modified b', 'modified d', 'added e', 'removed c'],
  );
  t.deepEqual(treeChanges(after, after), []);
});

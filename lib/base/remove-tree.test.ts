import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { removeTree } from './remove-tree.ts';

test('a tree whose path is longer than a path may be goes, what its links lead to stays', async (t) => {
  const directory = await temporaryDirectory(t);
  const kept = join(directory, 'kept');
  mkdirSync(kept);
  writeFileSync(join(kept, 'file'), '');
  const tree = join(directory, 'tree');
  // A process of its own: the working directory is a process's, and no path is as long as this one.
  const script = `const fs = require('fs'); process.chdir(process.argv[1]);
    for (let i = 0; i < 3000; i += 1) { fs.mkdirSync('d'); process.chdir('d'); }`;
  mkdirSync(tree);
  symlinkSync(kept, join(tree, 'link'));
  t.is(spawnSync(process.execPath, ['-e', script, tree]).status, 0);
  await removeTree(tree);
  t.false(existsSync(tree));
  t.deepEqual(readdirSync(kept), ['file']);
  await t.notThrowsAsync(removeTree(tree));
});

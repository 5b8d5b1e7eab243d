import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../lib/testing/temporary-directory.ts';
import { describeOnce } from './describe-once.mjs';

test('descriptions are made once, where they can be made', async (t) => {
  const root = await temporaryDirectory(t);
  const schema = join(root, 'lib', 'schema');
  const file = join(schema, 'descriptions.json.gz');
  const ran = join(schema, 'ran');
  mkdirSync(schema, { recursive: true });
  writeFileSync(
    join(schema, 'generate-descriptions.ts'),
    `import { writeFileSync } from 'node:fs';
     for (const path of ${JSON.stringify([file, ran])}) writeFileSync(path, '');`,
  );
  describeOnce(root, process.execPath);
  t.false(existsSync(ran), 'what they are made from is not installed');
  mkdirSync(join(root, 'node_modules', '@kubernetes', 'client-node'), { recursive: true });
  describeOnce(root, process.execPath);
  t.true(existsSync(file));
  rmSync(ran);
  describeOnce(root, process.execPath);
  t.false(existsSync(ran), 'they are there');
});

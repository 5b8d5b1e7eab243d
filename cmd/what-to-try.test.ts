import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../lib/testing/temporary-directory.ts';
import { exampleDirectory } from './init.ts';
import { EXAMPLE_PORT } from './stage.ts';
import { proposals, whatToTry } from './what-to-try.ts';

for (const { message, edit } of proposals) {
  test(`what npm start proposes changes one line of the example: ${message}`, async (t) => {
    const directory = await temporaryDirectory(t);
    cpSync(exampleDirectory(), directory, { recursive: true });
    const file = join(directory, 'shop', 'web.yaml');
    const before = (await readFile(file, 'utf8')).split('\n');
    execFileSync('sh', ['-c', edit], { cwd: directory });
    const after = (await readFile(file, 'utf8')).split('\n');
    t.is(after.filter((line, at) => line !== before[at]).length, 1);
  });
}

test('the example asks for the port that npm start looks for', async (t) => {
  const text = await readFile(join(exampleDirectory(), 'shop', 'web.yaml'), 'utf8');
  t.true(text.includes(`nodePort: ${EXAMPLE_PORT}\n`));
});

test('paths with blanks are quoted', (t) => {
  const stage = {
    directory: '/tmp/a b',
    dataDirectory: '/tmp/a b/data',
    kubeconfig: '/tmp/a b/kubeconfig',
    repository: '/tmp/a b/shop.git',
    example: { clone: "/tmp/a b/it's", shopPort: 30_081 },
  };
  const text = whatToTry(stage, { branch: 'main', cwd: '/' });
  t.true(text.includes(`cd '/tmp/a b/it'\\''s'\n`));
  t.true(text.includes(`--data '/tmp/a b/data'\n`));
  t.true(text.includes(`kubectl --kubeconfig '/tmp/a b/kubeconfig' get`));
  t.true(text.includes('localhost:30081'));
});

test('for an own repository the status branch is read there; a remote one is not on this machine', (t) => {
  const stage = { directory: '/d', dataDirectory: '/d/data', kubeconfig: '/d/kubeconfig', example: null };
  const local = whatToTry({ ...stage, repository: 'mine' }, { branch: 'live', cwd: '/home/me' });
  t.true(local.includes('Commit to live'));
  t.true(local.includes('git -C /home/me/mine show pintle/status:README.md'));
  const remote = whatToTry(
    { ...stage, repository: 'https://example.com/a.git' },
    { branch: 'main', cwd: '/' },
  );
  t.false(remote.includes('git -C'));
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import anyTest from 'ava';
import { dockerSave } from '../lib/testing/image-archives.ts';
import { madeImage } from '../lib/testing/made-image.ts';
import { needsRoot } from '../lib/testing/needs-root.ts';
import { realDaemon } from '../lib/testing/real-daemon.ts';
import { temporaryDirectory } from '../lib/testing/temporary-directory.ts';

const test = needsRoot(['tar']) ? anyTest : anyTest.skip;

test('pintle image: import, list and rm, on the data directory alone and through its daemon', async (t) => {
  const daemon = await realDaemon(t, { start: false });
  const directory = await temporaryDirectory(t);
  const fileOf = (name: string): string => {
    const path = join(directory, `${name}.tar`);
    writeFileSync(path, dockerSave(madeImage([[{ name, content: name }]]), [`example.com/${name}:1`]));
    return path;
  };
  t.like(await daemon.run('image', 'import', fileOf('a')), {
    code: 0,
    stdout: 'Imported example.com/a:1.\n',
  });
  t.regex(
    (await daemon.run('image', 'list')).stdout,
    /^NAME .*\nexample\.com\/a:1 {2}[0-9a-f]{12} {2}1 KiB /,
  );
  await daemon.start();
  t.like(await daemon.run('image', 'import', fileOf('b')), {
    code: 0,
    stdout: 'Imported example.com/b:1.\n',
  });
  const { images } = JSON.parse((await daemon.run('image', 'list', '-o', 'json')).stdout);
  t.deepEqual(images.map(({ names }: { names: unknown }) => names).sort(), [
    ['example.com/a:1'],
    ['example.com/b:1'],
  ]);
  t.like(await daemon.run('image', 'rm', 'example.com/a:1', 'example.com/no:1'), {
    code: 1,
    stdout: 'Removed example.com/a:1.\n',
  });
  t.regex((await daemon.run('image', 'import', join(directory, 'nothing'))).stderr, /IMAGE_INVALID/);
  await daemon.down();
  t.like(await daemon.run('image', 'rm', 'example.com/b:1'), { code: 0 });
  t.deepEqual(JSON.parse((await daemon.run('image', 'list', '-o', 'json')).stdout), { images: [] });
});

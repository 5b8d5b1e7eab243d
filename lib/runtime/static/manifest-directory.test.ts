import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { runProgram } from '../../base/run-program.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { manifestDirectory } from './manifest-directory.ts';

test('files and links to files are read; what never ends, is no file or is too long is told, and hinders no other', async (t) => {
  const directory = await temporaryDirectory(t);
  const at = (name: string): string => join(directory, name);
  await writeFile(at('whole.yaml'), 'a: 1\n');
  await writeFile(at('most.yaml'), ' '.repeat(limits.staticFileBytesMax));
  await writeFile(at('long.yaml'), ' '.repeat(limits.staticFileBytesMax + 1));
  await symlink(at('whole.yaml'), at('link.yaml'));
  await symlink('/dev/zero', at('endless.yaml'));
  await symlink(at('nothing'), at('astray.yaml'));
  const clock = systemClock({ keepAlive: true });
  await runProgram({ program: 'mkfifo', args: [at('pipe')], timeoutMs: 10_000, clock });
  await symlink(at('pipe'), at('pipe.yaml'));
  const reading = await manifestDirectory(directory).read();
  const read = ('files' in reading ? reading.files : []).map(({ name, bytes }) => [
    name,
    bytes?.length ?? null,
  ]);
  t.deepEqual(read, [
    ['astray.yaml', null],
    ['endless.yaml', null],
    ['link.yaml', 5],
    ['long.yaml', null],
    ['most.yaml', limits.staticFileBytesMax],
    ['pipe.yaml', null],
    ['whole.yaml', 5],
  ]);
});

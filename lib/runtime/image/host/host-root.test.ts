import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../../testing/temporary-directory.ts';
import { hostRoot } from './host-root.ts';

test('the image of the machine: programs and what they need, links as links, no keys, no accounts', async (t) => {
  const base = await temporaryDirectory(t);
  const machine = join(base, 'machine');
  for (const path of ['usr/bin', 'etc/ssl/private', 'etc/ssl/certs', 'lib64'])
    mkdirSync(join(machine, path), { recursive: true });
  symlinkSync('usr/bin', join(machine, 'bin'));
  symlinkSync('/usr/share/zoneinfo/UTC', join(machine, 'etc/localtime'));
  for (const path of ['etc/shadow', 'etc/passwd', 'etc/ld.so.cache', 'etc/ssl/private/key'])
    writeFileSync(join(machine, path), 'secret');
  const node = join(base, 'node');
  writeFileSync(node, '');
  const directory = join(base, 'skeleton');
  const root = hostRoot(directory, { root: machine, node });
  t.deepEqual(hostRoot(directory, { root: machine, node }), root, 'made again, it is the same');
  t.deepEqual(root.binds.map(({ to }) => to).sort(), [
    '/etc/ld.so.cache',
    '/etc/ssl/certs',
    '/lib64',
    '/opt/node/bin/node',
    '/usr',
  ]);
  // What is bound onto is there, of the same kind.
  for (const { from, to } of root.binds)
    t.is(statSync(join(directory, to)).isDirectory(), statSync(from).isDirectory(), to);
  t.is(readlinkSync(join(directory, 'bin')), 'usr/bin');
  t.is(readlinkSync(join(directory, 'etc/localtime')), '/usr/share/zoneinfo/UTC');
  t.notRegex(readFileSync(join(directory, 'etc/passwd'), 'utf8'), /secret/);
  t.false(existsSync(join(directory, 'etc/shadow')));
  t.is(lstatSync(join(directory, 'tmp')).mode & 0o7777, 0o1777);
});

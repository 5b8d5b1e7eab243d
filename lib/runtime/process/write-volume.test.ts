import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { type PlacedContent, writeVolume } from './write-volume.ts';

const files = (content: Readonly<Record<string, string>>, mode = 0o644): PlacedContent => ({
  kind: 'files',
  secret: false,
  files: Object.entries(content).map(([path, text]) => ({ path, bytes: Buffer.from(text), mode })),
});

/** What a program in the container sees. */
const seen = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(path)
      .filter((name) => !name.startsWith('..'))
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  );

test('files are written as the kubelet does it, and replaced whole', async (t) => {
  const path = join(await temporaryDirectory(t), 'volume');
  writeVolume(path, files({ a: '1', b: '2' }, 0o440), null);
  t.deepEqual(seen(path), { a: '1', b: '2' });
  t.is(statSync(join(path, 'a')).mode & 0o777, 0o440);
  t.true(lstatSync(join(path, 'a')).isSymbolicLink());
  const before = readlinkSync(join(path, '..data'));
  writeVolume(path, files({ b: '3', 'deep/er/c': '4' }), null);
  t.is(readFileSync(join(path, 'deep/er/c'), 'utf8'), '4');
  t.is(readFileSync(join(path, 'b'), 'utf8'), '3');
  t.false(existsSync(join(path, 'a')));
  t.not(readlinkSync(join(path, '..data')), before);
  t.false(existsSync(join(path, before)));
  writeVolume(path, files({}), null);
  t.deepEqual(seen(path), {});
});

test('what a write that was cut off left is cleared away', async (t) => {
  const path = join(await temporaryDirectory(t), 'volume');
  writeVolume(path, files({ a: '1' }), null);
  mkdirSync(join(path, '..v2'));
  writeFileSync(join(path, '..v2', 'half'), '');
  symlinkSync('..v2', join(path, '..data.next'));
  t.deepEqual(seen(path), { a: '1' });
  writeVolume(path, files({ a: '2' }), null);
  t.deepEqual(seen(path), { a: '2' });
  t.deepEqual(readdirSync(path).sort(), ['..data', '..v3', 'a']);
});

test('a path out of the volume, or over its own names, is refused', async (t) => {
  const path = join(await temporaryDirectory(t), 'volume');
  for (const bad of ['../x', '/x', 'a/../../x', '..data', '..v1/x', '', 'a//b', './a', 'a\0b']) {
    t.throws(() => writeVolume(path, files({ [bad]: '' }), null), { code: 'DRIVER_FAILED' }, bad);
  }
  t.false(existsSync(path));
});

test('an empty volume keeps what is in it', async (t) => {
  const path = join(await temporaryDirectory(t), 'volume');
  const empty: PlacedContent = { kind: 'empty', memory: false, sizeLimitBytes: null };
  writeVolume(path, empty, null);
  writeFileSync(join(path, 'x'), '');
  writeVolume(path, empty, null);
  t.true(existsSync(join(path, 'x')));
});

test('a host path is a link to it, if it is there', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'volume');
  const to = (target: string, type = 'Directory'): PlacedContent => ({
    kind: 'host-path',
    path: target,
    type,
  });
  writeVolume(path, to(directory), null);
  writeVolume(path, to('/'), null);
  t.is(readlinkSync(path), '/');
  t.throws(() => writeVolume(path, to(join(directory, 'absent')), null), { code: 'DRIVER_FAILED' });
});

import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import anyTest, { type ExecutionContext } from 'ava';
import { type MadeEntry, tarOf } from '../../../testing/made-image.ts';
import { needsRoot } from '../../../testing/needs-root.ts';
import { temporaryDirectory } from '../../../testing/temporary-directory.ts';
import { ImageError, type ImageErrorCode } from '../image-error.ts';
import { sha256Of } from '../manifest/digest.ts';
import { unpackLayer } from './unpack-layer.ts';

const test = needsRoot(['tar', 'unshare', 'mount']) ? anyTest : anyTest.skip;

type Unpacked = { readonly directory: string; readonly outside: string; layers(): readonly string[] };

/** Unpacks layers, lowest first, one over the other. */
async function unpacked(t: ExecutionContext, layers: readonly (readonly MadeEntry[])[]): Promise<Unpacked> {
  const base = await temporaryDirectory(t);
  const outside = join(base, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), 'untouched');
  const made: string[] = [];
  for (const [at, entries] of layers.entries()) {
    const directory = join(base, `layer-${at}`);
    mkdirSync(directory);
    const tar = tarOf(entries);
    await unpackLayer({ source: Readable.from([tar]), diffId: sha256Of(tar), directory, below: [...made] });
    made.push(directory);
  }
  return { directory: made.at(-1) ?? '', outside, layers: () => made };
}

/** What a shell sees in the layers, stacked by overlayfs. */
function seen(layers: readonly string[], script: string): string {
  const mount = `mount -t overlay overlay -o ro,lowerdir=${[...layers].reverse().join(':')} /mnt && cd /mnt && ${script}`;
  const all = layers.length === 1 ? `cd ${layers[0]} && ${script}` : mount;
  const { stdout, stderr, status } = spawnSync('unshare', ['-m', 'sh', '-ec', all], { encoding: 'utf8' });
  return status === 0 ? stdout : `failed: ${stderr}`;
}

const dir = (name: string, more: Partial<MadeEntry> = {}): MadeEntry => ({
  name,
  type: 'directory',
  ...more,
});
const file = (name: string, content = '', more: Partial<MadeEntry> = {}): MadeEntry => ({
  name,
  content,
  ...more,
});
const symlink = (name: string, target: string): MadeEntry => ({ name, type: 'symlink', target });
const hardlink = (name: string, target: string): MadeEntry => ({ name, type: 'hardlink', target });

test('owners, modes, setuid bits, times, links and odd names are kept', async (t) => {
  const long = `${'d'.repeat(120)}/${'f'.repeat(200)}`;
  const { directory } = await unpacked(t, [
    [
      dir('./', { mode: 0o711 }),
      dir('bin/'),
      file('bin/su', 'x', { mode: 0o4755, uid: 0, gid: 7 }),
      file('own', 'y', { mode: 0o640, uid: 1000, gid: 70_000 }),
      hardlink('bin/su2', 'bin/su'),
      symlink('etc', 'bin'),
      symlink('absolute', '/bin/su'),
      { name: 'pipe', type: 'fifo', mode: 0o600 },
      file(long, 'deep'),
      file('caf\xe9', 'latin1'),
      file('line\nfeed', 'odd'),
      file('-rf', 'dash'),
    ],
  ]);
  t.is(lstatSync(directory).mode & 0o7777, 0o711);
  t.like(lstatSync(join(directory, 'bin/su')), { uid: 0, gid: 7, nlink: 2, mtimeMs: 1_600_000_000_000 });
  t.is(lstatSync(join(directory, 'bin/su')).mode & 0o7777, 0o4755);
  t.like(lstatSync(join(directory, 'own')), { uid: 1000, gid: 70_000 });
  t.is(lstatSync(join(directory, 'bin/su2')).ino, lstatSync(join(directory, 'bin/su')).ino);
  t.is(readlinkSync(join(directory, 'absolute')), '/bin/su');
  t.true(lstatSync(join(directory, 'pipe')).isFIFO());
  t.is(readFileSync(join(directory, long), 'utf8'), 'deep');
  const names = readdirSync(directory, { encoding: 'buffer' }).map((name) => name.toString('latin1'));
  for (const name of ['caf\xe9', 'line\nfeed', '-rf']) t.true(names.includes(name));
});

test('what a layer takes away is gone, and a directory it hides shows nothing of those below', async (t) => {
  const { layers } = await unpacked(t, [
    [
      dir('keep/'),
      file('keep/a', 'a'),
      file('keep/b', 'b'),
      dir('gone/'),
      file('gone/x'),
      dir('opaque/'),
      file('opaque/old'),
      file('file'),
    ],
    [
      file('keep/.wh.a'),
      file('.wh.gone'),
      file('opaque/.wh..wh..opq'),
      file('opaque/new', 'n'),
      file('.wh..wh.plnk'),
      file('.wh.never'),
    ],
  ]);
  t.is(seen(layers(), 'find . | sort | tr "\\n" " "'), '. ./file ./keep ./keep/b ./opaque ./opaque/new ');
});

const whiteoutOrders: Readonly<Record<string, readonly MadeEntry[]>> = {
  'the mark first': [file('.wh.d'), dir('d/'), file('d/new')],
  'the mark last': [dir('d/'), file('d/new'), file('.wh.d')],
  'no directory of its own, the mark first': [file('.wh.d'), file('d/new')],
  'no directory of its own, the mark last': [file('d/new'), file('.wh.d')],
  'hidden before it is described': [file('d/.wh..wh..opq'), dir('d/'), file('d/new')],
};
for (const [title, entries] of Object.entries(whiteoutOrders)) {
  test(`a directory taken away and made anew in one layer has what is new only: ${title}`, async (t) => {
    const { layers } = await unpacked(t, [[dir('d/'), file('d/old')], entries]);
    t.is(seen(layers(), 'find . | sort | tr "\\n" " "'), '. ./d ./d/new ');
  });
}

test('a file taken away and made anew in one layer is the new one', async (t) => {
  const { layers } = await unpacked(t, [
    [file('f', 'old'), file('g', 'old')],
    [file('.wh.f'), file('f', 'new'), file('g', 'new'), file('.wh.g')],
  ]);
  t.is(seen(layers(), 'cat f g'), 'newnew');
});

test('a directory that a layer does not describe is as it was below, and lies where links below lead', async (t) => {
  const { directory, layers } = await unpacked(t, [
    [dir('tmp/', { mode: 0o1777, uid: 5, gid: 6 }), dir('usr/'), dir('usr/lib/'), symlink('lib', 'usr/lib')],
    [file('tmp/new'), file('lib/libx.so', 'x')],
  ]);
  t.like(lstatSync(join(directory, 'tmp')), { uid: 5, gid: 6 });
  t.is(lstatSync(join(directory, 'tmp')).mode & 0o7777, 0o1777);
  t.is(seen(layers(), 'readlink lib; cat usr/lib/libx.so'), 'usr/lib\nx');
});

test('devices are left out; capabilities and user attributes stay, marks of overlayfs and of security modules do not', async (t) => {
  const { directory } = await unpacked(t, [
    [
      { name: 'dev/sda', type: 'block', mode: 0o666 },
      { name: 'dev/zero', type: 'character', mode: 0o666 },
      file('ping', 'x', {
        xattrs: {
          'security.capability':
            '\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00',
          'user.note': 'hi',
          'security.selinux': 's0',
        },
      }),
      dir('d/', {
        xattrs: {
          'trusted.overlay.redirect': '/etc',
          'trusted.overlay.opaque': 'y',
          'user.overlay.opaque': 'y',
        },
      }),
    ],
  ]);
  t.deepEqual(readdirSync(directory).sort(), ['d', 'dev', 'ping']);
  t.deepEqual(readdirSync(join(directory, 'dev')), []);
  // GNU tar is what is there to read them back.
  const packed = spawnSync(
    'tar',
    ['--create', '--xattrs', '--xattrs-include=*', '--format=pax', '-C', directory, '.'],
    { encoding: 'latin1' },
  );
  t.deepEqual([...packed.stdout.matchAll(/SCHILY\.xattr\.([a-z.]+)=/g)].map(([, name]) => name).sort(), [
    'security.capability',
    'user.note',
  ]);
});

const packings = {
  plain: (tar: Buffer) => tar,
  gzip: gzipSync,
  zstd: zstdCompressSync,
  'two gzip members': (tar: Buffer) =>
    Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
};
for (const [title, pack] of Object.entries(packings)) {
  test(`a layer packed as ${title}, in small pieces`, async (t) => {
    const directory = await temporaryDirectory(t);
    const tar = tarOf([file('a', 'b'.repeat(5_000)), file('c', 'd')]);
    const packed = pack(tar);
    const pieces = Array.from({ length: Math.ceil(packed.length / 97) }, (_none, at) =>
      packed.subarray(at * 97, at * 97 + 97),
    );
    const bytes = await unpackLayer({
      source: Readable.from(pieces),
      diffId: sha256Of(tar),
      directory,
      below: [],
    });
    t.is(bytes, 5_001);
    t.is(readFileSync(join(directory, 'a'), 'utf8'), 'b'.repeat(5_000));
  });
}

const escapes: Readonly<Record<string, (outside: string) => readonly MadeEntry[]>> = {
  'a name that leads up': () => [file('../outside/precious', 'lost')],
  'a name that leads up in its middle': () => [file('a/../../outside/precious', 'lost')],
  'a directory above the root': () => [dir('..')],
  'a relative link that leads out, and a file through it': () => [
    symlink('out', '../outside'),
    file('out/precious', 'lost'),
  ],
  'links that lead out together': () => [
    dir('a/'),
    symlink('a/up', '..'),
    symlink('out', 'a/up/../outside'),
    file('out/precious', 'lost'),
  ],
  'a hard link to what is outside': () => [hardlink('mine', '../outside/precious')],
  'a hard link through a link that leads out': () => [
    symlink('out', '../outside'),
    hardlink('mine', 'out/precious'),
  ],
  'a hard link to an absolute name outside': (outside) => [hardlink('mine', `${outside}/precious`)],
  'a hard link to what the layer does not have': () => [hardlink('mine', 'nothing')],
  'a hard link to a directory': () => [dir('d/'), hardlink('mine', 'd')],
  'links that go round': () => [symlink('a', 'b'), symlink('b', 'a'), file('a/x', 'lost')],
  'a whiteout of what is above': () => [dir('d/'), file('d/.wh...')],
  'a whiteout of nothing': () => [file('.wh.')],
  'a whiteout of all': () => [file('.wh..wh..opq')],
  'a root that is a file': () => [file('.', 'lost')],
  'a file below a file': () => [file('f', 'x'), file('f/g', 'lost')],
  'a directory that becomes a link': (outside) => [
    dir('d/'),
    file('d/x'),
    symlink('d', outside),
    file('d/precious', 'lost'),
  ],
  'an owner that cannot be': () => [file('f', 'x', { uid: 2 ** 40 })],
  'a name too long for a file system': () => [file('n'.repeat(300), 'x')],
};
for (const [title, entries] of Object.entries(escapes)) {
  test(`refused, and nothing outside is touched: ${title}`, async (t) => {
    const base = await temporaryDirectory(t);
    const [directory, outside] = [join(base, 'layer'), join(base, 'outside')];
    for (const path of [directory, outside]) mkdirSync(path);
    writeFileSync(join(outside, 'precious'), 'untouched');
    const tar = tarOf(entries(outside));
    const error = await t.throwsAsync(
      unpackLayer({ source: Readable.from([tar]), diffId: sha256Of(tar), directory, below: [] }),
      { instanceOf: ImageError },
    );
    t.is(error.imageCode, 'IMAGE_REFUSED', error.message);
    t.deepEqual(readdirSync(outside), ['precious']);
    t.is(readFileSync(join(outside, 'precious'), 'utf8'), 'untouched');
    t.is(lstatSync(join(outside, 'precious')).nlink, 1);
  });
}

const contained: Readonly<
  Record<
    string,
    {
      readonly entries: (outside: string) => readonly MadeEntry[];
      readonly lands: (outside: string) => string;
    }
  >
> = {
  'an absolute name': {
    entries: (outside) => [file(`${outside}/precious`, 'inside')],
    lands: (outside) => `${outside}/precious`,
  },
  'an absolute link, and a file through it': {
    entries: (outside) => [symlink('out', outside), file('out/precious', 'inside')],
    lands: (outside) => `${outside}/precious`,
  },
  'a link to the root, and a file through it': {
    entries: () => [symlink('out', '/'), file('out/precious', 'inside')],
    lands: () => 'precious',
  },
  'a link that a file takes the place of': {
    entries: (outside) => [symlink('precious', `${outside}/precious`), file('precious', 'inside')],
    lands: () => 'precious',
  },
};
for (const [title, { entries, lands }] of Object.entries(contained)) {
  test(`stays inside the layer: ${title}`, async (t) => {
    const base = await temporaryDirectory(t);
    const [directory, outside] = [join(base, 'layer'), join(base, 'outside')];
    for (const path of [directory, outside]) mkdirSync(path);
    writeFileSync(join(outside, 'precious'), 'untouched');
    const tar = tarOf(entries(outside));
    await unpackLayer({ source: Readable.from([tar]), diffId: sha256Of(tar), directory, below: [] });
    t.is(readFileSync(join(outside, 'precious'), 'utf8'), 'untouched');
    t.is(readFileSync(join(directory, lands(outside)), 'utf8'), 'inside');
  });
}

test('a lower layer that links outside leads nowhere', async (t) => {
  const base = await temporaryDirectory(t);
  const outside = join(base, 'outside');
  mkdirSync(join(outside, 'sub'), { recursive: true, mode: 0o700 });
  const lower = [symlink('out', outside)];
  const { directory } = await unpacked(t, [lower, [file('out/sub/new', 'inside')]]);
  t.is(readFileSync(join(directory, outside, 'sub/new'), 'utf8'), 'inside');
  t.deepEqual(readdirSync(join(outside, 'sub')), []);
});

const broken: Readonly<Record<string, { readonly bytes: Buffer; readonly code: ImageErrorCode }>> = {
  'cut in a member': {
    bytes: tarOf([file('a', 'x'.repeat(9_000))]).subarray(0, 3_000),
    code: 'IMAGE_INVALID',
  },
  'no tar file': { bytes: Buffer.from('x'.repeat(2_048)), code: 'IMAGE_INVALID' },
  'a gzip file that is cut': {
    bytes: gzipSync(tarOf([file('a', 'x'.repeat(9_000))])).subarray(0, 40),
    code: 'IMAGE_INVALID',
  },
  'a zstd file that is cut': {
    bytes: zstdCompressSync(tarOf([file('a', 'x'.repeat(9_000))])).subarray(0, 40),
    code: 'IMAGE_INVALID',
  },
};
for (const [title, { bytes, code }] of Object.entries(broken)) {
  test(`a layer that is broken says so: ${title}`, async (t) => {
    const directory = await temporaryDirectory(t);
    const error = await t.throwsAsync(
      unpackLayer({ source: Readable.from([bytes]), diffId: sha256Of(bytes), directory, below: [] }),
      { instanceOf: ImageError },
    );
    t.is(error.imageCode, code, error.message);
  });
}

test('a layer that is another one when unpacked is a lie', async (t) => {
  const directory = await temporaryDirectory(t);
  const error = await t.throwsAsync(
    unpackLayer({
      source: Readable.from([tarOf([file('a')])]),
      diffId: sha256Of('other'),
      directory,
      below: [],
    }),
    { instanceOf: ImageError },
  );
  t.is(error.imageCode, 'IMAGE_LIES');
});

test('layers that GNU tar itself wrote are read as it reads them', async (t) => {
  const base = await temporaryDirectory(t);
  const from = join(base, 'from');
  mkdirSync(join(from, 'a'.repeat(70), 'b'.repeat(70)), { recursive: true });
  writeFileSync(join(from, 'a'.repeat(70), 'b'.repeat(70), 'c'.repeat(70)), 'deep');
  writeFileSync(join(from, 'ümlaut'), 'u');
  for (const format of ['ustar', 'gnu', 'pax', 'oldgnu']) {
    const { stdout } = spawnSync('tar', ['--create', `--format=${format}`, '-C', from, '.'], {
      maxBuffer: 1 << 24,
    });
    const directory = join(base, format);
    mkdirSync(directory);
    await unpackLayer({ source: Readable.from([stdout]), diffId: sha256Of(stdout), directory, below: [] });
    const { stdout: difference, status } = spawnSync('diff', ['-r', from, directory], { encoding: 'utf8' });
    t.is(status, 0, difference);
  }
});

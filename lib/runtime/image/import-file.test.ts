import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import anyTest, { type ExecutionContext } from 'ava';
import { dockerSave, packDirectory, writeLayout } from '../../testing/image-archives.ts';
import { type MadeImage, madeImage, tarOf } from '../../testing/made-image.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { openImageStore } from '../../testing/open-image-store.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { sha256Of } from './manifest/digest.ts';

const test = needsRoot(['tar']) ? anyTest : anyTest.skip;
const image = madeImage([[{ name: 'base', content: 'b' }], [{ name: 'hello', content: 'h' }]]);
const NAME = 'registry.example/team/app:1';

/** Files that hold `image`, each written into a directory of the test's. */
const forms: Readonly<Record<string, (directory: string) => string>> = {
  'the directory of an OCI layout': (directory) => {
    writeLayout(directory, image, NAME);
    return directory;
  },
  'an OCI archive': (directory) => {
    writeLayout(join(directory, 'layout'), image, NAME);
    packDirectory(join(directory, 'layout'), join(directory, 'image.tar'));
    return join(directory, 'image.tar');
  },
  'an OCI archive that is packed': (directory) => {
    writeLayout(join(directory, 'layout'), image, NAME);
    packDirectory(join(directory, 'layout'), join(directory, 'image.tgz'), '--gzip');
    return join(directory, 'image.tgz');
  },
  'what docker save wrote': (directory) => {
    writeFileSync(join(directory, 'image.tar'), dockerSave(image, [NAME]));
    return join(directory, 'image.tar');
  },
  'what docker save wrote, packed': (directory) => {
    writeFileSync(join(directory, 'image.tgz'), gzipSync(dockerSave(image, [NAME])));
    return join(directory, 'image.tgz');
  },
};
for (const [title, write] of Object.entries(forms)) {
  test(`an image comes from ${title}`, async (t) => {
    const { store } = await openImageStore(t);
    const [imported] = await store.importFile(write(await temporaryDirectory(t)));
    t.like(imported, { imageId: image.imageId, names: [NAME] });
    t.true((await store.ensure(NAME, { policy: 'Never' })).ok);
    const root = await store.root(NAME);
    t.deepEqual(
      root.layers.map((layer, at) => readFileSync(join(layer, at === 0 ? 'base' : 'hello'), 'utf8')),
      ['b', 'h'],
    );
  });
}

test('an archive that does not say what its image is called is told it', async (t) => {
  const { store } = await openImageStore(t);
  const directory = await temporaryDirectory(t);
  writeLayout(directory, image, null);
  await t.throwsAsync(store.importFile(directory), { code: 'IMAGE_REFUSED', message: /--name/ });
  t.like((await store.importFile(directory, { name: 'app' }))[0], {
    names: ['docker.io/library/app:latest'],
  });
  t.true((await store.ensure(`app@${image.digest}`, { policy: 'Never' })).ok);
});

const refused: Readonly<
  Record<string, { readonly write: (directory: string) => string; readonly code: string }>
> = {
  'there is no such file': { write: (directory) => join(directory, 'nothing'), code: 'IMAGE_INVALID' },
  'it is something else': {
    write: (directory) => written(directory, tarOf([{ name: 'readme', content: 'x' }])),
    code: 'IMAGE_INVALID',
  },
  'it is no tar file': {
    write: (directory) => written(directory, Buffer.alloc(5_000, 7)),
    code: 'IMAGE_INVALID',
  },
  'it is cut': {
    write: (directory) => written(directory, dockerSave(image, [NAME]).subarray(0, 1_300)),
    code: 'IMAGE_INVALID',
  },
  'a layer is another': { write: (directory) => laidOut(directory, 'layer'), code: 'IMAGE_LIES' },
  'its configuration is another': { write: (directory) => laidOut(directory, 'config'), code: 'IMAGE_LIES' },
  'its manifest is another': { write: (directory) => laidOut(directory, 'manifest'), code: 'IMAGE_LIES' },
  'diff ids lie': {
    write: (directory) =>
      written(directory, dockerSave(madeImage([[{ name: 'x' }]], { diffIds: [sha256Of('y')] }), [NAME])),
    code: 'IMAGE_LIES',
  },
  'it is for another machine': {
    write: (directory) =>
      written(
        directory,
        dockerSave(madeImage([], { platform: { os: 'linux', architecture: 's390x' } }), [NAME]),
      ),
    code: 'IMAGE_REFUSED',
  },
  'a layer leads out': {
    write: (directory) => written(directory, dockerSave(madeImage([[{ name: '../x' }]]), [NAME])),
    code: 'IMAGE_REFUSED',
  },
  'a layer is a link that goes round': {
    write: (directory) =>
      written(
        directory,
        tarOf([
          { name: 'c.json', content: image.config },
          { name: 'a', type: 'symlink', target: 'b' },
          { name: 'b', type: 'symlink', target: 'a' },
          {
            name: 'manifest.json',
            content: JSON.stringify([{ Config: 'c.json', RepoTags: [NAME], Layers: ['a', 'b'] }]),
          },
        ]),
      ),
    code: 'IMAGE_INVALID',
  },
};
for (const [title, { write, code }] of Object.entries(refused)) {
  test(`an archive is refused, and nothing is kept of it: ${title}`, async (t) => {
    const { store } = await openImageStore(t);
    await t.throwsAsync(store.importFile(write(await temporaryDirectory(t))), { code });
    t.deepEqual(await store.list(), []);
  });
}

function written(directory: string, bytes: Buffer): string {
  writeFileSync(join(directory, 'image.tar'), bytes);
  return join(directory, 'image.tar');
}

/** A layout in which one blob is not what it is called. */
function laidOut(directory: string, what: 'layer' | 'config' | 'manifest'): string {
  mkdirSync(directory, { recursive: true });
  const digest = { layer: image.layers[0]?.digest ?? '', config: image.imageId, manifest: image.digest }[
    what
  ];
  const other: MadeImage = madeImage([[{ name: 'other' }]]);
  const bytes = { layer: Buffer.from('x'), config: other.config, manifest: other.manifest }[what];
  writeLayout(directory, { ...image, blobs: new Map([...image.blobs, [digest, bytes]]) }, NAME);
  return directory;
}

test('two names of one image in one archive', async (t: ExecutionContext) => {
  const { store } = await openImageStore(t);
  const path = written(await temporaryDirectory(t), dockerSave(image, ['a:1', 'b:2']));
  t.deepEqual(
    (await store.importFile(path)).map(({ names }) => names),
    [['docker.io/library/a:1', 'docker.io/library/b:2']],
  );
  t.like(await store.remove('a:1'), { removed: false });
  t.like(await store.remove('b:2'), { removed: true });
});

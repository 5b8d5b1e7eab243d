import test from 'ava';
import { minuteMs } from '../../../base/clock.ts';
import { chooseGarbage } from './choose-garbage.ts';
import type { ImageIndex, StoredImage, StoredLayer } from './image-index.ts';

const NOW = 100 * minuteMs;
const layer = (chainId: string, bytes: number): StoredLayer => ({
  chainId,
  diffId: chainId,
  directory: chainId,
  bytes,
  madeAtMs: 0,
  unsyncedBoot: null,
});
const config = { entrypoint: [], cmd: [], env: [], user: '', workingDir: '', stopSignal: null };
const image = (
  imageId: string,
  chainIds: readonly string[],
  over: Partial<StoredImage> = {},
): StoredImage => ({
  ...{ imageId, chainIds, names: [imageId], repoDigests: [], config, madeAtMs: 0, lastUsedAtMs: 0 },
  ...over,
});
const index: ImageIndex = {
  layers: [layer('base', 50), layer('old', 10), layer('new', 10), layer('young', 10)],
  images: [
    image('new', ['base', 'new'], { lastUsedAtMs: 20 * minuteMs }),
    image('old', ['base', 'old'], { lastUsedAtMs: 10 * minuteMs }),
    image('young', ['young'], { madeAtMs: NOW - minuteMs, lastUsedAtMs: 0 }),
  ],
};

const cases: Readonly<
  Record<
    string,
    {
      readonly available: number;
      readonly inUse?: readonly string[];
      readonly images: readonly string[];
      readonly freed: number;
      readonly wanted: number;
    }
  >
> = {
  'below the high mark nothing goes': { available: 160, images: [], freed: 0, wanted: 0 },
  'at the high mark the longest unused goes': {
    available: 150,
    images: ['old', 'new'],
    freed: 70,
    wanted: 50,
  },
  'what is in use stays': { available: 100, inUse: ['old'], images: ['new'], freed: 10, wanted: 100 },
  'a shared layer comes free with the last image that has it': {
    available: 50,
    images: ['old', 'new'],
    freed: 70,
    wanted: 150,
  },
  'a full disk, all in use': {
    available: 0,
    inUse: ['old', 'new', 'young'],
    images: [],
    freed: 0,
    wanted: 200,
  },
};
for (const [title, { available, inUse = [], images, freed, wanted }] of Object.entries(cases)) {
  test(`image garbage: ${title}`, (t) => {
    const disk = { capacityBytes: 1_000, availableBytes: available };
    const choice = chooseGarbage(index, { disk, inUse: new Set(inUse), now: NOW });
    t.deepEqual(
      choice.images.map(({ imageId }) => imageId),
      images,
    );
    t.is(choice.freedBytes, freed);
    t.is(choice.wantedBytes, wanted);
  });
}

test('image garbage: what is young stays until it is two minutes old', (t) => {
  const disk = { capacityBytes: 1_000, availableBytes: 0 };
  const chosen = (now: number): readonly string[] =>
    chooseGarbage(index, { disk, inUse: new Set(), now }).images.map(({ imageId }) => imageId);
  t.false(chosen(NOW).includes('young'));
  t.true(chosen(NOW + minuteMs).includes('young'));
});

test('image garbage: no more goes than is enough', (t) => {
  const two: ImageIndex = {
    layers: [layer('a', 60), layer('b', 60)],
    images: [image('b', ['b'], { lastUsedAtMs: 2 }), image('a', ['a'], { lastUsedAtMs: 1 })],
  };
  const disk = { capacityBytes: 1_000, availableBytes: 150 };
  const { images } = chooseGarbage(two, { disk, inUse: new Set(), now: NOW });
  t.deepEqual(
    images.map(({ imageId }) => imageId),
    ['a'],
  );
});

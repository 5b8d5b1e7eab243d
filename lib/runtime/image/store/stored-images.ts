import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { assertNever, messageOf, WorldError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { Random } from '../../../base/random.ts';
import { removeTree } from '../../../base/remove-tree.ts';
import type { ImageJob, MadeImage, StoreAnswer, StoreQuestion } from '../work/image-job.ts';
import { runImageJob } from '../work/run-image-job.ts';
import {
  emptyIndex,
  type ImageIndex,
  type StoredImage,
  soundIndex,
  unusedLayers,
  withImage,
} from './image-index.ts';
import { indexWriter, readIndex } from './index-file.ts';
import { LayerClaims } from './layer-claims.ts';
import { storeDirectories, sweepDirectories } from './layer-directories.ts';

type Unplaced<T> = T extends unknown ? Omit<T, 'workDirectory'> : never;
export type StoreJob = Unplaced<ImageJob>;

/** Images and layers on disk, and the jobs that make them. */
export type StoredImages = {
  index(): ImageIndex;
  /** Resolves when the disk has it. */
  change(update: (index: ImageIndex) => ImageIndex): Promise<void>;
  /** For what may be lost: it goes to the disk with the next change. */
  remember(index: ImageIndex): void;
  /** Absolute directories, lowest first. */
  layersOf(image: StoredImage): readonly string[];
  /** `onImage` is called for each image once it is in the index; resolves when nothing more is done. ImageError. */
  run(
    job: StoreJob,
    options: { readonly onImage: (image: MadeImage) => void; readonly signal: AbortSignal },
  ): Promise<void>;
  /** Removes layers that no image and no job has and that are as old as that. Returns the bytes they had. */
  removeUnused(olderThanMs: number): Promise<number>;
};

export async function storedImages(options: {
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Promise<StoredImages> {
  const { directory, clock, random, log } = options;
  const directories = await storeDirectories(directory, random);
  const path = join(directory, 'images.json');
  const writer = indexWriter(path);
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const empty = join(directory, 'empty');
  await mkdir(empty, { recursive: true, mode: 0o755 });
  const stored = (await readIndex(path)) ?? emptyIndex;
  let index = soundIndex(stored, { boot, directories: await directories.layerNames() });
  if (index.layers.length < stored.layers.length || index.images.length < stored.images.length)
    log.warn('images-lost', {
      images: stored.images.length - index.images.length,
      layers: stored.layers.length - index.layers.length,
    });
  // CRASH: first nobody may rely on what is about to go.
  await writer.write(index);
  await sweepDirectories(directories, new Set(index.layers.map((layer) => layer.directory)));
  const claims = new LayerClaims();
  let jobs = 0;

  const change: StoredImages['change'] = async (update) => {
    index = update(index);
    await writer.write(index);
  };
  const removed = async (gone: string): Promise<void> => {
    try {
      await removeTree(gone);
    } catch (thrown) {
      // It goes when the store opens the next time.
      log.warn('image-directory-remains', { path: gone, failure: messageOf(thrown) });
    }
  };
  const placeOf = (chainId: string): string | null => {
    const layer = index.layers.find((one) => one.chainId === chainId);
    return layer === undefined ? null : join(directories.layers, layer.directory);
  };

  const answer = async (
    job: number,
    question: StoreQuestion,
    onImage: (image: MadeImage) => void,
  ): Promise<StoreAnswer> => {
    switch (question.ask) {
      case 'which':
        return { have: question.chainIds.filter((chainId) => placeOf(chainId) !== null) };
      case 'claim':
        return claims.claim(job, question.chainId, {
          existing: () => placeOf(question.chainId),
          make: async () => join(directories.layers, await directories.makeLayer()),
        });
      case 'made': {
        const { chainId, diffId, bytes } = question;
        const place = claims.directoryOf(job, chainId);
        if (place === null) throw new WorldError('IMAGE_STORE', `nobody makes ${chainId}`);
        const layer = {
          chainId,
          diffId,
          bytes,
          directory: basename(place),
          madeAtMs: clock.now(),
          unsyncedBoot: boot,
        };
        await change((before) => ({ ...before, layers: [...before.layers, layer] }));
        claims.made(job, chainId);
        return null;
      }
      case 'image':
        await change((before) => withImage(before, question.image, clock.now()));
        claims.letGo(job);
        onImage(question.image);
        return null;
      case 'synced': {
        const synced = new Set(question.chainIds);
        await change((before) => ({
          ...before,
          layers: before.layers.map((layer) =>
            synced.has(layer.chainId) ? { ...layer, unsyncedBoot: null } : layer,
          ),
        }));
        return null;
      }
      default:
        return assertNever(question);
    }
  };

  return {
    index: () => index,
    change,
    remember(next) {
      index = next;
    },
    layersOf({ chainIds }) {
      const places = chainIds.map((chainId) => placeOf(chainId) ?? '');
      return places.length === 0 ? [empty] : places;
    },
    async run(job, { onImage, signal }) {
      jobs += 1;
      const own = jobs;
      const workDirectory = await directories.makeWork();
      try {
        await runImageJob(
          { ...job, workDirectory },
          { clock, signal, answer: (question) => answer(own, question, onImage) },
        );
      } finally {
        for (const unfinished of claims.release(own)) await removed(unfinished);
        await removed(workDirectory);
      }
    },
    async removeUnused(olderThanMs) {
      const now = clock.now();
      const gone = unusedLayers(index).filter(
        ({ chainId, madeAtMs }) => !claims.isHeld(chainId) && now - madeAtMs >= olderThanMs,
      );
      if (gone.length === 0) return 0;
      const names = new Set(gone.map((layer) => layer.directory));
      await change((before) => ({
        ...before,
        layers: before.layers.filter((layer) => !names.has(layer.directory)),
      }));
      for (const name of names) await removed(join(directories.layers, name));
      return gone.reduce((sum, { bytes }) => sum + bytes, 0);
    },
  };
}

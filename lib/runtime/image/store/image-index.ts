import type { EpochMs } from '../../../base/clock.ts';
import { isArray, isObject } from '../../../base/json.ts';
import type { ImageConfig } from '../manifest/image-config.ts';
import type { MadeImage } from '../work/image-job.ts';

/** An image as it is kept. */
export type StoredImage = {
  readonly imageId: string;
  readonly names: readonly string[];
  readonly repoDigests: readonly string[];
  /** Lowest first; each is in `layers`. */
  readonly chainIds: readonly string[];
  readonly config: ImageConfig;
  readonly madeAtMs: EpochMs;
  readonly lastUsedAtMs: EpochMs;
};

export type StoredLayer = {
  readonly chainId: string;
  readonly diffId: string;
  /** Below the store's `layers`: short, for overlayfs takes all of an image's in one page. */
  readonly directory: string;
  readonly bytes: number;
  readonly madeAtMs: EpochMs;
  /** In which run of the machine it was written, as long as the disk has not confirmed to have it; null: it has. */
  readonly unsyncedBoot: string | null;
};

/** All that a store has. What it does not name is not there. */
export type ImageIndex = { readonly images: readonly StoredImage[]; readonly layers: readonly StoredLayer[] };

export const emptyIndex: ImageIndex = { images: [], layers: [] };
const VERSION = 1;

export function formatIndex(index: ImageIndex): string {
  return JSON.stringify({ version: VERSION, ...index });
}

/** Reads what `formatIndex` wrote; null for anything else, of which nothing can be trusted. */
export function parseIndex(text: string): ImageIndex | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || value.version !== VERSION || !isArray(value.images) || !isArray(value.layers))
    return null;
  // We wrote it, whole: its version says in what form.
  return {
    images: value.images.filter(isObject).map((image) => image as StoredImage),
    layers: value.layers.filter(isObject).map((layer) => layer as StoredLayer),
  };
}

/**
 * What can be relied on when a store opens: layers whose directory is there and which the disk has, or which this run of the machine wrote;
 * images that have all their layers.
 */
export function soundIndex(
  index: ImageIndex,
  { boot, directories }: { readonly boot: string; readonly directories: ReadonlySet<string> },
): ImageIndex {
  const layers = index.layers.filter(
    ({ directory, unsyncedBoot }) =>
      directories.has(directory) && (unsyncedBoot === null || unsyncedBoot === boot),
  );
  const known = new Set(layers.map(({ chainId }) => chainId));
  return {
    layers,
    images: index.images.filter(({ chainIds }) => chainIds.every((chainId) => known.has(chainId))),
  };
}

/** The image of that name, digest or id. */
export function findImage(
  { images }: ImageIndex,
  wanted: { readonly name: string; readonly digestName: string | null },
): StoredImage | undefined {
  const { name, digestName } = wanted;
  if (digestName !== null) return images.find(({ repoDigests }) => repoDigests.includes(digestName));
  return images.find(
    ({ imageId, names, repoDigests }) =>
      imageId === name || names.includes(name) || repoDigests.includes(name),
  );
}

/** With an image that was made now. A name means one image: it is taken from whatever had it. */
export function withImage(index: ImageIndex, made: MadeImage, now: EpochMs): ImageIndex {
  const before = index.images.find(({ imageId }) => imageId === made.imageId);
  const image: StoredImage = {
    imageId: made.imageId,
    names: [...new Set([...(before?.names ?? []), ...made.names])],
    repoDigests: [...new Set([...(before?.repoDigests ?? []), ...made.repoDigests])],
    chainIds: made.chainIds,
    config: made.config,
    madeAtMs: before?.madeAtMs ?? now,
    lastUsedAtMs: now,
  };
  const others = index.images
    .filter(({ imageId }) => imageId !== made.imageId)
    .map((other) => ({ ...other, names: other.names.filter((name) => !made.names.includes(name)) }));
  return { ...index, images: [...others, image] };
}

export function withUse(index: ImageIndex, imageIds: ReadonlySet<string>, now: EpochMs): ImageIndex {
  return {
    ...index,
    images: index.images.map((image) =>
      imageIds.has(image.imageId) ? { ...image, lastUsedAtMs: now } : image,
    ),
  };
}

/** Layers that no image has. */
export function unusedLayers({ images, layers }: ImageIndex): readonly StoredLayer[] {
  const used = new Set(images.flatMap(({ chainIds }) => chainIds));
  return layers.filter(({ chainId }) => !used.has(chainId));
}

/** Bytes of all layers of an image, shared ones too. */
export function sizeOf({ layers }: ImageIndex, { chainIds }: Pick<StoredImage, 'chainIds'>): number {
  const sizes = new Map(layers.map(({ chainId, bytes }) => [chainId, bytes]));
  return chainIds.reduce((sum, chainId) => sum + (sizes.get(chainId) ?? 0), 0);
}

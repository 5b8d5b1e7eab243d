import type { EpochMs } from '../../../base/clock.ts';
import { limits, timings } from '../../../base/limits.ts';
import type { ImageIndex, StoredImage } from './image-index.ts';

export type DiskUse = { readonly capacityBytes: number; readonly availableBytes: number };
export type GarbageChoice = {
  /** In this order; layers that nothing else has go with them. */
  readonly images: readonly StoredImage[];
  /** What is to come free. More than the images have, where that is not enough; 0: nothing is amiss. */
  readonly wantedBytes: number;
  readonly freedBytes: number;
};

/**
 * Which images go: none below the high mark of disk use; else those longest unused, until use is down at the low mark. None that is in use,
 * and none so young that its pod may be about to start. Source: kubelet's image garbage collection.
 */
export function chooseGarbage(
  index: ImageIndex,
  {
    disk,
    inUse,
    now,
  }: { readonly disk: DiskUse; readonly inUse: ReadonlySet<string>; readonly now: EpochMs },
): GarbageChoice {
  const { capacityBytes, availableBytes } = disk;
  const usedPercent = capacityBytes === 0 ? 0 : 100 - Math.floor((availableBytes * 100) / capacityBytes);
  if (usedPercent < limits.imageGarbageHighPercent) return { images: [], wantedBytes: 0, freedBytes: 0 };
  const wantedBytes =
    Math.floor((capacityBytes * (100 - limits.imageGarbageLowPercent)) / 100) - availableBytes;
  const holders = new Map<string, number>();
  for (const { chainIds } of index.images)
    for (const chainId of new Set(chainIds)) holders.set(chainId, (holders.get(chainId) ?? 0) + 1);
  const bytesOf = new Map(index.layers.map(({ chainId, bytes }) => [chainId, bytes]));
  const candidates = index.images
    .filter(({ imageId, madeAtMs }) => !inUse.has(imageId) && now - madeAtMs >= timings.imageGarbageAgeMinMs)
    .sort((a, b) => a.lastUsedAtMs - b.lastUsedAtMs || a.madeAtMs - b.madeAtMs);
  const images: StoredImage[] = [];
  let freedBytes = 0;
  for (const image of candidates) {
    if (freedBytes >= wantedBytes) break;
    images.push(image);
    for (const chainId of new Set(image.chainIds)) {
      const left = (holders.get(chainId) ?? 1) - 1;
      holders.set(chainId, left);
      if (left === 0) freedBytes += bytesOf.get(chainId) ?? 0;
    }
  }
  return { images, wantedBytes, freedBytes };
}

import { limits } from '../base/limits.ts';
import { refKey } from '../schema/object.ts';
import type { Blocked } from './plan.ts';
import type { KeyedManifest } from './plan-memory.ts';

/**
 * The blocks with the places of the fields they are about. To find one reads its file once more: after
 * `placedBlocksMax` the others say their file alone.
 */
export function placedBlocks(
  blocks: readonly Blocked[],
  manifests: readonly KeyedManifest[],
): readonly Blocked[] {
  const wanted = new Set(blocks.filter(({ field }) => field !== undefined).map(({ ref }) => refKey(ref)));
  if (wanted.size === 0) return blocks;
  const named = new Map(
    manifests.flatMap(({ key, manifest }) => (wanted.has(key) ? [[key, manifest] as const] : [])),
  );
  let left: number = limits.placedBlocksMax;
  return blocks.map((block): Blocked => {
    const { field, ...rest } = block;
    const manifest = field === undefined ? undefined : named.get(refKey(block.ref));
    if (field === undefined || manifest === undefined) return rest;
    const { path } = manifest;
    if (left <= 0) return { ...rest, path };
    left -= 1;
    return { ...rest, path, position: manifest.locate(field) };
  });
}

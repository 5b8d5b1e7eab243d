import type { Readable } from 'node:stream';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { unpackLayer } from '../layer/unpack-layer.ts';
import { chainIdsOf } from '../manifest/digest.ts';
import type { JobStore } from './image-job.ts';

/** Where one layer's bytes are. */
export type LayerSource = {
  /** Brings them here, checked; called once, before `open`. */
  fetch(): Promise<void>;
  open(): Readable;
  /** They are needed no more. */
  drop(): Promise<void>;
};

/** Makes the layers that the store lacks, lowest first, while those above are being fetched. Returns their chain ids. */
export async function buildLayers(
  store: JobStore,
  { diffIds, layers }: { readonly diffIds: readonly string[]; readonly layers: readonly LayerSource[] },
): Promise<readonly string[]> {
  if (diffIds.length !== layers.length)
    throw new ImageError(
      'IMAGE_INVALID',
      `the image has ${layers.length} layers, and ${diffIds.length} diff ids`,
    );
  const chainIds = chainIdsOf(diffIds);
  const there = await store.which(chainIds);
  const fetched = fetching(layers.filter((_layer, at) => !there.has(chainIds[at] ?? '')));
  const below: string[] = [];
  for (const [at, layer] of layers.entries()) {
    const [chainId = '', diffId = ''] = [chainIds[at], diffIds[at]];
    const { directory, isThere } = await store.claim(chainId);
    if (!isThere) {
      await fetched(layer);
      const bytes = await unpackLayer({ source: layer.open(), diffId, directory, below });
      await store.made({ chainId, diffId, bytes });
      await layer.drop();
    }
    below.push(directory);
  }
  return chainIds;
}

/** Fetches in order, several at a time; what is given back waits for one. */
function fetching(wanted: readonly LayerSource[]): (layer: LayerSource) => Promise<void> {
  const fetches = new Map<LayerSource, Promise<void>>();
  const begun = (layer: LayerSource): Promise<void> => {
    const running = fetches.get(layer) ?? layer.fetch();
    fetches.set(layer, running);
    return running;
  };
  const queue = [...wanted];
  const runner = async (): Promise<void> => {
    for (let layer = queue.shift(); layer !== undefined; layer = queue.shift()) await begun(layer);
  };
  // Whoever waits for the layer hears of its failure; the runner just ends.
  for (let count = 0; count < limits.imageFetchesMax; count += 1) void runner().catch(() => undefined);
  return begun;
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { hostRoot } from '../runtime/image/host/host-root.ts';
import type { ImageConfig, ImageRoot } from '../runtime/image/image-root.ts';
import { unpackLayer } from '../runtime/image/layer/unpack-layer.ts';
import { sha256Of } from '../runtime/image/manifest/digest.ts';
import type { PodImages } from '../runtime/linux/linux-images.ts';
import { type MadeEntry, tarOf } from './made-image.ts';

/** Images for a driver by their names, as a store would give them; `directory` holds their layers. */
export class CraftedImages implements PodImages {
  readonly #directory: string;
  readonly #roots = new Map<string, ImageRoot>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  ensure: PodImages['ensure'] = async (image) =>
    image === 'host' || this.#roots.has(image)
      ? { ok: true, imageId: image }
      : { ok: false, reason: 'ErrImagePull', message: `there is no ${image}` };

  root: PodImages['root'] = async (imageId) => this.#roots.get(imageId) ?? this.#host();

  /** An image of one layer, unpacked as a pulled one is. */
  async add(
    name: string,
    entries: readonly MadeEntry[],
    options: {
      readonly config?: Partial<ImageConfig>;
      /** The layer lies over the machine's programs. */
      readonly overHost?: boolean;
    } = {},
  ): Promise<void> {
    const directory = join(this.#directory, name);
    mkdirSync(directory);
    const tar = tarOf(entries);
    await unpackLayer({ source: Readable.from([tar]), diffId: sha256Of(tar), directory, below: [] });
    const host = this.#host();
    const config = { ...host.config, ...options.config };
    this.#roots.set(
      name,
      options.overHost === true
        ? { ...host, config, layers: [...host.layers, directory] }
        : { kind: 'layers', imageId: name, layers: [directory], config },
    );
  }

  #host(): ReturnType<typeof hostRoot> {
    return hostRoot(join(this.#directory, 'host'));
  }
}

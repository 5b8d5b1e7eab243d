import { hostRoot } from '../image/host/host-root.ts';
import type { ImageStore } from '../image/image-store.ts';
import { isHostImage } from '../process/image-verdict.ts';

/** What this driver asks of a machine's images. */
export type PodImages = Pick<ImageStore, 'ensure' | 'root'>;

/** The image `host` alone, with its skeleton in `directory`: for a trial, and for whoever has no store. */
export function hostImageOnly(directory: string): PodImages {
  return {
    ensure: async (image) =>
      isHostImage(image)
        ? { ok: true, imageId: 'host' }
        : { ok: false, reason: 'ErrImagePull', message: `only the image "host" is here, not ${image}` },
    root: async () => hostRoot(directory),
  };
}

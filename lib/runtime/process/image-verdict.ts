import type { ImageVerdict } from '../driver.ts';

/** `host`, with any tag. */
const HOST_IMAGE = /^host(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/;

export function isHostImage(image: string): boolean {
  return HOST_IMAGE.test(image);
}

/** This driver has no images: `host` stands for the machine's own files, every other one is refused unless told otherwise. */
export function imageVerdict(image: string, assumeHostImages: boolean): ImageVerdict {
  if (isHostImage(image)) return { ok: true, imageId: 'host' };
  if (assumeHostImages) return { ok: true, imageId: `host-assumed/${image}` };
  return {
    ok: false,
    reason: 'ErrImageNeverPull',
    message:
      `The runtime "process" has no images: it runs only the image "host" (this machine's own programs), not ${JSON.stringify(image)}. ` +
      'Start with --assume-host-images to run the command on the files of this machine all the same.',
  };
}

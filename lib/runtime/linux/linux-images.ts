import type { ImageVerdict, PullOptions } from '../driver.ts';
import type { LaunchImage } from './oci/launch-image.ts';

/** What of an image a container's root is made of. */
export type PodImage = {
  readonly imageId: string;
  /** Directories, the lowest first. */
  readonly layers: readonly string[];
  /** What of the machine is shown in it, read-only. */
  readonly binds: readonly { readonly source: string; readonly destination: string }[];
  readonly config: LaunchImage;
};

/** Port: where images come from. */
export type PodImages = {
  ensure(image: string, pullPolicy: string, options?: PullOptions): Promise<ImageVerdict>;
  /** Of an image that was ensured. Throws WorldError. */
  root(imageId: string): Promise<PodImage>;
};

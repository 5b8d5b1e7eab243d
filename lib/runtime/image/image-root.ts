import type { ImageConfig } from './manifest/image-config.ts';

export type { ImageConfig } from './manifest/image-config.ts';

/** What a container's root is made of: an image's layers. */
export type LayeredRoot = {
  readonly kind: 'layers';
  readonly imageId: string;
  /** Absolute directories for overlayfs, lowest first; never written to. An image without layers has one that is empty. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
};

/** The image named `host`: the machine's own programs. */
export type HostRoot = {
  readonly kind: 'host';
  readonly imageId: 'host';
  /** One directory with the few directories, links and files of its own; what `binds` go onto is there. */
  readonly layers: readonly string[];
  /** Of the machine, read-only, with nothing mounted below them, over the root: directories and files. */
  readonly binds: readonly { readonly from: string; readonly to: string }[];
  readonly config: ImageConfig;
};

export type ImageRoot = LayeredRoot | HostRoot;

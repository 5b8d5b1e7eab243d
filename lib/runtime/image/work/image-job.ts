import type { DurationMs } from '../../../base/clock.ts';
import type { ImageConfig } from '../manifest/image-config.ts';
import type { Platform } from '../manifest/platform.ts';
import type { RegistryOptions } from '../registry/registry-options.ts';

/** What a process of its own does for the store: all that costs time. */
export type ImageJob = {
  readonly platform: Platform;
  /** Its own, there and empty; the store removes it afterwards. */
  readonly workDirectory: string;
} & (
  | {
      readonly kind: 'pull';
      readonly image: string;
      readonly dockerConfigs: readonly string[];
      readonly registries: RegistryOptions;
      readonly silenceMs: DurationMs;
    }
  | { readonly kind: 'import'; readonly path: string; readonly name: string | null }
);

/** An image of which all layers are there. */
export type MadeImage = {
  /** Digest of its configuration. */
  readonly imageId: string;
  /** In full, with tag. */
  readonly names: readonly string[];
  /** `registry/repository@sha256:…`. */
  readonly repoDigests: readonly string[];
  readonly chainIds: readonly string[];
  readonly config: ImageConfig;
};

/** What the process asks of the store, one answer each. */
export type StoreQuestion =
  /** Which of these layers are there. */
  | { readonly ask: 'which'; readonly chainIds: readonly string[] }
  /** To have a layer, or the directory to make it in; waits while another job makes it. */
  | { readonly ask: 'claim'; readonly chainId: string }
  | { readonly ask: 'made'; readonly chainId: string; readonly diffId: string; readonly bytes: number }
  | { readonly ask: 'image'; readonly image: MadeImage }
  /** The disk has these layers now, whatever happens to the machine. */
  | { readonly ask: 'synced'; readonly chainIds: readonly string[] };

export type LayerClaim = { readonly directory: string; readonly isThere: boolean };
export type StoreAnswer = { readonly have: readonly string[] } | LayerClaim | null;

/** Messages between the two. */
export type ToWorker =
  | { readonly type: 'job'; readonly job: ImageJob }
  | { readonly type: 'answer'; readonly id: number; readonly answer: StoreAnswer };
export type FromWorker =
  | { readonly type: 'question'; readonly id: number; readonly question: StoreQuestion }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** The store as a job sees it. */
export type JobStore = {
  which(chainIds: readonly string[]): Promise<ReadonlySet<string>>;
  claim(chainId: string): Promise<LayerClaim>;
  made(layer: { readonly chainId: string; readonly diffId: string; readonly bytes: number }): Promise<void>;
  image(image: MadeImage): Promise<void>;
  synced(chainIds: readonly string[]): Promise<void>;
};

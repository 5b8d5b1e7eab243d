import { readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, DurationMs, EpochMs, Timer } from '../../base/clock.ts';
import { messageOf, UserError, WorldError } from '../../base/errors.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { ImageVerdict } from '../driver.ts';
import { isHostImage } from '../process/image-verdict.ts';
import { hostRoot } from './host/host-root.ts';
import { formatImageReference, type ImageReference, parseImageReference } from './image-reference.ts';
import type { HostRoot, ImageRoot } from './image-root.ts';
import { sha256Of } from './manifest/digest.ts';
import { machinePlatform, type Platform } from './manifest/platform.ts';
import type { RegistryOptions } from './registry/registry-options.ts';
import { chooseGarbage, type DiskUse } from './store/choose-garbage.ts';
import { findImage, type ImageIndex, type StoredImage, sizeOf, withUse } from './store/image-index.ts';
import { type StoredImages, storedImages } from './store/stored-images.ts';
import { turns } from './store/turns.ts';
import type { MadeImage } from './work/image-job.ts';

export type ImageStoreOptions = {
  /** Its own: `<data directory>/images`. One process at a time: whoever holds the data directory's lock. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: {
    readonly registries: RegistryOptions;
    /** The machine's owner's docker configuration, read for every pull; null: none. */
    readonly dockerConfigPath: string | null;
    /** Unset: this machine's. */
    readonly platform?: Platform;
    /** A registry that says nothing for so long is down. Unset: timings.registrySilenceMs. */
    readonly silenceMs?: DurationMs;
  };
  /** Images that containers have, by name, digest or id. Unset: none. */
  readonly inUse?: () => Promise<ReadonlySet<string>>;
  /** Unset: the disk's own. */
  readonly diskUse?: () => Promise<DiskUse>;
};

export type ListedImage = {
  readonly imageId: string;
  readonly names: readonly string[];
  readonly repoDigests: readonly string[];
  /** All its layers, shared ones too. */
  readonly sizeBytes: number;
  readonly madeAtMs: EpochMs;
  readonly lastUsedAtMs: EpochMs;
};

export type EnsureOptions = {
  /** Always, IfNotPresent, Never; anything else is IfNotPresent. */
  readonly policy: string;
  /** Texts of docker configurations, tried before the owner's. */
  readonly credentials?: readonly string[];
};

/** The images of this machine: pulled, imported, shared by layers, removed when the disk is full. */
export interface ImageStore {
  open(): Promise<void>;
  /** Ends pulls under way. */
  close(): Promise<void>;
  /**
   * Makes sure that an image is there, pulling it if the policy says so; many callers of one image share a pull. The verdict's id is what
   * `root` takes and pod status tells: `registry/repository@sha256:…`, or the configuration's digest of an image with no such name.
   */
  ensure(image: string, options: EnsureOptions): Promise<ImageVerdict>;
  /** By id or name. WorldError IMAGE_NOT_FOUND. */
  root(image: string): Promise<ImageRoot>;
  list(): Promise<readonly ListedImage[]>;
  /** An OCI archive, an OCI layout's directory, or what `docker save` wrote. `name`: for an archive that has none. ImageError. */
  importFile(path: string, options?: { readonly name?: string | null }): Promise<readonly ListedImage[]>;
  /** Takes a name away, and the image with its last one. UserError IMAGE_NOT_FOUND, IMAGE_IN_USE, INVALID_IMAGE_NAME. */
  remove(name: string): Promise<{ readonly removed: boolean; readonly freedBytes: number }>;
  /** Removes images when the disk is full, down to where it is not. Done by itself from time to time. */
  collectGarbage(): Promise<{ readonly removed: readonly string[]; readonly freedBytes: number }>;
}

export function imageStore(options: ImageStoreOptions): ImageStore {
  return new Store(options);
}

type Opened = {
  readonly stored: StoredImages;
  readonly ending: AbortController;
  readonly jobs: Set<Promise<void>>;
};

class Store implements ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #pulls = new Map<string, Promise<ImageVerdict>>();
  readonly #turns = turns({ atOnce: limits.imagePullsMax, waitingMax: limits.imagePullsWaitingMax });
  #opening: Promise<void> | null = null;
  #opened: Opened | null = null;
  #host: HostRoot | null = null;
  #timer: Timer | null = null;

  constructor(options: ImageStoreOptions) {
    this.#options = options;
  }

  open(): Promise<void> {
    this.#opening ??= this.#begin();
    return this.#opening;
  }

  async #begin(): Promise<void> {
    try {
      const stored = await storedImages(this.#options);
      this.#opened = { stored, ending: new AbortController(), jobs: new Set() };
      this.#schedule();
    } catch (thrown) {
      this.#opening = null;
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    this.#opening = null;
    const opened = this.#opened;
    this.#opened = null;
    this.#timer?.cancel();
    opened?.ending.abort();
    await Promise.allSettled(opened?.jobs ?? []);
    await opened?.stored.change((index) => index);
  }

  async ensure(image: string, { policy, credentials = [] }: EnsureOptions): Promise<ImageVerdict> {
    if (isHostImage(image)) return { ok: true, imageId: 'host', pulled: null };
    const parsed = parseImageReference(image);
    if (!parsed.ok) {
      const message = `Failed to apply default image tag ${JSON.stringify(image)}: ${parsed.problem}`;
      return { ok: false, reason: 'InvalidImageName', message };
    }
    const { reference } = parsed;
    const present = policy === 'Always' ? undefined : findReference(this.#open().stored.index(), reference);
    if (present !== undefined) {
      await this.#use(present);
      return { ok: true, imageId: idOf(present, reference), pulled: null };
    }
    if (policy === 'Never') {
      const message = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`;
      return { ok: false, reason: 'ErrImageNeverPull', message };
    }
    // What a login gets is nobody else's: only those with the same one share a pull.
    const key = sha256Of(JSON.stringify([formatImageReference(reference), credentials]));
    const running =
      this.#pulls.get(key) ?? this.#pull(reference, credentials).finally(() => this.#pulls.delete(key));
    this.#pulls.set(key, running);
    return running;
  }

  async root(image: string): Promise<ImageRoot> {
    const { stored } = this.#open();
    if (isHostImage(image)) {
      this.#host ??= hostRoot(join(this.#options.directory, 'host'));
      return this.#host;
    }
    const found = find(stored.index(), image);
    if (found === undefined)
      throw new WorldError('IMAGE_NOT_FOUND', `there is no image ${image} on this machine`);
    await this.#use(found);
    return { kind: 'layers', imageId: found.imageId, layers: stored.layersOf(found), config: found.config };
  }

  async list(): Promise<readonly ListedImage[]> {
    const index = this.#open().stored.index();
    return index.images.map((image) => listed(index, image));
  }

  async importFile(
    path: string,
    { name = null }: { readonly name?: string | null } = {},
  ): Promise<readonly ListedImage[]> {
    const made: MadeImage[] = [];
    const platform = this.#platform();
    await this.#job({ kind: 'import', path, name, platform }, (image) => made.push(image));
    const index = this.#open().stored.index();
    const ids = new Set(made.map(({ imageId }) => imageId));
    return index.images.filter(({ imageId }) => ids.has(imageId)).map((image) => listed(index, image));
  }

  async remove(name: string): Promise<{ readonly removed: boolean; readonly freedBytes: number }> {
    const { stored } = this.#open();
    const found = find(stored.index(), name);
    if (found === undefined)
      throw new UserError('IMAGE_NOT_FOUND', `there is no image ${name} on this machine`);
    const parsed = parseImageReference(name);
    const full = parsed.ok ? formatImageReference(parsed.reference) : name;
    const names = found.names.filter((one) => one !== full);
    if (names.length > 0 && names.length < found.names.length) {
      await stored.change((index) =>
        withImages(index, (image) => (image.imageId === found.imageId ? { ...image, names } : image)),
      );
      return { removed: false, freedBytes: 0 };
    }
    if ((await this.#inUse()).has(found.imageId))
      throw new UserError('IMAGE_IN_USE', `containers use ${name}`);
    return { removed: true, freedBytes: await this.#removeImages([found]) };
  }

  async collectGarbage(): Promise<{ readonly removed: readonly string[]; readonly freedBytes: number }> {
    const { stored } = this.#open();
    const disk = await this.#diskUse();
    const now = this.#options.clock.now();
    const inUse = await this.#inUse();
    await stored.change((index) => withUse(index, inUse, now));
    const { images, wantedBytes } = chooseGarbage(stored.index(), { disk, inUse, now });
    // What a pull that failed left is for its next try, unless the disk has no room for such things.
    const unusedBytes = await stored.removeUnused(
      wantedBytes > 0 ? timings.imageGarbageAgeMinMs : timings.imageUnusedLayerMs,
    );
    const freedBytes = unusedBytes + (images.length === 0 ? 0 : await this.#removeImages(images));
    const removed = images.map(({ imageId, names }) => names[0] ?? imageId);
    if (removed.length > 0)
      this.#options.log.info('images-removed', { images: removed, freedBytes, wantedBytes });
    if (freedBytes < wantedBytes) this.#options.log.warn('image-garbage-short', { freedBytes, wantedBytes });
    return { removed, freedBytes };
  }

  async #pull(reference: ImageReference, credentials: readonly string[]): Promise<ImageVerdict> {
    const { registries, silenceMs = timings.registrySilenceMs } = this.#options.settings;
    const image = formatImageReference(reference);
    const platform = this.#platform();
    const beganAtMs = this.#options.clock.now();
    try {
      const dockerConfigs = [...credentials, ...(await this.#ownConfig())];
      const made = Promise.withResolvers<MadeImage>();
      const job = this.#job(
        { kind: 'pull', image, dockerConfigs, registries, platform, silenceMs },
        made.resolve,
      );
      // Its end comes after the image, if it comes to that: the disk is still taking it in.
      job.catch(made.reject);
      const { imageId } = await made.promise;
      const index = this.#open().stored.index();
      const stored = index.images.find((one) => one.imageId === imageId);
      const durationMs = this.#options.clock.now() - beganAtMs;
      if (stored === undefined) return { ok: true, imageId, pulled: { durationMs, sizeBytes: 0 } };
      const pulled = { durationMs, sizeBytes: sizeOf(index, stored) };
      return { ok: true, imageId: idOf(stored, reference), pulled };
    } catch (thrown) {
      if (!(thrown instanceof WorldError)) throw thrown;
      const message = `failed to pull image ${JSON.stringify(image)}: ${thrown.message}`;
      return { ok: false, reason: 'ErrImagePull', message };
    }
  }

  async #job(job: Parameters<StoredImages['run']>[0], onImage: (image: MadeImage) => void): Promise<void> {
    const { stored, ending, jobs } = this.#open();
    const running = this.#turns.take(() => stored.run(job, { onImage, signal: ending.signal }));
    jobs.add(running);
    try {
      await running;
    } finally {
      jobs.delete(running);
    }
  }

  /** CRASH: the index says first that they are gone; their directories go when the store opens, if not now. */
  async #removeImages(images: readonly StoredImage[]): Promise<number> {
    const { stored } = this.#open();
    const gone = new Set(images.map(({ imageId }) => imageId));
    await stored.change((index) => ({
      ...index,
      images: index.images.filter(({ imageId }) => !gone.has(imageId)),
    }));
    return stored.removeUnused(0);
  }

  async #use({ imageId }: StoredImage): Promise<void> {
    const { stored } = this.#open();
    const now = this.#options.clock.now();
    const index = withUse(stored.index(), new Set([imageId]), now);
    // The time of use is not worth a write of its own: it goes with the next one.
    stored.remember(index);
  }

  async #inUse(): Promise<ReadonlySet<string>> {
    const names = (await this.#options.inUse?.()) ?? new Set();
    const index = this.#open().stored.index();
    return new Set([...names].flatMap((name) => find(index, name)?.imageId ?? []));
  }

  async #ownConfig(): Promise<readonly string[]> {
    const { dockerConfigPath } = this.#options.settings;
    if (dockerConfigPath === null) return [];
    try {
      if ((await stat(dockerConfigPath)).size > limits.dockerConfigBytesMax) return [];
      return [await readFile(dockerConfigPath, 'utf8')];
    } catch {
      // Most machines have none.
      return [];
    }
  }

  async #diskUse(): Promise<DiskUse> {
    if (this.#options.diskUse !== undefined) return this.#options.diskUse();
    const { bsize, blocks, bavail, bfree } = await statfs(this.#options.directory);
    // What only root may take is neither used nor there.
    return { capacityBytes: (blocks - bfree + bavail) * bsize, availableBytes: bavail * bsize };
  }

  #schedule(): void {
    const { clock, log } = this.#options;
    this.#timer = clock.setTimer(timings.imageGarbagePeriodMs, () => {
      this.collectGarbage()
        .catch((thrown: unknown) => {
          if (!(thrown instanceof WorldError || (thrown instanceof Error && 'syscall' in thrown)))
            throw thrown;
          log.warn('image-garbage-failed', { failure: messageOf(thrown) });
        })
        .finally(() => {
          if (this.#opened !== null) this.#schedule();
        });
    });
  }

  #platform(): Platform {
    return this.#options.settings.platform ?? machinePlatform();
  }

  #open(): Opened {
    if (this.#opened === null) throw new WorldError('IMAGES_CLOSED', 'the store of images is closed');
    return this.#opened;
  }
}

function findReference(index: ImageIndex, reference: ImageReference): StoredImage | undefined {
  const { registry, repository, digest } = reference;
  const digestName = digest === null ? null : `${registry}/${repository}@${digest}`;
  return findImage(index, { name: formatImageReference(reference), digestName });
}

/** By what a person or a pod's status calls it. */
function find(index: ImageIndex, image: string): StoredImage | undefined {
  const parsed = parseImageReference(image);
  return (
    findImage(index, { name: image, digestName: null }) ??
    (parsed.ok ? findReference(index, parsed.reference) : undefined)
  );
}

/** As pod status tells it: by the repository it was asked from, where it has a digest there. */
function idOf({ imageId, repoDigests }: StoredImage, { registry, repository }: ImageReference): string {
  const own = repoDigests.filter((name) => name.startsWith(`${registry}/${repository}@`));
  return own.at(-1) ?? repoDigests.at(-1) ?? imageId;
}

function withImages(index: ImageIndex, change: (image: StoredImage) => StoredImage): ImageIndex {
  return { ...index, images: index.images.map(change) };
}

function listed(index: ImageIndex, image: StoredImage): ListedImage {
  const { imageId, names, repoDigests, madeAtMs, lastUsedAtMs } = image;
  return { imageId, names, repoDigests, sizeBytes: sizeOf(index, image), madeAtMs, lastUsedAtMs };
}

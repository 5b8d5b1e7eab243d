import { isArray, isObject, type JsonValue } from '../../../base/json.ts';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { type ImageReference, parseImageReference } from '../image-reference.ts';
import { checkDigest, sha256Of } from '../manifest/digest.ts';
import { type ParsedConfig, parseImageConfig } from '../manifest/image-config.ts';
import { type PlatformDescriptor, parseDocument, parseManifest } from '../manifest/image-manifest.ts';
import { choosePlatform, formatPlatform, type Platform, runsOn } from '../manifest/platform.ts';
import type { ImageArchive } from './image-archive.ts';

/** One image of an archive, its documents read and checked. */
export type ArchivedImage = {
  readonly imageId: string;
  readonly parsed: ParsedConfig;
  readonly references: readonly ImageReference[];
  /** Of its manifest or index; null where the archive has neither. */
  readonly digest: string | null;
  readonly layers: readonly { readonly member: string; readonly digest: string | null }[];
};

/** The images an archive has for this machine. ImageError IMAGE_INVALID, IMAGE_LIES, IMAGE_REFUSED. */
export async function archivedImages(
  archive: ImageArchive,
  platform: Platform,
): Promise<readonly ArchivedImage[]> {
  const index = await archive.read('index.json');
  const images = index === null ? await dockerImages(archive) : await layoutImages(archive, index, platform);
  const fitting = images.filter(({ parsed }) => runsOn(parsed.platform, platform));
  if (fitting.length === 0)
    throw new ImageError('IMAGE_REFUSED', `the archive has no image for ${formatPlatform(platform)}`);
  return fitting;
}

const blobOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

async function readBlob(archive: ImageArchive, digest: string): Promise<Buffer> {
  const bytes = await archive.read(blobOf(digest));
  if (bytes === null) throw new ImageError('IMAGE_INVALID', `the archive lacks ${digest}`);
  checkDigest(bytes, digest, 'a blob of the archive');
  return bytes;
}

async function layoutImages(
  archive: ImageArchive,
  index: Buffer,
  platform: Platform,
): Promise<readonly ArchivedImage[]> {
  const top = parseManifest(index);
  if (top.kind !== 'index') throw new ImageError('IMAGE_INVALID', 'index.json of the archive is no index');
  const images: ArchivedImage[] = [];
  for (const descriptor of top.manifests) {
    const found = await layoutImage(archive, descriptor, platform);
    if (found !== null) images.push(found);
  }
  return images;
}

async function layoutImage(
  archive: ImageArchive,
  { digest, platform: said, annotations }: PlatformDescriptor,
  platform: Platform,
): Promise<ArchivedImage | null> {
  if (!runsOn(said, platform)) return null;
  let manifest = parseManifest(await readBlob(archive, digest));
  if (manifest.kind === 'index') {
    const chosen =
      manifest.manifests[
        choosePlatform(
          manifest.manifests.map((one) => one.platform),
          platform,
        )
      ];
    if (chosen === undefined) return null;
    manifest = parseManifest(await readBlob(archive, chosen.digest));
  }
  if (manifest.kind === 'index')
    throw new ImageError('IMAGE_INVALID', 'an index of the archive names another index');
  const { config, layers } = manifest;
  // containerd's annotation has the name in full; OCI's may be a tag alone, which names nothing.
  const full =
    annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'] ?? '';
  return {
    imageId: config.digest,
    parsed: parseImageConfig(await readBlob(archive, config.digest)),
    references: full.includes('/') || full.includes(':') ? referencesOf([full]) : [],
    digest,
    layers: layers.map((layer) => ({ member: blobOf(layer.digest), digest: layer.digest })),
  };
}

/** `docker save`: manifest.json, in which digests are file names at most. The configuration's own is what the image is called by. */
async function dockerImages(archive: ImageArchive): Promise<readonly ArchivedImage[]> {
  const bytes = await archive.read('manifest.json');
  if (bytes === null)
    throw new ImageError(
      'IMAGE_INVALID',
      'this is no OCI archive, no OCI layout and nothing that docker save wrote',
    );
  const { list } = parseDocument(
    Buffer.concat([Buffer.from('{"list":'), bytes, Buffer.from('}')]),
    'manifest.json',
  );
  if (!isArray(list) || list.length > limits.imageIndexManifestsMax)
    throw new ImageError('IMAGE_INVALID', 'manifest.json of the archive is no list');
  const images: ArchivedImage[] = [];
  for (const entry of list) {
    const { Config: config, RepoTags: tags, Layers: layers } = isObject(entry) ? entry : {};
    if (typeof config !== 'string' || !isArray(layers) || layers.length > limits.imageLayersMax)
      throw new ImageError('IMAGE_INVALID', 'manifest.json of the archive is incomplete');
    const document = await archive.read(config);
    if (document === null) throw new ImageError('IMAGE_INVALID', 'the archive lacks its configuration');
    images.push({
      imageId: sha256Of(document),
      parsed: parseImageConfig(document),
      references: referencesOf(textsOf(tags)),
      digest: null,
      layers: textsOf(layers).map((member) => ({ member, digest: null })),
    });
  }
  return images;
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function referencesOf(names: readonly string[]): readonly ImageReference[] {
  return names.flatMap((name) => {
    const parsed = parseImageReference(name);
    return parsed.ok ? [parsed.reference] : [];
  });
}

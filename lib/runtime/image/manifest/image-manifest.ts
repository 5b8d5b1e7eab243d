import { isArray, isObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { isDigest } from './digest.ts';
import type { Platform } from './platform.ts';

export type Descriptor = { readonly mediaType: string; readonly digest: string; readonly sizeBytes: number };
export type PlatformDescriptor = Descriptor & {
  readonly platform: Platform;
  readonly annotations: Readonly<Record<string, string>>;
};

export type ParsedManifest =
  | { readonly kind: 'index'; readonly manifests: readonly PlatformDescriptor[] }
  | { readonly kind: 'manifest'; readonly config: Descriptor; readonly layers: readonly Descriptor[] };

/** What we understand, as an Accept header: OCI's, and Docker's second schema. */
export const manifestMediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

const LAYER_TYPES = new Set(
  ['', '+gzip', '+zstd']
    .flatMap((suffix) => [
      `application/vnd.oci.image.layer.v1.tar${suffix}`,
      `application/vnd.oci.image.layer.nondistributable.v1.tar${suffix}`,
    ])
    .concat(
      'application/vnd.docker.image.rootfs.diff.tar',
      'application/vnd.docker.image.rootfs.diff.tar.gzip',
      'application/vnd.docker.image.rootfs.diff.tar.zstd',
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    ),
);

/** Reads a manifest or an index from what its digest has been checked of. ImageError IMAGE_INVALID, IMAGE_REFUSED. */
export function parseManifest(bytes: Uint8Array): ParsedManifest {
  const document = parseDocument(bytes, 'the manifest');
  if (document.schemaVersion === 1)
    throw new ImageError(
      'IMAGE_REFUSED',
      'the manifest has the first schema of Docker, which has no digests to check; push it anew',
    );
  // What both kinds claim to be can be read as either by different programs: it is nothing to us.
  if (isArray(document.manifests) && (document.layers !== undefined || document.config !== undefined))
    throw new ImageError('IMAGE_INVALID', 'the manifest claims to be an index, too');
  if (isArray(document.manifests)) return { kind: 'index', manifests: platformsOf(document.manifests) };
  if (!isArray(document.layers)) throw new ImageError('IMAGE_INVALID', 'the manifest has no layers');
  if (document.layers.length > limits.imageLayersMax)
    throw new ImageError(
      'IMAGE_REFUSED',
      `the image has ${document.layers.length} layers; at most ${limits.imageLayersMax} can be stacked`,
    );
  const layers = document.layers.map((layer) => descriptorOf(layer, 'a layer'));
  const strange = layers.find(({ mediaType }) => !LAYER_TYPES.has(mediaType));
  if (strange !== undefined)
    throw new ImageError(
      'IMAGE_REFUSED',
      `a layer of the image is ${JSON.stringify(strange.mediaType.slice(0, 100))}: not a file system`,
    );
  return { kind: 'manifest', config: descriptorOf(document.config, 'the configuration'), layers };
}

/** JSON of an image, within its bound; an object. */
export function parseDocument(bytes: Uint8Array, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new ImageError('IMAGE_INVALID', `${what} is not JSON`);
  }
  if (!isObject(value)) throw new ImageError('IMAGE_INVALID', `${what} is not a JSON object`);
  return value;
}

function platformsOf(manifests: readonly JsonValue[]): readonly PlatformDescriptor[] {
  if (manifests.length > limits.imageIndexManifestsMax)
    throw new ImageError('IMAGE_REFUSED', `the index has ${manifests.length} manifests`);
  return manifests.map((entry) => {
    const descriptor = descriptorOf(entry, 'a manifest of the index');
    const { platform, annotations } = isObject(entry) ? entry : {};
    const said = isObject(platform) ? platform : {};
    return {
      ...descriptor,
      platform: {
        os: textOf(said.os),
        architecture: textOf(said.architecture),
        variant: textOf(said.variant),
      },
      annotations: textsOf(annotations),
    };
  });
}

function descriptorOf(value: JsonValue | undefined, what: string): Descriptor {
  const { mediaType, digest, size } = isObject(value) ? value : {};
  if (typeof digest !== 'string' || !isDigest(digest))
    throw new ImageError('IMAGE_INVALID', `${what} has no digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new ImageError('IMAGE_INVALID', `${what} has no size`);
  if (size > limits.imageBlobBytesMax) throw new ImageError('IMAGE_REFUSED', `${what} has ${size} bytes`);
  return { mediaType: textOf(mediaType), digest, sizeBytes: size };
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

function textsOf(value: JsonValue | undefined): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
  );
}

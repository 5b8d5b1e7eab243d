import { gzipSync, zstdCompressSync } from 'node:zlib';
import { paddingOf, type TarEntry } from '../runtime/image/layer/tar-entry.ts';
import { formatTarEntry, tarEnd } from '../runtime/image/layer/write-tar.ts';
import { sha256Of } from '../runtime/image/manifest/digest.ts';
import { machinePlatform } from '../runtime/image/manifest/platform.ts';

/** A member of a layer, as a test writes it. */
export type MadeEntry = Partial<Omit<TarEntry, 'sizeBytes' | 'xattrs'>> & {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly xattrs?: Readonly<Record<string, string>>;
};

export function tarOf(entries: readonly MadeEntry[]): Buffer {
  const parts = entries.flatMap(({ content = '', xattrs = {}, ...entry }) => {
    const bytes = Buffer.from(content);
    const header = formatTarEntry({
      ...{
        type: 'file',
        mode: entry.type === 'directory' ? 0o755 : 0o644,
        uid: 0,
        gid: 0,
        mtimeSeconds: 1_600_000_000,
        target: '',
      },
      ...entry,
      sizeBytes: bytes.length,
      xattrs: new Map(Object.entries(xattrs).map(([name, value]) => [name, Buffer.from(value, 'latin1')])),
    });
    return [header, bytes, Buffer.alloc(paddingOf(bytes.length))];
  });
  return Buffer.concat([...parts, tarEnd]);
}

export type LayerPacking = 'plain' | 'gzip' | 'zstd';

/** An image in memory: every blob by its digest, and its documents. */
export type MadeImage = {
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly config: Buffer;
  readonly manifest: Buffer;
  readonly manifestType: string;
  readonly digest: string;
  readonly imageId: string;
  readonly layers: readonly { readonly digest: string; readonly diffId: string; readonly tar: Buffer }[];
};

const SUFFIX = { plain: '', gzip: '+gzip', zstd: '+zstd' } as const;

export function madeImage(
  layers: readonly (readonly MadeEntry[] | Buffer)[],
  options: {
    readonly packing?: LayerPacking;
    readonly docker?: boolean;
    readonly config?: Readonly<Record<string, unknown>>;
    readonly platform?: { readonly os: string; readonly architecture: string };
    /** Instead of the true ones. */
    readonly diffIds?: readonly string[];
  } = {},
): MadeImage {
  const { packing = 'gzip', docker = false, platform = machinePlatform() } = options;
  const blobs = new Map<string, Buffer>();
  const made = layers.map((layer) => {
    const tar = Buffer.isBuffer(layer) ? layer : tarOf(layer);
    const blob = packing === 'plain' ? tar : packing === 'gzip' ? gzipSync(tar) : zstdCompressSync(tar);
    const digest = sha256Of(blob);
    blobs.set(digest, blob);
    return { tar, digest, diffId: sha256Of(tar), bytes: blob.length };
  });
  const config = Buffer.from(
    JSON.stringify({
      os: platform.os,
      architecture: platform.architecture,
      config: { Cmd: ['/hello'], Env: ['PATH=/bin'], ...options.config },
      rootfs: { type: 'layers', diff_ids: options.diffIds ?? made.map(({ diffId }) => diffId) },
    }),
  );
  const imageId = sha256Of(config);
  blobs.set(imageId, config);
  const manifestType = docker
    ? 'application/vnd.docker.distribution.manifest.v2+json'
    : 'application/vnd.oci.image.manifest.v1+json';
  const layerType = docker
    ? 'application/vnd.docker.image.rootfs.diff.tar.gzip'
    : `application/vnd.oci.image.layer.v1.tar${SUFFIX[packing]}`;
  const configType = docker
    ? 'application/vnd.docker.container.image.v1+json'
    : 'application/vnd.oci.image.config.v1+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: configType, digest: imageId, size: config.length },
      layers: made.map(({ digest, bytes }) => ({ mediaType: layerType, digest, size: bytes })),
    }),
  );
  const digest = sha256Of(manifest);
  blobs.set(digest, manifest);
  return { blobs, config, manifest, manifestType, digest, imageId, layers: made };
}

/** An index of images by platform, `linux/arm64/v8`. */
export function madeIndex(images: readonly (readonly [platform: string, image: MadeImage])[]): {
  readonly bytes: Buffer;
  readonly digest: string;
} {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: images.map(([platform, { manifest, manifestType, digest }]) => {
        const [os, architecture, variant] = platform.split('/');
        return {
          mediaType: manifestType,
          digest,
          size: manifest.length,
          platform: { os, architecture, variant },
        };
      }),
    }),
  );
  return { bytes, digest: sha256Of(bytes) };
}

import { statfs } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { checkHash, hashFor } from '../manifest/digest.ts';
import { belowLayers } from './below-layers.ts';
import { decompressed } from './decompressed.ts';
import { LayerTree } from './layer-tree.ts';
import { readTar } from './read-tar.ts';
import { tarChild } from './tar-child.ts';
import { paddingOf } from './tar-entry.ts';
import { formatTarEntry, tarEnd } from './write-tar.ts';

/** How much is written between two looks at the disk. */
const LOOK_BYTES = 16 * 1024 * 1024;
/** Small members are gathered: a write to a pipe costs more than a copy. */
const GATHER_BYTES = 64 * 1024;

/**
 * Unpacks one layer into `directory`, which is there and empty, over the layers below it (lowest first), and checks that it was
 * `diffId`. Returns the bytes of its files. What a failure leaves in `directory` is the caller's to remove.
 * ImageError IMAGE_LIES, IMAGE_INVALID, IMAGE_REFUSED, IMAGE_DISK.
 */
export async function unpackLayer(layer: {
  readonly source: Readable;
  readonly diffId: string;
  readonly directory: string;
  readonly below: readonly string[];
}): Promise<number> {
  const hash = hashFor(layer.diffId);
  const tree = new LayerTree(belowLayers(layer.below));
  const tar = tarChild(layer.directory);
  const pen = gathering((bytes) => tar.write(bytes));
  const disk = diskGuard(layer.directory);
  let bytes = 0;
  try {
    for await (const { entry, content } of readTar(counted(decompressed(layer.source), hash))) {
      const placed = tree.place(entry);
      for (const implied of placed.before) await pen.write(formatTarEntry(implied));
      if (placed.entry === null) continue;
      await pen.write(formatTarEntry(placed.entry));
      if (placed.entry.type !== 'file') continue;
      for await (const part of content) {
        await disk.grow(part.length);
        await pen.write(part);
      }
      await pen.write(Buffer.alloc(paddingOf(entry.sizeBytes)));
      bytes += entry.sizeBytes;
    }
    checkHash(hash, layer.diffId, 'a layer, unpacked,');
    await pen.write(tarEnd);
    await pen.flush();
    await tar.end();
    return bytes;
  } catch (thrown) {
    layer.source.destroy();
    await tar.kill();
    throw thrown;
  }
}

async function* counted(
  source: AsyncIterable<Buffer>,
  hash: ReturnType<typeof hashFor>,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limits.imageLayerBytesMax)
      throw new ImageError(
        'IMAGE_REFUSED',
        `a layer has more than ${limits.imageLayerBytesMax} bytes when unpacked`,
      );
    hash.update(chunk);
    yield chunk;
  }
}

function gathering(send: (bytes: Buffer) => Promise<void>): {
  write(bytes: Buffer): Promise<void>;
  flush(): Promise<void>;
} {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const flush = async (): Promise<void> => {
    if (heldBytes === 0) return;
    const bytes = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    await send(bytes);
  };
  return {
    async write(bytes) {
      if (bytes.length === 0) return;
      held.push(bytes);
      heldBytes += bytes.length;
      if (heldBytes >= GATHER_BYTES) await flush();
    },
    flush,
  };
}

/** Stops before the last of the disk is taken: the machine's other programs, and ours, need some. */
function diskGuard(directory: string): { grow(bytes: number): Promise<void> } {
  let unseen = LOOK_BYTES;
  return {
    async grow(bytes) {
      unseen += bytes;
      if (unseen < LOOK_BYTES) return;
      unseen = 0;
      const { bsize, blocks, bavail } = await statfs(directory);
      const reserve = Math.min(limits.imageDiskReserveBytesMax, blocks * bsize * limits.imageDiskReservePart);
      if (bavail * bsize < reserve)
        throw new ImageError('IMAGE_DISK', 'no space is left on the disk of images');
    },
  };
}

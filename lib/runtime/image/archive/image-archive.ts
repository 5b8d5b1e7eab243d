import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { decompressed } from '../layer/decompressed.ts';
import { readTar } from '../layer/read-tar.ts';

/** Files that hold images: a directory, or a tar file read at its places. */
export type ImageArchive = {
  /** Whole and small: null when there is none. */
  read(name: string): Promise<Buffer | null>;
  /** null when there is none. */
  stream(name: string): Readable | null;
};

type Place = { readonly offsetBytes: number; readonly sizeBytes: number };

/** Opens an OCI layout (a directory, or a tar file of one) or what `docker save` wrote, packed or not. ImageError. */
export async function openArchive(path: string, workDirectory: string): Promise<ImageArchive> {
  try {
    if ((await stat(path)).isDirectory()) return directoryArchive(path);
    return await fileArchive(
      (await isPacked(path)) ? await unpacked(path, join(workDirectory, 'archive.tar')) : path,
    );
  } catch (thrown) {
    if (thrown instanceof ImageError) throw thrown;
    const missing = codeOf(thrown) === 'ENOENT';
    throw new ImageError(
      'IMAGE_INVALID',
      missing ? `there is no ${path}` : `${path} cannot be read: ${messageOf(thrown)}`,
      thrown,
    );
  }
}

/** Names come from digests and constants only: none leads out. */
function directoryArchive(directory: string): ImageArchive {
  return {
    async read(name) {
      const path = join(directory, name);
      const size = await stat(path).then(
        (stats) => stats.size,
        () => null,
      );
      if (size === null) return null;
      checkDocument(name, size);
      return readFile(path);
    },
    stream: (name) => createReadStream(join(directory, name)),
  };
}

async function fileArchive(path: string): Promise<ImageArchive> {
  const places = await placesIn(path);
  const placeOf = (name: string): Place | null => {
    let at = name;
    // `docker save` of old wrote a layer once, and links to it.
    for (let links = 0; links < limits.imageSymlinksMax; links += 1) {
      const found = places.get(at);
      if (found === undefined) return null;
      if (typeof found !== 'string') return found;
      at = found;
    }
    return null;
  };
  const stream = (name: string): Readable | null => {
    const place = placeOf(name);
    if (place === null) return null;
    if (place.sizeBytes === 0) return Readable.from([]);
    return createReadStream(path, { start: place.offsetBytes, end: place.offsetBytes + place.sizeBytes - 1 });
  };
  return {
    async read(name) {
      const place = placeOf(name);
      if (place === null) return null;
      checkDocument(name, place.sizeBytes);
      const file = await open(path);
      try {
        const bytes = Buffer.alloc(place.sizeBytes);
        await file.read(bytes, 0, place.sizeBytes, place.offsetBytes);
        return bytes;
      } finally {
        await file.close();
      }
    },
    stream,
  };
}

async function placesIn(path: string): Promise<ReadonlyMap<string, Place | string>> {
  const places = new Map<string, Place | string>();
  const source = createReadStream(path, { highWaterMark: 1024 * 1024 });
  for await (const { entry, offsetBytes } of readTar(source as AsyncIterable<Buffer>)) {
    if (places.size > limits.imageArchiveMembersMax)
      throw new ImageError(
        'IMAGE_REFUSED',
        `the archive has more than ${limits.imageArchiveMembersMax} members`,
      );
    const name = normalised(entry.name);
    if (entry.type === 'file') places.set(name, { offsetBytes, sizeBytes: entry.sizeBytes });
    else if (entry.type === 'hardlink') places.set(name, normalised(entry.target));
    else if (entry.type === 'symlink') places.set(name, normalised(`${name}/../${entry.target}`));
  }
  return places;
}

function normalised(name: string): string {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function checkDocument(name: string, bytes: number): void {
  if (bytes > limits.imageDocumentBytesMax)
    throw new ImageError('IMAGE_REFUSED', `${name} of the archive has ${bytes} bytes`);
}

async function isPacked(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(4);
    const { bytesRead } = await file.read(head, 0, 4, 0);
    return bytesRead === 4 && (head.readUInt16BE(0) === 0x1f8b || head.readUInt32LE(0) === 0xfd2fb528);
  } finally {
    await file.close();
  }
}

/** Places can be read in what is not packed only. */
async function unpacked(path: string, to: string): Promise<string> {
  let bytes = 0;
  const bounded = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of decompressed(createReadStream(path))) {
      bytes += chunk.length;
      if (bytes > limits.imageLayerBytesMax)
        throw new ImageError('IMAGE_REFUSED', 'the archive is too large');
      yield chunk;
    }
  };
  await pipeline(bounded(), createWriteStream(to, { flags: 'wx', mode: 0o600 }));
  return to;
}

import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { ByteReader } from './byte-reader.ts';
import { parsePaxRecords } from './pax-records.ts';
import { paddingOf, TAR_BLOCK_BYTES, type TarEntry, type TarType } from './tar-entry.ts';
import { parseTarHeader, type TarHeader } from './tar-header.ts';

export type ReadEntry = {
  readonly entry: TarEntry;
  /** Its content, to be taken before the next member is asked for; what is left of it is passed over. */
  readonly content: AsyncIterable<Buffer>;
  /** Where its content begins in the file. */
  readonly offsetBytes: number;
};

const TYPES: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
};
/** Where star, GNU tar and all who make layers write extended attributes. */
const XATTR_PREFIX = 'SCHILY.xattr.';

/**
 * Members of a tar file: ustar, pax and GNU's long names. The file ends with its first block of zeros, or where it ends; the rest is
 * read, for whoever checks its digest. ImageError IMAGE_INVALID; IMAGE_REFUSED for sparse files and kinds that no file system has.
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<ReadEntry> {
  const reader = new ByteReader(source);
  let offsetBytes = 0;
  let globals: ReadonlyMap<string, string> = new Map();
  let extended: ReadonlyMap<string, string> = new Map();
  let entries = 0;
  for (;;) {
    const block = await reader.read(TAR_BLOCK_BYTES);
    const header = block === null ? null : parseTarHeader(block);
    offsetBytes += TAR_BLOCK_BYTES;
    if (header === null) break;
    entries += 1;
    if (entries > limits.imageLayerEntriesMax)
      throw new ImageError(
        'IMAGE_REFUSED',
        `the tar file has more than ${limits.imageLayerEntriesMax} members`,
      );
    if (header.sizeBytes < 0)
      throw new ImageError('IMAGE_INVALID', 'a member of the tar file has a negative size');
    if ('xgLK'.includes(header.typeFlag)) {
      const bytes = await extendedBytes(reader, header);
      offsetBytes += header.sizeBytes + paddingOf(header.sizeBytes);
      if (header.typeFlag === 'g') globals = new Map([...globals, ...parsePaxRecords(bytes)]);
      else if (header.typeFlag === 'x') extended = new Map([...extended, ...parsePaxRecords(bytes)]);
      else
        extended = new Map([...extended, [header.typeFlag === 'L' ? 'path' : 'linkpath', longText(bytes)]]);
      continue;
    }
    const entry = entryOf(header, new Map([...globals, ...extended]));
    extended = new Map();
    let taken = 0;
    const content = async function* (): AsyncGenerator<Buffer> {
      for await (const part of reader.take(entry.sizeBytes - taken)) {
        taken += part.length;
        yield part;
      }
    };
    yield { entry, content: content(), offsetBytes };
    for await (const part of reader.take(entry.sizeBytes - taken)) taken += part.length;
    await reader.read(paddingOf(entry.sizeBytes));
    offsetBytes += entry.sizeBytes + paddingOf(entry.sizeBytes);
  }
  await reader.drain();
}

async function extendedBytes(reader: ByteReader, { sizeBytes }: TarHeader): Promise<Buffer> {
  if (sizeBytes > limits.imageTarHeaderBytesMax)
    throw new ImageError('IMAGE_REFUSED', `an extended header of the tar file has ${sizeBytes} bytes`);
  const bytes = await reader.read(sizeBytes);
  await reader.read(paddingOf(sizeBytes));
  return bytes ?? Buffer.alloc(0);
}

function longText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

function entryOf(header: TarHeader, records: ReadonlyMap<string, string>): TarEntry {
  const type = TYPES[header.typeFlag];
  if (type === undefined || [...records.keys()].some((key) => key.startsWith('GNU.sparse.')))
    throw new ImageError(
      'IMAGE_REFUSED',
      `a member of the tar file has the type ${JSON.stringify(header.typeFlag)}, or is sparse: no layer needs that`,
    );
  const name = records.get('path') ?? header.name;
  // Before ustar there was no type for directories.
  const isDirectory =
    type === 'directory' || (type === 'file' && header.typeFlag !== '7' && name.endsWith('/'));
  const sizeBytes = numberFrom(records.get('size')) ?? header.sizeBytes;
  const xattrs = new Map<string, Buffer>();
  for (const [key, value] of records) {
    if (key.startsWith(XATTR_PREFIX))
      xattrs.set(key.slice(XATTR_PREFIX.length), Buffer.from(value, 'latin1'));
  }
  return {
    name,
    type: isDirectory ? 'directory' : type,
    mode: header.mode,
    uid: numberFrom(records.get('uid')) ?? header.uid,
    gid: numberFrom(records.get('gid')) ?? header.gid,
    // A link has no content, whatever its size field says; a device neither.
    sizeBytes: type === 'file' ? naturalOf(sizeBytes) : 0,
    mtimeSeconds: Math.floor(numberFrom(records.get('mtime')) ?? header.mtimeSeconds),
    target: records.get('linkpath') ?? header.target,
    xattrs,
  };
}

function naturalOf(bytes: number): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw new ImageError('IMAGE_INVALID', 'a member of the tar file has an impossible size');
  return bytes;
}

function numberFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^-?\d{1,16}(\.\d{1,20})?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new ImageError(
      'IMAGE_INVALID',
      'an extended header of the tar file has no number where one is due',
    );
  return value;
}

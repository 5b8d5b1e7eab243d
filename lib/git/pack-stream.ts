import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { InvariantError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { nextTurn } from '../base/turn.ts';
import type { NewObject } from './engine.ts';
import type { ObjectFormat, ObjectType } from './object-id.ts';

/** Source: gitformat-pack(5). */
const TYPE_NUMBERS: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
/** What zlib adds to content that it cannot make smaller, where the content is small. */
const OVERHEAD_BYTES = 128;
const CHUNK_BYTES_MAX = 64 * 1024;

/**
 * A pack of whole objects (no deltas), version 2, as `git unpack-objects` and `git index-pack` read it. Of many objects only
 * `packedPerTurn` are compressed at a stretch.
 */
export async function packStream(objects: readonly NewObject[], format: ObjectFormat): Promise<Buffer> {
  if (objects.length > 0xffffffff) throw new InvariantError('a pack counts its objects in 32 bits');
  const header = Buffer.alloc(12);
  header.write('PACK', 0, 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const parts: Buffer[] = [header];
  for (const [at, { type, bytes }] of objects.entries()) {
    if (at > 0 && at % limits.packedPerTurn === 0) await nextTurn();
    // zlib's answer is a view of its chunk: of its default chunks ten thousand small objects would hold 160 MB.
    const chunkSize = Math.min(CHUNK_BYTES_MAX, bytes.length + OVERHEAD_BYTES);
    parts.push(entryHeader(TYPE_NUMBERS[type], bytes.length), deflateSync(bytes, { chunkSize }));
  }
  const hash = createHash(format);
  for (const part of parts) hash.update(part);
  return Buffer.concat([...parts, hash.digest()]);
}

/** Type in three bits, then the size: four bits, and seven more a byte while the top bit is set. */
function entryHeader(type: number, sizeBytes: number): Buffer {
  const bytes: number[] = [];
  let low = (type << 4) | (sizeBytes & 0x0f);
  for (let rest = Math.floor(sizeBytes / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(low | 0x80);
    low = rest & 0x7f;
  }
  bytes.push(low);
  return Buffer.from(bytes);
}

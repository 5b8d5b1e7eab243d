import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { InvariantError } from '../base/errors.ts';
import type { NewObject } from './engine.ts';
import type { ObjectFormat, ObjectType } from './object-id.ts';

/** Source: gitformat-pack(5). */
const TYPE_NUMBERS: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** A pack of whole objects (no deltas), version 2, as `git unpack-objects` and `git index-pack` read it. */
export function packStream(objects: readonly NewObject[], format: ObjectFormat): Buffer {
  if (objects.length > 0xffffffff) throw new InvariantError('a pack counts its objects in 32 bits');
  const header = Buffer.alloc(12);
  header.write('PACK', 0, 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const body = objects.flatMap((object) => [
    entryHeader(TYPE_NUMBERS[object.type], object.bytes.length),
    deflateSync(object.bytes),
  ]);
  const pack = Buffer.concat([header, ...body]);
  return Buffer.concat([pack, createHash(format).update(pack).digest()]);
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

import { ImageError } from '../image-error.ts';
import { TAR_BLOCK_BYTES } from './tar-entry.ts';

/** One 512-byte header, before what extended headers say. */
export type TarHeader = {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly typeFlag: string;
  readonly target: string;
};

const invalid = (why: string): ImageError =>
  new ImageError('IMAGE_INVALID', `the tar file is broken: ${why}`);

/** Reads a header block; null: a block of zeros, with which the file ends. ImageError IMAGE_INVALID. */
export function parseTarHeader(block: Buffer): TarHeader | null {
  if (block.every((byte) => byte === 0)) return null;
  let sum = 0;
  for (let at = 0; at < TAR_BLOCK_BYTES; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  if (numberAt(block, 148, 8) !== sum) throw invalid('a header has a wrong checksum');
  // GNU tar's own form has times where ustar has the name's beginning.
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? textAt(block, 345, 155) : '';
  const name = textAt(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: numberAt(block, 100, 8) & 0o7777,
    uid: numberAt(block, 108, 8),
    gid: numberAt(block, 116, 8),
    sizeBytes: numberAt(block, 124, 12),
    mtimeSeconds: numberAt(block, 136, 12),
    typeFlag: String.fromCharCode(block[156] ?? 0),
    target: textAt(block, 157, 100),
  };
}

function textAt(block: Buffer, from: number, length: number): string {
  const end = block.indexOf(0, from);
  return block.toString('latin1', from, end < 0 || end > from + length ? from + length : end);
}

/** Octal digits, or with the first bit set a number of base 256. */
function numberAt(block: Buffer, from: number, length: number): number {
  const first = block[from] ?? 0;
  if ((first & 0x80) === 0) {
    const digits = textAt(block, from, length).trim();
    if (!/^[0-7]*$/.test(digits)) throw invalid('a header has no number where one is due');
    return digits === '' ? 0 : Number.parseInt(digits, 8);
  }
  let value = first === 0xff ? -1 : first & 0x7f;
  for (let at = from + 1; at < from + length; at += 1) value = value * 256 + (block[at] ?? 0);
  if (!Number.isSafeInteger(value)) throw invalid('a header has a number too large');
  return value;
}

/** A header block in GNU tar's form. Names and targets of more than 100 bytes are cut: a long-name member goes before. */
export function formatTarHeader(header: TarHeader): Buffer {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  block.write(header.name, 0, 100, 'latin1');
  writeNumber(block, header.mode, { at: 100, length: 8 });
  writeNumber(block, header.uid, { at: 108, length: 8 });
  writeNumber(block, header.gid, { at: 116, length: 8 });
  writeNumber(block, header.sizeBytes, { at: 124, length: 12 });
  writeNumber(block, header.mtimeSeconds, { at: 136, length: 12 });
  block.write('        ', 148, 'latin1');
  block.write(header.typeFlag, 156, 'latin1');
  block.write(header.target, 157, 100, 'latin1');
  block.write('ustar  \0', 257, 'latin1');
  // The device's numbers: 0, 0 is overlayfs' mark of what is gone, and there are no others.
  block.write('0000000\x000000000\0', 329, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function writeNumber(
  block: Buffer,
  value: number,
  { at, length }: { readonly at: number; readonly length: number },
): void {
  const digits = value < 0 ? '' : value.toString(8);
  if (value >= 0 && digits.length < length) {
    block.write(`${digits.padStart(length - 1, '0')}\0`, at, 'latin1');
    return;
  }
  let rest = value;
  for (let byte = at + length - 1; byte > at; byte -= 1) {
    block[byte] = ((rest % 256) + 256) % 256;
    rest = Math.floor(rest / 256);
  }
  block[at] = value < 0 ? 0xff : 0x80;
}

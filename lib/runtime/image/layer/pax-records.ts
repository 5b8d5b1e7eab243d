import { ImageError } from '../image-error.ts';

/**
 * Records of a pax header, `<length> <key>=<value>\n` each, as latin1 texts. Later ones of a key win. ImageError IMAGE_INVALID.
 * Source: POSIX pax, extended header.
 */
export function parsePaxRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? '' : bytes.toString('latin1', at, Math.min(space, at + 12));
    const length = /^\d{1,10}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const record = bytes.toString('latin1', space + 1, end - 1);
    const equals = record.indexOf('=');
    if (length === 0 || end > bytes.length || space >= end || bytes[end - 1] !== 0x0a || equals < 1)
      throw new ImageError('IMAGE_INVALID', 'an extended header of the tar file is broken');
    found.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return found;
}

/** The other way: values are bytes. */
export function formatPaxRecords(records: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  for (const [key, value] of records) {
    const bare = Buffer.byteLength(key, 'latin1') + value.length + 3;
    // The length counts its own digits.
    let length = bare + String(bare).length;
    length = bare + String(length).length;
    parts.push(Buffer.from(`${length} ${key}=`, 'latin1'), value, Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

/** Of zlib: deflate with the smallest window, no dictionary. */
const ZLIB_HEADER = Buffer.from([0x78, 0x01]);
const STORED_BYTES_MAX = 0xffff;

/**
 * One side's header blocks of a connection as a zlib stream that is stored, not packed: what we send is twenty bytes, and a packer
 * costs 260 KiB of memory for each connection. Source: RFC 1950, RFC 1951 3.2.4.
 */
export function storedBlocks(): (bytes: Buffer) => Buffer {
  let begun = false;
  return (bytes) => {
    const parts: Buffer[] = begun ? [] : [ZLIB_HEADER];
    begun = true;
    for (let from = 0; from === 0 || from < bytes.length; from += STORED_BYTES_MAX) {
      const piece = bytes.subarray(from, from + STORED_BYTES_MAX);
      const header = Buffer.alloc(5);
      header.writeUInt16LE(piece.length, 1);
      header.writeUInt16LE(piece.length ^ 0xffff, 3);
      parts.push(header, piece);
    }
    return Buffer.concat(parts);
  };
}

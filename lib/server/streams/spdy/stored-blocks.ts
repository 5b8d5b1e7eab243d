/** Of zlib: deflate with the smallest window, no dictionary. */
const ZLIB_HEADER = Buffer.from([0x78, 0x01]);
const STORED_BYTES_MAX = 0xffff;
/** Ends each block of headers: Go's reader gives out nothing before it. */
const FLUSH = stored(Buffer.alloc(0));

/**
 * One side's header blocks of a connection as a zlib stream that is stored, not packed: what we send is twenty bytes, and a packer
 * costs 260 KiB of memory for each connection. Source: RFC 1950, RFC 1951 3.2.4.
 */
export function storedBlocks(): (bytes: Buffer) => Buffer {
  let begun = false;
  return (bytes) => {
    const parts: Buffer[] = begun ? [] : [ZLIB_HEADER];
    begun = true;
    for (let from = 0; from < bytes.length; from += STORED_BYTES_MAX) {
      parts.push(stored(bytes.subarray(from, from + STORED_BYTES_MAX)));
    }
    return Buffer.concat([...parts, FLUSH]);
  };
}

function stored(bytes: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(bytes.length, 1);
  header.writeUInt16LE(bytes.length ^ 0xffff, 3);
  return Buffer.concat([header, bytes]);
}

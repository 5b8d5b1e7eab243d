import { formatPaxRecords } from './pax-records.ts';
import { paddingOf, TAR_BLOCK_BYTES, type TarEntry, typeFlags } from './tar-entry.ts';
import { formatTarHeader, type TarHeader } from './tar-header.ts';

const NAME_BYTES = 100;

/** The headers of one member, in the form GNU tar reads bytes in unchanged: long names apart, attributes as pax records. */
export function formatTarEntry(entry: TarEntry): Buffer {
  const parts: Buffer[] = [];
  if (entry.xattrs.size > 0) {
    const records = new Map([...entry.xattrs].map(([name, value]) => [`SCHILY.xattr.${name}`, value]));
    parts.push(extended('x', formatPaxRecords(records)));
  }
  if (entry.target.length >= NAME_BYTES)
    parts.push(extended('K', Buffer.from(`${entry.target}\0`, 'latin1')));
  if (entry.name.length >= NAME_BYTES) parts.push(extended('L', Buffer.from(`${entry.name}\0`, 'latin1')));
  const { mode, uid, gid, sizeBytes, mtimeSeconds } = entry;
  const name = entry.name.slice(0, NAME_BYTES);
  const target = entry.target.slice(0, NAME_BYTES);
  const typeFlag = typeFlags[entry.type];
  parts.push(formatTarHeader({ name, target, mode, uid, gid, sizeBytes, mtimeSeconds, typeFlag }));
  return Buffer.concat(parts);
}

/** What ends a tar file. */
export const tarEnd: Buffer = Buffer.alloc(2 * TAR_BLOCK_BYTES);

function extended(typeFlag: 'x' | 'K' | 'L', content: Buffer): Buffer {
  const header: TarHeader = {
    ...{ name: '././@LongLink', mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 0, target: '' },
    sizeBytes: content.length,
    typeFlag,
  };
  return Buffer.concat([formatTarHeader(header), content, Buffer.alloc(paddingOf(content.length))]);
}

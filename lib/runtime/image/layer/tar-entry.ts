/** Kinds of members of a tar file that a file system has. */
export const tarTypes = ['file', 'hardlink', 'symlink', 'character', 'block', 'directory', 'fifo'] as const;
export type TarType = (typeof tarTypes)[number];

/** One member, without its content. Names and targets are bytes, as latin1 texts: file names need not be UTF-8. */
export type TarEntry = {
  readonly name: string;
  readonly type: TarType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 of all but files. */
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  /** Target of links; '' of others. */
  readonly target: string;
  readonly xattrs: ReadonlyMap<string, Buffer>;
};

export const TAR_BLOCK_BYTES = 512;

/** Bytes after content, up to the next block. */
export function paddingOf(sizeBytes: number): number {
  return (TAR_BLOCK_BYTES - (sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

/** Type bytes of headers. Source: POSIX pax, ustar interchange format. */
export const typeFlags: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

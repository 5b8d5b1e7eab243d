import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';

/** Linux: names the file without opening it; the same number on all architectures that Node runs on. */
const O_PATH = 0o10000000;

/**
 * The end of a file that a container wrote, as text: the last `bytesMax` bytes. '' when there is none, when it is no plain file, or
 * when a link leads out of `directory`, or when it is not `user`'s (a hard link): we may be root, and the container chose the path.
 */
export function readTermination(
  path: string,
  {
    directory,
    user,
    bytesMax,
  }: { readonly directory: string; readonly user: number | null; readonly bytesMax: number },
): string {
  let fd: number;
  try {
    // Not opened before it is known what it is: opening a device does things.
    fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch {
    // Not there, or no path at all: it is what the manifest says, and last words are not worth an error.
    return '';
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || (user !== null && stat.uid !== user)) return '';
    const found = `/proc/self/fd/${fd}`;
    if (!readlinkSync(found).startsWith(`${directory}/`)) return '';
    return readEnd(found, bytesMax);
  } finally {
    closeSync(fd);
  }
}

function readEnd(path: string, bytesMax: number): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, bytesMax));
    const read = readSync(fd, bytes, 0, bytes.length, Math.max(0, size - bytes.length));
    return bytes.subarray(0, read).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

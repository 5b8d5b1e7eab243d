import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { codeOf } from '../../base/errors.ts';

/**
 * The end of a file that a container wrote, as text: the last `bytesMax` bytes. '' when there is none, when it is no plain file, or
 * when a link leads out of `directory` (we may be root, and the container chose what the path is).
 */
export function readTermination(path: string, directory: string, bytesMax: number): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR' || code === 'EACCES' || code === 'ENXIO')
      return '';
    throw thrown;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || !readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${directory}/`)) return '';
    const bytes = Buffer.alloc(Math.min(stat.size, bytesMax));
    const read = readSync(fd, bytes, 0, bytes.length, Math.max(0, stat.size - bytes.length));
    return bytes.subarray(0, read).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

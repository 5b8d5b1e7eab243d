import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { release } from 'node:os';
import { codeOf, WorldError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SeccompChoice } from '../container-security.ts';
import { type LocalhostProfile, localhostProfilePath } from './oci/seccomp-choice.ts';
import { openBeneath } from './volume/open-beneath.ts';

/**
 * The seccomp profile that a container names, from the machine's directory of them; null where it names none. No link leads out of the
 * directory, and what is no file, or too large, is not there.
 */
export function readLocalhostProfile(
  choice: SeccompChoice | undefined,
  directory: string,
): LocalhostProfile | null {
  if (choice?.type !== 'Localhost') return null;
  const path = localhostProfilePath(choice);
  const text = path.ok ? textBeneath(directory, path.value) : null;
  return { text, directory, kernelRelease: release() };
}

function textBeneath(directory: string, path: string): string | null {
  let found: number;
  try {
    found = openBeneath(directory, path, null).fd;
  } catch (thrown) {
    const absent = ['ENOENT', 'ENOTDIR'].includes(String(codeOf(thrown)));
    if (absent || (thrown instanceof WorldError && thrown.code === 'DRIVER_FAILED')) return null;
    throw thrown;
  }
  try {
    const stat = fstatSync(found);
    if (!stat.isFile()) return null;
    const opened = openSync(`/proc/self/fd/${found}`, constants.O_RDONLY);
    try {
      // One more than there may be: whoever reads it sees that it is too long.
      const buffer = Buffer.alloc(Math.min(stat.size, limits.seccompProfileCharsMax + 1));
      return buffer.subarray(0, readSync(opened, buffer, 0, buffer.length, 0)).toString('utf8');
    } finally {
      closeSync(opened);
    }
  } finally {
    closeSync(found);
  }
}

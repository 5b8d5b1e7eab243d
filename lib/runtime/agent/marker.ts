import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** In the environment of every process of a container, whatever group or session it went to. */
export const MARKER = 'PINTLE_CONTAINER';

/**
 * `<digest of the pods' directory>.<container id>`: two daemons with data directories of their own never take each other's
 * processes for theirs.
 */
export function markerValue(root: string, id: string): string {
  return `${createHash('sha256').update(root).digest('hex').slice(0, 12)}.${id}`;
}

/** The marker in a process's environment; null when it has none, or its environment is not ours to read. */
export function markerOf(pid: number): string | null {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
    const at = environment.indexOf(`\0${MARKER}=`);
    if (at < 0) return null;
    const from = at + MARKER.length + 2;
    const end = environment.indexOf('\0', from);
    return environment.slice(from, end < 0 ? undefined : end);
  } catch {
    // It ended, or is another user's and we are not root.
    return null;
  }
}

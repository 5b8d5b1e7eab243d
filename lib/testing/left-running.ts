import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { markerOf, markerValue } from '../runtime/agent/marker.ts';
import { containerIdOf } from '../runtime/driver.ts';

/** What is in a daemon's data directory and on the machine, looked at from outside, whether or not the daemon runs. */

export type FoundRun = { readonly id: string; readonly directory: string };

/** Every run of a container that has files. */
export function foundRuns(dataDirectory: string): readonly FoundRun[] {
  const root = join(dataDirectory, 'pods');
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((podUid) => {
    const containers = join(root, podUid, 'containers');
    if (!existsSync(containers)) return [];
    return readdirSync(containers).map((name) => {
      const dot = name.lastIndexOf('.');
      const id = containerIdOf(podUid, name.slice(0, dot), Number(name.slice(dot + 1)));
      return { id, directory: join(containers, name) };
    });
  });
}

/** Process ids of each container of this data directory that has any (its keeper's too), by container id. */
export function processesByRun(dataDirectory: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  const pods = join(dataDirectory, 'pods');
  // Pods that had all of a place of their own take their directory along.
  const prefix = markerValue(existsSync(pods) ? realpathSync(pods) : pods, '');
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    const marker = markerOf(pid);
    if (marker?.startsWith(prefix) !== true) continue;
    const id = marker.slice(prefix.length);
    found.set(id, [...(found.get(id) ?? []), pid]);
  }
  return found;
}

export function textOf(run: FoundRun, file: string): string {
  const path = join(run.directory, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The command line of a process, '' when it is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

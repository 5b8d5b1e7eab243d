import { constants, watch } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { limits, timings } from '../../base/limits.ts';
import type { StaticFile } from './read-static-pods.ts';

/** `trouble`: the directory itself cannot be read; nothing is known of its files. */
export type DirectoryReading =
  | { readonly files: readonly StaticFile[]; readonly trouble?: undefined }
  | { readonly trouble: string };

/** Where a node's static pods are read. A port: a simulation has none to look into. */
export type ManifestDirectory = {
  readonly name: string;
  read(): Promise<DirectoryReading>;
  /** Calls `look` when it may have changed. */
  follow(options: { readonly clock: Clock; readonly look: () => Promise<void> }): { stop(): void };
};

/** One of this machine's disk. */
export function manifestDirectory(path: string): ManifestDirectory {
  return {
    name: path,
    read: () => readDirectory(path),
    follow: (options) => followDirectory(path, options),
  };
}

/** The manifests of a directory; what lies deeper, hidden files and others than .yaml, .yml and .json are no business of it. */
export async function readDirectory(directory: string): Promise<DirectoryReading> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries
      .filter(
        (entry) => (entry.isFile() || entry.isSymbolicLink()) && /^[^.].*\.(?:ya?ml|json)$/i.test(entry.name),
      )
      .map(({ name }) => name)
      .sort();
    const { staticFilesMax: most } = limits;
    if (names.length > most) return { trouble: `there are more than ${most} manifests in ${directory}` };
    const files: StaticFile[] = [];
    for (const name of names) files.push(await readOne(directory, name));
    return { files };
  } catch (failure) {
    return { trouble: messageOf(failure) };
  }
}

async function readOne(directory: string, name: string): Promise<StaticFile> {
  try {
    // A link may lead to a pipe, whose opening would wait for somebody who writes.
    const file = await open(join(directory, name), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return { name, bytes: null, why: 'It is no file.' };
      const { staticFileBytesMax: most } = limits;
      // It may have grown meanwhile: of one that is too long, no part is read for the whole.
      const room = Math.min(stat.size, most) + 1;
      const { buffer, bytesRead } = await file.read(new Uint8Array(room), 0, room, 0);
      if (stat.size > most || bytesRead > most)
        return { name, bytes: null, why: `It is larger than ${most} bytes.` };
      if (bytesRead !== stat.size) return { name, bytes: null, why: 'It is being written.' };
      return { name, bytes: buffer.slice(0, bytesRead) };
    } finally {
      await file.close();
    }
  } catch (failure) {
    return { name, bytes: null, why: messageOf(failure) };
  }
}

/** Calls `look` soon after something in the directory changed, and now and then all the same: not every file system tells. */
function followDirectory(
  directory: string,
  { clock, look }: { readonly clock: Clock; readonly look: () => Promise<void> },
): { stop(): void } {
  let timer: Timer | null = null;
  let dueAtMs = Number.POSITIVE_INFINITY;
  let watcher: ReturnType<typeof watch> | null = null;
  let looking = false;
  let stopped = false;
  const arm = (delayMs: number): void => {
    const at = clock.now() + delayMs;
    if (stopped || at >= dueAtMs) return;
    timer?.cancel();
    dueAtMs = at;
    timer = clock.setTimer(delayMs, () => void run());
  };
  const observe = (): void => {
    if (watcher !== null || stopped) return;
    try {
      const fresh = watch(directory, { persistent: false }, () => arm(timings.staticPodsSettleMs));
      watcher = fresh;
      fresh.on('error', () => {
        fresh.close();
        if (watcher === fresh) watcher = null;
      });
    } catch {
      // It is not there yet, or cannot be watched: it is looked at now and then.
    }
  };
  const run = async (): Promise<void> => {
    dueAtMs = Number.POSITIVE_INFINITY;
    if (looking) return arm(timings.staticPodsSettleMs);
    looking = true;
    observe();
    await look().finally(() => {
      looking = false;
      arm(timings.staticPodsLookMs);
    });
  };
  observe();
  arm(timings.staticPodsLookMs);
  return {
    stop() {
      stopped = true;
      timer?.cancel();
      watcher?.close();
    },
  };
}

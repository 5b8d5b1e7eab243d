import { join, sep } from 'node:path';
import { watch } from 'chokidar';
import type { Clock, Timer } from '../base/clock.ts';
import { codeOf, messageOf } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { RepositoryPlace } from './locate-repository.ts';

/** Where references live: files, the packed file, or tables. */
const TOP_LEVEL: ReadonlySet<string> = new Set(['HEAD', 'packed-refs', 'refs', 'reftable']);

/** What is used of chokidar's watcher. */
type Watcher = {
  on(event: 'all', listener: () => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  close(): Promise<void>;
};

/** Starts watching what is in a directory, less what is ignored; may throw, or emit 'error'. */
export type StartWatching = (directory: string, ignored: (path: string) => boolean) => Watcher;

const withChokidar: StartWatching = (directory, ignored) =>
  watch(directory, { ignoreInitial: true, atomic: false, followSymlinks: false, ignored });

/**
 * Calls `onChange` soon after a reference of a local repository may have moved, once for changes that come
 * together. It says only "look again": a file that goes away was often packed, not deleted.
 * Where the system cannot watch (no inotify instances or watches left), it polls and says so in the log.
 */
export async function watchRefs(options: {
  readonly place: RepositoryPlace;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
  readonly start?: StartWatching;
}): Promise<{ close(): Promise<void> }> {
  const { place, clock, log, onChange } = options;
  const start = options.start ?? withChokidar;
  let pending: Timer | null = null;
  let polling: Timer | null = null;
  let closed = false;
  const notice = (): void => {
    if (closed || pending !== null) return;
    pending = clock.setTimer(timings.refsCoalesceMs, () => {
      pending = null;
      onChange();
    });
  };
  const poll = (): void => {
    if (closed) return;
    polling = clock.setTimer(timings.refsPollIntervalMs, () => {
      onChange();
      poll();
    });
  };
  const fallBack = (error: unknown): void => {
    if (closed || polling !== null) return;
    const fields = { path: place.commonDirectory, code: codeOf(error), message: messageOf(error) };
    log.warn('refs-not-watched', { ...fields, pollIntervalMs: timings.refsPollIntervalMs });
    poll();
  };
  const directories = [...new Set([place.gitDirectory, place.commonDirectory])];
  const watchers = directories.map((directory) =>
    watchDirectory(directory, { start, notice, fail: fallBack }),
  );
  await Promise.all(watchers.map((watcher) => watcher.ready));
  return {
    async close() {
      closed = true;
      pending?.cancel();
      polling?.cancel();
      await Promise.all(watchers.map((watcher) => watcher.close()));
    },
  };
}

/** The whole directory is watched, not its files: packed-refs may appear later, and files are replaced. */
function watchDirectory(
  directory: string,
  options: {
    readonly start: StartWatching;
    readonly notice: () => void;
    readonly fail: (error: unknown) => void;
  },
): { readonly ready: Promise<void>; close(): Promise<void> } {
  let watcher: Watcher;
  try {
    watcher = options.start(directory, (path) => isIgnored(directory, path));
  } catch (error) {
    options.fail(error);
    return { ready: Promise.resolve(), close: async () => {} };
  }
  watcher.on('all', options.notice);
  const ready = new Promise<void>((resolve) => {
    watcher.on('ready', resolve);
    watcher.on('error', (error) => {
      options.fail(error);
      resolve();
    });
  });
  return { ready, close: () => watcher.close() };
}

function isIgnored(directory: string, path: string): boolean {
  const root = join(directory);
  if (!path.startsWith(root + sep)) return false;
  const [top = ''] = path.slice(root.length + 1).split(sep);
  return !TOP_LEVEL.has(top) || path.endsWith('.lock');
}

import type { Store } from '../store/store.ts';

export const crashPoints = ['before-append', 'after-append'] as const;
export type CrashPoint = (typeof crashPoints)[number];

/**
 * A store whose process can die at a named point: `onPoint` says so by returning 'crash' (`count` numbers the appends from 1).
 * From then on nothing is written, nothing is answered and nothing is heard, as it is for a process that is no more; what was
 * durable is still in `store`, for the next process to open.
 */
export function crashingStore(
  store: Store,
  onPoint: (point: CrashPoint, count: number) => 'go' | 'crash',
): Store & { readonly crashed: boolean } {
  let count = 0;
  let crashed = false;
  const never = <T>(): Promise<T> => new Promise<T>(() => {});
  return {
    get crashed() {
      return crashed;
    },
    revision: () => store.revision(),
    read: (key) => store.read(key),
    readQueued: (key) => store.readQueued(key),
    list: (prefix, page) => store.list(prefix, page),
    async append(build) {
      count += 1;
      const own = count;
      crashed ||= onPoint('before-append', own) === 'crash';
      if (crashed) return never();
      const revision = await store.append(build);
      crashed ||= onPoint('after-append', own) === 'crash';
      return crashed ? never() : revision;
    },
    watch: (prefix, from, onEvents) =>
      store.watch(prefix, from, (events) => {
        if (!crashed) onEvents(events);
      }),
    close: () => store.close(),
  };
}

import { limits } from '../../base/limits.ts';
import type { Key } from './work-queue.ts';

/** Works on what is ready, so many keys at once. */
export type WorkerPool = {
  /** Begins what is ready, after the present turn: a change is told in the middle of a batch of changes, and all of it is to be seen. */
  wake(): void;
  /** Nothing is about to begin. */
  idle(): boolean;
  /** Begins nothing more; resolves once what is in flight has ended. */
  stop(): Promise<void>;
};

export function workerPool(options: {
  /** The next key, if there is one and it may begin. */
  readonly take: () => Key | undefined;
  readonly work: (key: Key) => Promise<void>;
  readonly done: (key: Key) => void;
}): WorkerPool {
  const inFlight = new Set<Promise<void>>();
  let waking = false;
  let stopped = false;

  const begin = (): void => {
    while (!stopped && inFlight.size < limits.controllerWorkersMax) {
      const key = options.take();
      if (key === undefined) return;
      const work = options.work(key).finally(() => {
        options.done(key);
        inFlight.delete(work);
        wake();
      });
      inFlight.add(work);
    }
  };
  const wake = (): void => {
    if (waking || stopped) return;
    waking = true;
    queueMicrotask(() => {
      waking = false;
      begin();
    });
  };
  return {
    wake,
    idle: () => !waking,
    async stop() {
      stopped = true;
      await Promise.all(inFlight);
    },
  };
}

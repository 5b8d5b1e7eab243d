import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';

/** Things to look at, each once however often it is marked; what fails is looked at again a little later. */
export type GarbageWork = {
  mark(item: string): void;
  /** Begins; what was marked before is done first. */
  start(): void;
  stop(): void;
  idle(): boolean;
};

export function garbageWork(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly look: (item: string) => Promise<unknown>;
}): GarbageWork {
  const { clock, log, look } = options;
  const marked = new Set<string>();
  const failed = new Set<string>();
  let state: 'waiting' | 'idle' | 'running' | 'stopped' = 'waiting';
  let retry: Timer | null = null;

  const attempt = async (item: string): Promise<void> => {
    try {
      await look(item);
    } catch (failure) {
      // The world's, or a race lost.
      log.debug('garbage-retry', { item, error: messageOf(failure) });
      failed.add(item);
    }
  };
  const run = async (): Promise<void> => {
    while (state === 'running' && marked.size > 0) {
      const taken = [...marked].slice(0, limits.garbageBatchObjects);
      for (const item of taken) marked.delete(item);
      // Many at a time: their writes share a commit.
      await Promise.all(taken.map(attempt));
    }
    if (state !== 'running') return;
    state = 'idle';
    if (failed.size > 0) retry ??= clock.setTimer(timings.garbageRetryMs, again);
  };
  const wake = (): void => {
    if (state !== 'idle' || marked.size === 0) return;
    state = 'running';
    void run();
  };
  const again = (): void => {
    retry = null;
    for (const item of failed) marked.add(item);
    failed.clear();
    wake();
  };
  return {
    mark(item) {
      marked.add(item);
      wake();
    },
    start() {
      if (state === 'waiting') state = 'idle';
      wake();
    },
    stop() {
      state = 'stopped';
      retry?.cancel();
      retry = null;
    },
    idle: () => state === 'stopped' || (state === 'idle' && failed.size === 0),
  };
}

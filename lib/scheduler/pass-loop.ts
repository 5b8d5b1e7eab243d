import { isApiError } from '../api/api-error.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';

/** Runs a pass when one is wanted, one at a time; one the world failed is tried again after a back-off. */
export type PassLoop = {
  /** Wants a pass, after the present turn of the loop. */
  want(): void;
  idle(): boolean;
  stop(): Promise<void>;
};

export function passLoop(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly isReady: () => boolean;
  readonly pass: () => Promise<void>;
}): PassLoop {
  const { clock, log, isReady, pass } = options;
  let wanted = false;
  let stopped = false;
  let running: Promise<void> | null = null;
  let retry: Timer | null = null;
  let failures = 0;

  const attempt = async (): Promise<void> => {
    try {
      await pass();
      failures = 0;
    } catch (failure) {
      if (!(failure instanceof WorldError) && !isApiError(failure)) throw failure;
      failures += 1;
      const { schedulerRetryMinMs, schedulerRetryMaxMs } = timings;
      const delayMs = Math.min(schedulerRetryMaxMs, schedulerRetryMinMs * 2 ** (failures - 1));
      log.warn('scheduling-failed', { failure: messageOf(failure), delayMs });
      retry?.cancel();
      if (!stopped) retry = clock.setTimer(delayMs, want);
    }
  };
  const run = (): void => {
    if (running !== null || !wanted || stopped || !isReady()) return;
    wanted = false;
    running = attempt().finally(() => {
      running = null;
      if (wanted) queueMicrotask(run);
    });
  };
  const want = (): void => {
    if (stopped) return;
    wanted = true;
    queueMicrotask(run);
  };
  return {
    want,
    idle: () => !wanted && running === null && isReady(),
    async stop() {
      stopped = true;
      retry?.cancel();
      await running;
    },
  };
}

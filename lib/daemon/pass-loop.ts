import type { Clock, DurationMs, Timer } from '../base/clock.ts';
import { InvariantError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';

export type PassLoop = {
  /** Runs a pass `delayMs` from now; of several pokes the nearest counts. */
  poke(delayMs?: DurationMs): void;
  /** For what is no hurry and comes in masses: as poke, but passes asked for so leave time to others. */
  pokeCalmly(): void;
  /** No pass runs, and none is due by now. */
  idle(): boolean;
  /** Runs something that no pass may run beside, as soon as none does. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Waits for the pass that runs; none starts after. */
  stop(): Promise<void>;
};

/** Runs one pass at a time, when poked; a pass that fails for the world's reasons is tried again, later each time. */
export function passLoop(options: {
  readonly clock: Clock;
  readonly pass: () => Promise<void>;
  /** `failures`: how many in a row, 1 at the first. */
  readonly onFailure: (thrown: unknown, failures: number) => void;
}): PassLoop {
  const { clock } = options;
  let timer: Timer | null = null;
  let dueAtMs = Number.POSITIVE_INFINITY;
  let running: Promise<unknown> | null = null;
  let failures = 0;
  let lastPassMs: DurationMs = 0;
  let stopped = false;

  const poke = (delayMs: DurationMs = timings.passDelayMs): void => {
    const at = clock.now() + delayMs;
    if (stopped || at >= dueAtMs) return;
    timer?.cancel();
    dueAtMs = at;
    if (running === null) timer = clock.setTimer(delayMs, start);
  };
  const start = (): void => {
    timer = null;
    dueAtMs = Number.POSITIVE_INFINITY;
    const startedAtMs = clock.now();
    running = options
      .pass()
      .then(() => {
        failures = 0;
      })
      .catch((thrown: unknown) => {
        if (thrown instanceof InvariantError) throw thrown;
        failures += 1;
        options.onFailure(thrown, failures);
        poke(Math.min(timings.passRetryMinMs * 2 ** (failures - 1), timings.passRetryMaxMs));
      })
      .finally(() => {
        lastPassMs = clock.now() - startedAtMs;
        ended();
      });
  };
  const ended = (): void => {
    running = null;
    if (dueAtMs !== Number.POSITIVE_INFINITY && !stopped)
      timer = clock.setTimer(Math.max(0, dueAtMs - clock.now()), start);
  };
  const exclusive = async <T>(work: () => Promise<T>): Promise<T> => {
    // How what runs ends is told where it was started.
    while (running !== null) await Promise.allSettled([running]);
    timer?.cancel();
    timer = null;
    const result = work();
    running = result.then(ended, ended);
    return result;
  };
  return {
    poke,
    pokeCalmly() {
      const restMs = Math.min(limits.passRestFactor * lastPassMs, timings.passRestMaxMs);
      poke(Math.max(timings.driftDelayMs, restMs));
    },
    exclusive,
    idle: () => running === null && dueAtMs > clock.now(),
    async stop() {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}

import type { Clock, DurationMs, EpochMs, Timer } from './clock.ts';
import { turnsWaiting } from './turn.ts';

/** 2026-01-05T00:00:00Z, a Monday. */
export const MANUAL_START_MS: EpochMs = Date.UTC(2026, 0, 5);
/** Turns of the loop that must pass without a timer set or fired before all is quiet. */
const QUIET_TURNS = 4;

/** A clock that stands still until it is told to go on. Timers fire in the order they are due, then in the order they were set. */
export type ManualClock = Clock & {
  /** Fires what falls due within `durationMs`, in order, without letting anything else run in between. */
  advance(durationMs: DurationMs): void;
  /** When the next timer is due; null when none is set. */
  nextTimerAt(): EpochMs | null;
  /**
   * Lets everything run, jumps to the next timer, and so on, until `condition` holds. Throws when it does not within
   * `withinMs` of the clock's time, or when nothing is left to wait for.
   */
  runUntil(
    condition: () => boolean,
    options: { readonly withinMs: DurationMs; readonly what: string },
  ): Promise<void>;
  /** Lets everything run and every timer fire until `durationMs` have passed. */
  run(durationMs: DurationMs): Promise<void>;
};

type Pending = { readonly at: EpochMs; readonly fire: () => void; cancelled: boolean };

export function manualClock(startMs: EpochMs = MANUAL_START_MS): ManualClock {
  let nowMs = startMs;
  /** By time, then in the order they were set. Cancelled ones are skipped when their turn comes. */
  const timers: Pending[] = [];

  const next = (): Pending | null => {
    while (timers[0]?.cancelled) timers.shift();
    return timers[0] ?? null;
  };
  /** Fires the next timer if it is due by then. */
  const step = (untilMs: EpochMs): boolean => {
    const timer = next();
    if (timer === null || timer.at > untilMs) return false;
    timers.shift();
    nowMs = Math.max(nowMs, timer.at);
    timer.fire();
    return true;
  };
  const clock: ManualClock = {
    now: () => nowMs,
    setTimer(delayMs, fire): Timer {
      const timer = { at: nowMs + Math.max(0, delayMs), fire, cancelled: false };
      timers.splice(placeOf(timers, timer.at), 0, timer);
      return {
        cancel: () => {
          timer.cancelled = true;
        },
      };
    },
    advance(durationMs) {
      const untilMs = nowMs + durationMs;
      while (step(untilMs));
      nowMs = untilMs;
    },
    nextTimerAt: () => next()?.at ?? null,
    async runUntil(condition, { withinMs, what }) {
      const untilMs = nowMs + withinMs;
      for (;;) {
        await settle();
        if (condition()) return;
        if (!step(untilMs))
          throw new Error(`waited in vain: ${what} (clock at ${new Date(nowMs).toISOString()})`);
      }
    },
    async run(durationMs) {
      const untilMs = nowMs + durationMs;
      do await settle();
      while (step(untilMs));
      nowMs = untilMs;
      await settle();
    },
  };
  return clock;
}

/** Behind all that are due no later: by halves, for there may be tens of thousands. */
function placeOf(timers: readonly Pending[], at: EpochMs): number {
  let [low, high] = [0, timers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timers[middle]?.at ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Lets promises, microtasks and immediates run until they are done (in memory: nothing here waits for the real world). */
export async function settle(): Promise<void> {
  for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    // Somebody is at long work and lets us in meanwhile.
    if (turnsWaiting() > 0) quiet = 0;
  }
}

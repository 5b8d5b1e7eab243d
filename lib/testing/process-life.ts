import type { Clock, EpochMs } from '../base/clock.ts';

export type PortCall = {
  /** 1 for the first call of this life. */
  readonly number: number;
  /** `store.commit`, `driver.createSandbox`, `repository.publish`… */
  readonly name: string;
  /** Before it had its effect, or after it and before the caller heard of it. */
  readonly side: 'before' | 'after';
};

/**
 * One run of a process that may end at any call of a port. Once it is over nothing of it has an effect any more, is answered
 * or hears anything, as it is for a process that was killed; what it did before stays done.
 */
export type ProcessLife = {
  /** The calls made so far, in order. */
  readonly calls: readonly { readonly name: string; readonly atMs: EpochMs }[];
  readonly over: boolean;
  /** Kills it, between two calls. */
  kill(): void;
  /** Makes a call of a port, unless the process ends before or after it: then the answer never comes. */
  call<T>(name: string, effect: () => Promise<T>): Promise<T>;
  /** What the world tells it of its own accord reaches it only while it lives. */
  hearing<T extends readonly unknown[]>(listener: (...heard: T) => void): (...heard: T) => void;
};

export function processLife(clock: Clock, dies: (call: PortCall) => boolean = () => false): ProcessLife {
  const calls: { readonly name: string; readonly atMs: EpochMs }[] = [];
  let over = false;
  const never = <T>(): Promise<T> => new Promise<T>(() => {});
  return {
    calls,
    get over() {
      return over;
    },
    kill() {
      over = true;
    },
    async call(name, effect) {
      if (over) return never();
      calls.push({ name, atMs: clock.now() });
      const number = calls.length;
      over ||= dies({ number, name, side: 'before' });
      if (over) return never();
      const [outcome] = await Promise.allSettled([effect()]);
      over ||= dies({ number, name, side: 'after' });
      if (over) return never();
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    },
    hearing:
      (listener) =>
      (...heard) => {
        if (!over) listener(...heard);
      },
  };
}

/** A clock whose timers no longer fire once the process is over. */
export function clockOf(clock: Clock, life: ProcessLife): Clock {
  return { now: () => clock.now(), setTimer: (delayMs, fire) => clock.setTimer(delayMs, life.hearing(fire)) };
}

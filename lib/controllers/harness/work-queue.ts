import type { Clock, EpochMs, Timer } from '../../base/clock.ts';
import { assert } from '../../base/errors.ts';
import { backOffMs } from './back-off.ts';

/** `namespace/name`; namespace is '' for cluster-scoped kinds. */
export type Key = string;

/**
 * Keys that want a look, each at most once, each in one pair of hands at a time: a key added while it is being worked on
 * comes back once it is done. It holds keys of objects that exist or just went, so what the store holds bounds it.
 */
export type WorkQueue = {
  /** Wants a look now. */
  add(key: Key): void;
  /** Wants a look at `atMs` and not before; replaces what was delayed. null takes the delay away. */
  delay(key: Key, atMs: EpochMs | null): void;
  /** Wants a look after its back-off; returns how many times in a row that was. */
  retry(key: Key): number;
  /** The last look went well: the next back-off starts over. */
  forget(key: Key): void;
  /** The oldest key that is ready; it is in flight until `done`. */
  take(): Key | undefined;
  done(key: Key): void;
  /** Nothing is ready and nothing in flight; what is delayed does not count. */
  idle(): boolean;
  /** Drops everything and sets no timer again. */
  close(): void;
};

export function workQueue(options: {
  readonly clock: Clock;
  /** Something became ready. May be called in the middle of `add`, `done` or a timer. */
  readonly onReady: () => void;
}): WorkQueue {
  const { clock, onReady } = options;
  const ready = new Set<Key>();
  const inFlight = new Set<Key>();
  /** Added while in flight. */
  const again = new Set<Key>();
  const delayed = new Map<Key, Timer>();
  const failures = new Map<Key, number>();
  let closed = false;

  const add = (key: Key): void => {
    if (closed) return;
    if (inFlight.has(key)) {
      again.add(key);
      return;
    }
    if (ready.has(key)) return;
    ready.add(key);
    onReady();
  };

  const delay = (key: Key, atMs: EpochMs | null): void => {
    delayed.get(key)?.cancel();
    delayed.delete(key);
    if (closed || atMs === null) return;
    const timer = clock.setTimer(Math.max(0, atMs - clock.now()), () => {
      delayed.delete(key);
      add(key);
    });
    delayed.set(key, timer);
  };

  return {
    add,
    delay,
    retry(key) {
      const count = (failures.get(key) ?? 0) + 1;
      if (closed) return count;
      failures.set(key, count);
      delay(key, clock.now() + backOffMs(count));
      return count;
    },
    forget(key) {
      failures.delete(key);
    },
    take() {
      for (const key of ready) {
        ready.delete(key);
        inFlight.add(key);
        return key;
      }
      return undefined;
    },
    done(key) {
      assert(inFlight.delete(key), `${key} is done but was not taken`);
      if (again.delete(key)) add(key);
    },
    idle: () => ready.size === 0 && inFlight.size === 0,
    close() {
      closed = true;
      for (const timer of delayed.values()) timer.cancel();
      for (const keys of [ready, again, delayed, failures]) keys.clear();
    },
  };
}

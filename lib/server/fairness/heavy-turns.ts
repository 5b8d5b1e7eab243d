import type { Clock, DurationMs } from '../../base/clock.ts';

/**
 * Requests whose work keeps everything else waiting are worked off one at a time, the users in turn; after each of them it rests for as
 * long as that took. However many there are, half of the time is left to controllers and to everybody else.
 */
export type HeavyTurns = {
  /** Resolves when it is this request's turn, which it has to end; null when too many of this user's wait already. */
  enter(user: string): Promise<{ leave(): void } | null>;
};

export function heavyTurns(
  clock: Clock,
  { restMaxMs, waitingMax }: { readonly restMaxMs: DurationMs; readonly waitingMax: number },
): HeavyTurns {
  /** In the order they come, by user; who had a turn goes to the end. A user is forgotten with the last request of hers. */
  const waiting = new Map<string, (() => void)[]>();
  let busy = false;
  const next = (): void => {
    const [first] = waiting;
    busy = first !== undefined;
    if (first === undefined) return;
    const [user, [begin, ...others]] = first;
    waiting.delete(user);
    if (others.length > 0) waiting.set(user, others);
    begin?.();
  };
  return {
    async enter(user) {
      const own = waiting.get(user) ?? [];
      if (own.length >= waitingMax) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(user, [...own, resolve]);
      if (!busy) next();
      await promise;
      const beganMs = clock.now();
      let left = false;
      return {
        leave() {
          if (left) return;
          left = true;
          const restMs = Math.min(clock.now() - beganMs, restMaxMs);
          if (restMs > 0) clock.setTimer(restMs, next);
          else next();
        },
      };
    },
  };
}

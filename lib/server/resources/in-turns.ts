import type { Clock, DurationMs } from '../../base/clock.ts';

/** Rounds as short as that cost nobody anything. */
const RESTLESS_TURNS = 2;

/** Calls `run` when its turn comes, never at once. */
export type Turns = (run: () => void) => void;

/**
 * Runs what is due some at a time, the first come first, with everything else that waits in between. What a thousand watchers hear of
 * so keeps no request waiting. After a round of many turns it rests a while for each but the first two: what happens meanwhile goes
 * out in one piece, and most of the time is left to those who make it happen.
 */
export function inTurns(
  clock: Clock,
  by: { readonly perTurn: number; readonly restPerTurnMs: DurationMs; readonly restMaxMs: DurationMs },
): Turns {
  let waiting: (() => void)[] = [];
  let round: (() => void)[] = [];
  let turns = 0;
  let busy = false;

  const begin = (): void => {
    round = waiting;
    waiting = [];
    turns = 0;
    busy = round.length > 0;
    if (busy) setImmediate(turn);
  };
  const turn = (): void => {
    const now = round.slice(0, by.perTurn);
    round = round.slice(by.perTurn);
    turns += 1;
    if (round.length > 0) setImmediate(turn);
    else if (turns <= RESTLESS_TURNS) begin();
    else clock.setTimer(Math.min((turns - RESTLESS_TURNS) * by.restPerTurnMs, by.restMaxMs), begin);
    for (const run of now) run();
  };
  return (run) => {
    waiting.push(run);
    if (!busy) begin();
  };
}

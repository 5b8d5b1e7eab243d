import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { killProcesses, type Quarry } from './sweep.ts';

/** Kills what containers leave behind. Calls of about the same time share their looks at the machine's processes. */
export interface Sweeper {
  /** Resolves once nothing of it is left (or, after many rounds, will not go). */
  sweep(quarry: Quarry): Promise<void>;
}

export function sweeper(clock: Clock, log: Log): Sweeper {
  let next: Promise<void> | null = null;
  let collected: Quarry[] = [];
  const run = async (): Promise<void> => {
    await pause(clock, 1);
    const quarry = mergeQuarries(collected);
    collected = [];
    next = null;
    for (let round = 0; round < limits.sweepRoundsMax; round += 1) {
      if (killProcesses(quarry) === 0) return;
      await pause(clock, 2);
    }
    log.warn('processes-left', { markers: quarry.markers });
  };
  return {
    sweep: (quarry) => {
      collected.push(quarry);
      next ??= run();
      return next;
    },
  };
}

export function mergeQuarries(quarries: readonly Quarry[]): Quarry {
  return {
    markers: quarries.flatMap(({ markers }) => markers),
    sessions: new Map(quarries.flatMap(({ sessions }) => [...sessions])),
    users: new Set(quarries.flatMap(({ users }) => [...users])),
  };
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(delayMs, resolve));
}

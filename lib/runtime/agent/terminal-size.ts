import { spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { readProcessStat } from '../../base/companion/process-identity.ts';
import type { JsonObject } from '../../base/json.ts';
import { limits, timings } from '../../base/limits.ts';
import type { LaunchTools } from './launch.ts';
import { findProgram } from './program-path.ts';

/**
 * Gives the terminal of a script(1) the sizes it is told, the latest one counts. The first comes before there is a terminal, so
 * that is waited for. One stty(1) runs at a time.
 */
export function terminalSizer(options: {
  readonly scriptPid: () => number | undefined;
  readonly tools: Pick<LaunchTools, 'searchPath'>;
  readonly clock: Clock;
}): (size: JsonObject) => void {
  const { scriptPid, tools, clock } = options;
  let wanted: { readonly columns: number; readonly rows: number } | null = null;
  let busy = false;
  let looksLeft = limits.terminalLooksMax;
  const look = (): void => {
    const pid = scriptPid();
    if (wanted === null || pid === undefined) {
      busy = false;
      return;
    }
    const path = atTerminal(pid)?.path;
    if (path !== undefined) set(path, wanted);
    else if (looksLeft > 0) {
      looksLeft -= 1;
      clock.setTimer(timings.terminalLookMs, look);
    } else busy = false;
  };
  const set = (path: string, { columns, rows }: NonNullable<typeof wanted>): void => {
    wanted = null;
    const stty = findProgram({ program: 'stty', cwd: '/', searchPath: tools.searchPath, user: null });
    if (!stty.ok) {
      busy = false;
      return;
    }
    const child = spawn(stty.path, ['-F', path, 'rows', String(rows), 'cols', String(columns)], {
      stdio: 'ignore',
      timeout: 1_000,
    });
    child.on('error', look);
    child.on('exit', look);
  };
  return ({ columns, rows }) => {
    if (!isSide(columns) || !isSide(rows)) return;
    wanted = { columns, rows };
    if (busy) return;
    busy = true;
    look();
  };
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xffff;
}

/** The process that a script(1) runs, and its terminal: only that child has it as stdin. Null: there is none, yet or any more. */
export function atTerminal(scriptPid: number): { readonly pid: number; readonly path: string } | null {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid) || readProcessStat(pid)?.parent !== scriptPid) continue;
    try {
      const path = readlinkSync(`/proc/${pid}/fd/0`);
      if (/^\/dev\/pts\/\d+$/.test(path)) return { pid, path };
    } catch {
      // It ended.
    }
  }
  return null;
}

import { readdirSync } from 'node:fs';
import { readProcessStat } from '../../base/companion/process-identity.ts';
import { limits } from '../../base/limits.ts';
import type { Freezer } from './log-rotation.ts';
import { sendSignal } from './sweep.ts';

/** Freezes the process group `group` by SIGSTOP. A process that left the group is not frozen and may lose a line. */
export function groupFreezer(group: number): Freezer {
  return {
    freeze: () => {
      if (!sendSignal(-group, 'SIGSTOP')) return;
      // A stop takes effect when a process next leaves the kernel: a write that is under way ends first.
      const sleeper = new Int32Array(new SharedArrayBuffer(4));
      for (let look = 0; look < limits.freezeLooksMax && !allStopped(group); look += 1) {
        Atomics.wait(sleeper, 0, 0, 0.2);
      }
    },
    thaw: () => void sendSignal(-group, 'SIGCONT'),
  };
}

function allStopped(group: number): boolean {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid)) continue;
    const stat = readProcessStat(pid);
    if (stat !== null && stat.group === group && !'TtZX'.includes(stat.state)) return false;
  }
  return true;
}

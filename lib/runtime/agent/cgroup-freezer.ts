import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../base/limits.ts';
import type { Freezer } from './log-rotation.ts';

/** Freezes a control group and those below it. `path`: its directory in the freezer's hierarchy (version 1), or in the only one. */
export function cgroupFreezer(group: { readonly path: string; readonly version: 1 | 2 }): Freezer {
  const { path, version } = group;
  const how =
    version === 1
      ? { file: 'freezer.state', freeze: 'FROZEN', thaw: 'THAWED', look: 'freezer.state', frozen: /^FROZEN/ }
      : { file: 'cgroup.freeze', freeze: '1', thaw: '0', look: 'cgroup.events', frozen: /^frozen 1$/m };
  const tell = (word: string): boolean => {
    try {
      writeFileSync(join(path, how.file), word);
      return true;
    } catch {
      // The group is gone: nobody writes any more.
      return false;
    }
  };
  const isFrozen = (): boolean => {
    try {
      return how.frozen.test(readFileSync(join(path, how.look), 'latin1'));
    } catch {
      return true;
    }
  };
  return {
    freeze: () => {
      if (!tell(how.freeze)) return;
      const sleeper = new Int32Array(new SharedArrayBuffer(4));
      for (let look = 0; look < limits.freezeLooksMax && !isFrozen(); look += 1) {
        Atomics.wait(sleeper, 0, 0, 0.2);
      }
    },
    thaw: () => void tell(how.thaw),
  };
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { removeTree } from '../../../base/remove-tree.ts';
import { readCgroupTree } from '../cgroup/cgroup-tree.ts';
import { PodGroups } from '../cgroup/pod-groups.ts';
import { type LauncherName, launcherNames } from '../launch/launchers.ts';
import { unmountBelow } from '../pod-places.ts';
import { readLaunchMachine } from '../read-launch-machine.ts';
import { mountUppers, tryUpper, type UpperPlace } from '../uppers.ts';
import { type LauncherVerdict, tryLauncher } from './try-launcher.ts';

/** What this machine can do for pods of their own: for `auto`, and for `pintle status --node`. */
export type LinuxTrial = {
  /** The best launcher that works; null: none does. */
  readonly launcher: LauncherName | null;
  readonly verdicts: readonly LauncherVerdict[];
  /** Why nothing was tried; null: it was. */
  readonly withheld: string | null;
  readonly cgroups: 'v1' | 'v2' | 'none';
  /** Where containers write; null: nothing was tried. */
  readonly upper: UpperPlace | null;
};

/** Tries the launchers, the best first, until one works. Nothing is tried by who is not root. */
export async function tryLinux(options: {
  readonly dataDirectory: string;
  readonly clock: Clock;
  /** Unset: all. */
  readonly launchers?: readonly LauncherName[];
}): Promise<LinuxTrial> {
  const nothing = { launcher: null, verdicts: [], cgroups: 'none', upper: null } as const;
  if (process.platform !== 'linux') return { ...nothing, withheld: `this is ${process.platform}, not Linux` };
  if (process.getuid?.() !== 0) {
    const adds = 'own addresses, file systems from images, limits, and isolation of pods';
    return { ...nothing, withheld: `only root can do it; started as root, pintle gives pods ${adds}` };
  }
  const { dataDirectory, clock } = options;
  const tree = readCgroupTree();
  if (tree.version === 'none') return { ...nothing, withheld: 'this machine has no control groups' };
  // Apart from the pods: it is not known yet whose they will be.
  const root = join(dataDirectory, 'trial');
  const groups = new PodGroups({ tree, owner: root, clock });
  const verdicts: LauncherVerdict[] = [];
  let upper: UpperPlace;
  try {
    await unmountBelow(root, clock);
    mkdirSync(root, { recursive: true, mode: 0o700 });
    upper = await tryUpper({ root, clock });
    const inMemory = upper.in === 'memory';
    if (inMemory) await mountUppers({ root, clock });
    const place = { root, tree, groups, machine: readLaunchMachine(), clock, inMemory };
    for (const launcher of options.launchers ?? launcherNames) {
      verdicts.push(await tryLauncher(launcher, place));
      if (verdicts.at(-1)?.works === true) break;
    }
  } finally {
    // CRASH: the next trial begins with this.
    await unmountBelow(root, clock);
    groups.removeEmpty();
    await removeTree(root);
  }
  const launcher = verdicts.find(({ works }) => works)?.launcher ?? null;
  return { launcher, verdicts, withheld: null, cgroups: tree.version, upper };
}

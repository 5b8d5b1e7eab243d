import { type MountPoint, readMountTable } from '../mount-table.ts';

/** Where a machine's control groups are. */
export type CgroupTree = {
  /** Which version has the memory, cpu and pids controllers. `none`: there are no control groups at all. */
  readonly version: 'v1' | 'v2' | 'none';
  /** Version 1: controller → directory of its hierarchy. Version 2: '' → the only one. */
  readonly hierarchies: ReadonlyMap<string, string>;
  /** Every hierarchy there is, of whichever version: a launcher may make groups in all of them. */
  readonly roots: readonly string[];
  /**
   * What launchers are not shown. Version 2 beside version 1, which crun refuses; and memory of version 1, so that they leave the
   * container's group to us, for it counts who was killed for want of memory and would be gone with the container.
   */
  readonly hidden: readonly string[];
};

/** What this program needs of version 1, where it has it. */
export const CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'pids', 'freezer'] as const;

/** Pure: the tree that a mount table shows. */
export function cgroupTreeOf(table: readonly MountPoint[]): CgroupTree {
  const second = table.filter(({ type }) => type === 'cgroup2').map(({ path }) => path);
  const first = table.filter(({ type }) => type === 'cgroup');
  const hierarchies = new Map<string, string>();
  for (const { path, options } of first)
    for (const controller of options) if (!hierarchies.has(controller)) hierarchies.set(controller, path);
  const memory = hierarchies.get('memory');
  const roots = [...new Set([...first.map(({ path }) => path), ...second])];
  if (memory !== undefined) {
    const used = CONTROLLERS.flatMap((name) => {
      const path = hierarchies.get(name);
      return path === undefined ? [] : [[name, path] as const];
    });
    return { version: 'v1', hierarchies: new Map(used), roots, hidden: [...second, memory] };
  }
  const only = second[0];
  if (only === undefined) return { version: 'none', hierarchies: new Map(), roots, hidden: [] };
  return { version: 'v2', hierarchies: new Map([['', only]]), roots, hidden: [] };
}

export function readCgroupTree(): CgroupTree {
  return cgroupTreeOf(readMountTable());
}

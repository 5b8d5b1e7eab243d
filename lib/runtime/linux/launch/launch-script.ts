import { quote } from '../../agent/entering.ts';

export type OverlayPlan = {
  readonly layers: number;
  /** Of the bundle: `upper` and `work` lie elsewhere where its own file system cannot have them. */
  readonly upper: string;
  readonly work: string;
};

/** What is bound to `sub/N` in the bundle, for the launcher to mount from. */
export type SubPath = {
  /** A file of /proc that names what was found: /proc/PID/fd/N. */
  readonly source: string;
  readonly isDirectory: boolean;
};

export type LaunchScript = {
  readonly bundle: string;
  readonly overlay: OverlayPlan;
  readonly subPaths: readonly SubPath[];
  /** cgroup.procs files that the launcher joins. */
  readonly join: readonly string[];
  /** Directories to be unmounted, for nobody but the launcher. */
  readonly hidden: readonly string[];
  /** The launcher, or what prepares it: words for sh, in the bundle's directory. */
  readonly become: readonly string[];
};

/**
 * What the keeper's child runs in a mount namespace of its own: mounts the container's root, then becomes its launcher. Nothing of it
 * is left when the last process of the namespace has ended. Paths that the manifest chose stand in quotes, if they stand here at all.
 */
export function launchScript(plan: LaunchScript): string {
  const lowers = Array.from({ length: plan.overlay.layers }, (_, at) => `layers/${at}`).reverse();
  const { upper, work } = plan.overlay;
  const subPaths = plan.subPaths.flatMap(({ source, isDirectory }, at) => [
    isDirectory ? `mkdir -p sub/${at}` : `: >>sub/${at}`,
    // Not made canonical: what /proc names is mounted, whatever stands there by its name by now.
    `mount --no-canonicalize --bind ${quote(source)} ${quote(`${plan.bundle}/sub/${at}`)}`,
  ]);
  return [
    'set -e',
    `cd ${quote(plan.bundle)}`,
    `mount --no-canonicalize -t overlay -o ${quote(`lowerdir=${lowers.join(':')},upperdir=${upper},workdir=${work}`)} overlay ${quote(`${plan.bundle}/root`)}`,
    ...subPaths,
    ...plan.join.map((file) => `echo 0 >${quote(file)}`),
    ...plan.hidden.map((path) => `umount --lazy ${quote(path)}`),
    ...plan.become,
    '',
  ].join('\n');
}

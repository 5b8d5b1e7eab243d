import { quote } from '../../agent/entering.ts';

export type OverlayPlan = {
  readonly layers: number;
  /** Of the bundle: `upper` and `work` lie elsewhere where its own file system cannot have them. */
  readonly upper: string;
  readonly work: string;
};

/** What is bound to `sub/N` in the bundle, for the launcher to mount from. */
export type SubPath = {
  /** Where it was found, without links on the way. */
  readonly source: string;
  /** `device:inode` of what was found: a program may have put something else there. */
  readonly identity: string;
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
  const subPaths = plan.subPaths.flatMap(({ source, identity, isDirectory }, at) => [
    isDirectory ? `mkdir -p sub/${at}` : `: >>sub/${at}`,
    `mount --no-canonicalize --bind ${quote(source)} ${quote(`${plan.bundle}/sub/${at}`)}`,
    // What is mounted stays what it is. If a link was put in the way, it is not what was found in the volume.
    `if [ "$(stat -c %d:%i sub/${at})" != ${identity} ]; then echo 'a subPath of the pod changed while it was mounted' >&2; exit 1; fi`,
  ]);
  return [
    'set -e',
    `cd ${quote(plan.bundle)}`,
    `mount --no-canonicalize -t overlay -o ${quote(`lowerdir=${lowers.join(':')},upperdir=${upper},workdir=${work}`)} overlay ${quote(`${plan.bundle}/root`)}`,
    // Launchers make things there by these names, and runc does not look whether they lead out of the root.
    `for name in dev proc sys; do if [ -L "root/$name" ]; then echo "the image has a link in the place of /$name" >&2; exit 1; fi; done`,
    ...subPaths,
    ...plan.join.map((file) => `echo 0 >${quote(file)}`),
    ...plan.hidden.map((path) => `umount --lazy ${quote(path)}`),
    ...plan.become,
    '',
  ].join('\n');
}

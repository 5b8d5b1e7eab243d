import { assert } from '../../../base/errors.ts';
import { quote } from '../../agent/entering.ts';
import type { Composition } from '../oci/compose-mounts.ts';
import { fstabField } from '../oci/util-linux-launch.ts';
import { composeWords } from './compose-words.ts';

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
  /** Mounted together in `composed/N` in the bundle, for a launcher that must not go into what others can change. */
  readonly compositions: readonly Composition[];
  /** cgroup.procs files that the launcher joins, at most seven: sh has names of one digit for what is open. */
  readonly join: readonly string[];
  /** Directories that are empty for the launcher, and for nobody else. */
  readonly hidden: readonly string[];
  /** The launcher, or what prepares it: words for sh, in the bundle's directory. */
  readonly become: readonly string[];
};

/**
 * What is mounted for every container, for mount(8): one program for all of it. What a launcher is not to see lies below an empty file
 * system of its own, so that what it writes there is gone with it.
 */
export function launchFstab({
  bundle,
  overlay,
  hidden,
}: Pick<LaunchScript, 'bundle' | 'overlay' | 'hidden'>): string {
  const lowers = Array.from({ length: overlay.layers }, (_, at) => `layers/${at}`).reverse();
  const { upper, work } = overlay;
  const options = `lowerdir=${lowers.join(':')},upperdir=${upper},workdir=${work}`;
  return [
    ['overlay', `${bundle}/root`, 'overlay', options],
    ...hidden.map((path) => ['pintle', path, 'tmpfs', 'mode=700']),
  ]
    .map((fields) => `${fields.map(fstabField).join(' ')} 0 0\n`)
    .join('');
}

/**
 * What the keeper's child runs in a mount namespace of its own: mounts the container's root, then becomes its launcher. Nothing of it
 * is left when the last process of the namespace has ended. Paths that the manifest chose stand in quotes, if they stand here at all.
 */
export function launchScript(plan: LaunchScript): string {
  assert(plan.join.length <= 7, 'a launcher joins few groups');
  const subPaths = plan.subPaths.flatMap(({ source, identity, isDirectory }, at) => [
    isDirectory ? `mkdir -p sub/${at}` : `: >>sub/${at}`,
    `mount --no-canonicalize --bind ${quote(source)} ${quote(`${plan.bundle}/sub/${at}`)}`,
    // What is mounted stays what it is. If a link was put in the way, it is not what was found in the volume.
    `if [ "$(stat -c %d:%i sub/${at})" != ${identity} ]; then echo 'a subPath of the pod changed while it was mounted' >&2; exit 1; fi`,
  ]);
  return [
    'set -e',
    `cd ${quote(plan.bundle)}`,
    ...plan.join.map((file, at) => `exec ${9 - at}>${quote(file)}`),
    // The kernel lets everybody pass before it moves a process, and takes its time: meanwhile there is something else to do.
    ...(plan.join.length === 0
      ? []
      : [`{ ${plan.join.map((_, at) => `echo $$ >&${9 - at}`).join('; ')}; } &`]),
    'mount --no-canonicalize --all --fstab fstab',
    // Launchers make things there by these names, and runc does not look whether they lead out of the root.
    `for name in dev proc sys; do if [ -L "root/$name" ]; then echo "the image has a link in the place of /$name" >&2; exit 1; fi; done`,
    ...subPaths,
    ...composeWords(plan.compositions),
    ...(plan.join.length === 0
      ? []
      : ['wait $!', `exec ${plan.join.map((_, at) => `${9 - at}>&-`).join(' ')}`]),
    ...plan.become,
    '',
  ].join('\n');
}

import { posix } from 'node:path';
import type { Mount } from '../../driver.ts';
import { type Resolved, resolved, unresolved } from '../../references.ts';
import type { PlannedMount } from './container-plan.ts';

/** A volume's mount, and the file or directory on the machine that it shows: the volume's own, or its subPath, found safely. */
export type VolumeSource = { readonly mount: Mount; readonly source: string };

/** The machine's files and directories that a pod's containers share; null: the container has none of it. */
export type PodFiles = {
  readonly resolvConf: string | null;
  readonly hosts: string | null;
  readonly hostname: string | null;
  /** null: a /dev/shm of the container's own. */
  readonly shm: string | null;
};

export type MountsInput = {
  readonly volumes: readonly VolumeSource[];
  readonly podFiles: PodFiles;
  readonly terminationLog: { readonly source: string; readonly path: string };
  readonly rootReadOnly: boolean;
  readonly privileged: boolean;
  /** Whether what is mounted below a read-only mount can be made read-only with it. */
  readonly recursiveReadOnly: boolean;
};

/** Source: the default mounts of container engines; what tmpfs may hold is theirs too. */
const SHIELDED = ['nosuid', 'noexec', 'nodev'];
const SHM_OPTIONS = [...SHIELDED, 'mode=1777', 'size=65536k'];

/**
 * What a container sees mounted, outer before inner. Volumes take the place of what they cover: /etc/hosts, /dev/shm, the
 * termination log.
 */
export function containerMounts(input: MountsInput): Resolved<readonly PlannedMount[]> {
  const log = input.terminationLog.path;
  const misplaced = placeTrouble(absolute(log));
  if (misplaced !== null)
    return unresolved(`The terminationMessagePath ${JSON.stringify(log)} ${misplaced}.`);
  const byDestination = new Map<string, PlannedMount>();
  for (const mount of [...systemMounts(input), ...podMounts(input)])
    byDestination.set(mount.destination, mount);
  for (const volume of input.volumes) {
    const planned = volumeMount(volume, input.recursiveReadOnly);
    if (!planned.ok) return planned;
    byDestination.set(planned.value.destination, planned.value);
  }
  const depth = ({ destination }: PlannedMount): number => destination.split('/').length;
  return resolved([...byDestination.values()].sort((a, b) => depth(a) - depth(b)));
}

function systemMounts({ privileged, podFiles }: MountsInput): readonly PlannedMount[] {
  const access = privileged ? 'rw' : 'ro';
  const { shm } = podFiles;
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: SHIELDED },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    shm === null
      ? { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: SHM_OPTIONS }
      : bind('/dev/shm', shm, ['rw', ...SHIELDED]),
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: SHIELDED },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...SHIELDED, access] },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: [...SHIELDED, 'relatime', access],
    },
  ];
}

function podMounts({ podFiles, terminationLog, rootReadOnly }: MountsInput): readonly PlannedMount[] {
  const access = rootReadOnly ? 'ro' : 'rw';
  const etc = [
    ['/etc/resolv.conf', podFiles.resolvConf],
    ['/etc/hosts', podFiles.hosts],
    ['/etc/hostname', podFiles.hostname],
  ] as const;
  return [
    ...etc.flatMap(([path, source]) => (source === null ? [] : [bind(path, source, [access])])),
    bind(absolute(terminationLog.path), terminationLog.source, ['rw']),
  ];
}

function volumeMount({ mount, source }: VolumeSource, recursiveReadOnly: boolean): Resolved<PlannedMount> {
  const destination = absolute(mount.mountPath);
  const said = `The mount of volume "${mount.volume}" at ${JSON.stringify(mount.mountPath)}`;
  const misplaced = placeTrouble(destination);
  if (misplaced !== null) return unresolved(`${said} ${misplaced}.`);
  if (mount.propagation !== undefined) {
    return unresolved(
      `${said} has mountPropagation ${mount.propagation}, which is not supported: only None is.`,
    );
  }
  const wanted = mount.readOnly ? mount.recursiveReadOnly : undefined;
  if (wanted === 'Enabled' && !recursiveReadOnly) {
    return unresolved(`${said} has recursiveReadOnly, which this machine cannot do.`);
  }
  const deep = wanted !== undefined && recursiveReadOnly;
  return resolved(bind(destination, source, mount.readOnly ? (deep ? ['ro', 'rro'] : ['ro']) : ['rw']));
}

/** Why nothing can be mounted there; null: it can. */
function placeTrouble(destination: string): string | null {
  if (destination.includes('\0')) return 'holds a NUL byte';
  if (destination === '/') return "would be the container's root";
  // There the kernel tells programs about themselves: nothing may stand in for it.
  return destination === '/proc' || destination.startsWith('/proc/') ? 'would hide /proc' : null;
}

function bind(destination: string, source: string, options: readonly string[]): PlannedMount {
  return { destination, type: 'bind', source, options: ['rbind', 'rprivate', ...options] };
}

/** As the kubelet reads a path in a container: from its root, whatever is written. */
export function absolute(path: string): string {
  const whole = posix.normalize(`/${path}`);
  return whole.length > 1 ? whole.replace(/\/$/, '') : whole;
}

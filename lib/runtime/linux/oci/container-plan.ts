import type { CgroupLimits } from './cgroup-limits.ts';
import type { ContainerUser } from './container-user.ts';
import type { SeccompProfile } from './seccomp-profile.ts';

/** Whose namespace of one kind a container is in. `path`: a file that holds one, as /run/netns/NAME or /proc/PID/ns/pid. */
export type NamespaceChoice =
  | { readonly of: 'own' }
  | { readonly of: 'machine' }
  | { readonly of: 'path'; readonly path: string };

export const namespaceKinds = ['network', 'ipc', 'uts', 'pid', 'cgroup', 'mount'] as const;
export type NamespaceKind = (typeof namespaceKinds)[number];

export type PlannedMount = {
  /** Absolute, in the container. */
  readonly destination: string;
  /** `bind`, or a kind of file system. */
  readonly type: string;
  /** On the machine, for `bind`. */
  readonly source: string;
  /** As mount(8) and the OCI runtime specification know them. */
  readonly options: readonly string[];
};

export type PlannedDevice = {
  readonly path: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  readonly fileMode: number;
};

/** What is hidden or held read-only under /proc and /sys, where it is there at all. */
export type PlannedPath = { readonly path: string; readonly kind: 'file' | 'directory' };

/** All that a launcher has to do for one container, whichever launcher it is. Plain data: it can be kept and compared. */
export type ContainerPlan = {
  readonly argv: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly cwd: string;
  readonly terminal: boolean;
  readonly user: ContainerUser;
  /** What bounds it, and what root in it has: `CAP_…`. */
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly privileged: boolean;
  readonly openFiles: { readonly soft: number; readonly hard: number };
  /** null: as its launcher's own. */
  readonly oomScoreAdj: number | null;
  /** Absolute, on the machine: where its root file system is mounted. */
  readonly rootPath: string;
  readonly rootReadOnly: boolean;
  readonly hostname: string;
  readonly namespaces: Readonly<Record<NamespaceKind, NamespaceChoice>>;
  /** In this order. */
  readonly mounts: readonly PlannedMount[];
  readonly maskedPaths: readonly PlannedPath[];
  readonly readOnlyPaths: readonly PlannedPath[];
  /** Beside null, zero, full, random, urandom and tty, which every container has. */
  readonly devices: readonly PlannedDevice[];
  readonly seccomp: SeccompProfile | null;
  readonly sysctls: readonly (readonly [name: string, value: string])[];
  readonly cgroupPath: string;
  readonly limits: CgroupLimits;
  readonly cgroups: 'v1' | 'v2';
  readonly swapAccounting: boolean;
};

/** What every container finds under /dev. Source: OCI runtime specification, default devices. */
export const DEFAULT_DEVICES: readonly PlannedDevice[] = [
  { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666 },
  { path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 0o666 },
  { path: '/dev/full', type: 'c', major: 1, minor: 7, fileMode: 0o666 },
  { path: '/dev/random', type: 'c', major: 1, minor: 8, fileMode: 0o666 },
  { path: '/dev/urandom', type: 'c', major: 1, minor: 9, fileMode: 0o666 },
  { path: '/dev/tty', type: 'c', major: 5, minor: 0, fileMode: 0o666 },
];

/** Symbolic links under /dev, path to target. Source: the same. */
export const DEVICE_LINKS: readonly (readonly [path: string, target: string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/ptmx', 'pts/ptmx'],
];

const files = (...paths: readonly string[]): readonly PlannedPath[] =>
  paths.map((path) => ({ path, kind: 'file' }));
const directories = (...paths: readonly string[]): readonly PlannedPath[] =>
  paths.map((path) => ({ path, kind: 'directory' }));

/** What tells of the machine or lets its hardware be reached. Source: the CRI's default MaskedPaths. */
export const MASKED_PATHS: readonly PlannedPath[] = [
  ...directories(
    '/proc/acpi',
    '/proc/asound',
    '/proc/scsi',
    '/sys/firmware',
    '/sys/devices/virtual/powercap',
  ),
  ...files(
    '/proc/interrupts',
    '/proc/kcore',
    '/proc/keys',
    '/proc/latency_stats',
    '/proc/timer_list',
    '/proc/timer_stats',
    '/proc/sched_debug',
  ),
];

/** What is the machine's to write. Source: the CRI's default ReadonlyPaths. */
export const READ_ONLY_PATHS: readonly PlannedPath[] = [
  ...directories('/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys'),
  ...files('/proc/sysrq-trigger'),
];

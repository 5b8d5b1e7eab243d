import { limits } from '../../../base/limits.ts';
import type { ContainerResources, ContainerSecurity } from '../../container-security.ts';
import type { ContainerSpec, StartRefusal } from '../../driver.ts';
import { capabilitiesOfMask, containerCapabilities } from './capabilities.ts';
import { cgroupLimits } from './cgroup-limits.ts';
import { absolute, containerMounts, type PodFiles, type VolumeSource } from './container-mounts.ts';
import {
  type ContainerPlan,
  MASKED_PATHS,
  type NamespaceChoice,
  type PlannedDevice,
  READ_ONLY_PATHS,
} from './container-plan.ts';
import { containerUser } from './container-user.ts';
import { type LaunchImage, launchArgv, launchEnv } from './launch-image.ts';
import { type LocalhostProfile, seccompOf } from './seccomp-choice.ts';
import type { Architecture } from './seccomp-profile.ts';

/** What a machine and the one who launches on it can give. */
export type LaunchMachine = {
  readonly architecture: Architecture;
  /** What it may hand on: `CapPrm` and `CapBnd` of /proc/self/status, in hexadecimal. */
  readonly capabilityMask: string;
  /** The hard limit of open files; who may not raise it cannot give more. */
  readonly openFilesMax: number;
  /** Below it nothing can be set: /proc/self/oom_score_adj, where CAP_SYS_RESOURCE is missing; else -1000. */
  readonly oomScoreAdjMin: number;
  /** mount_setattr, Linux 5.12, and a launcher that knows `rro`. */
  readonly recursiveReadOnly: boolean;
  /** Whether swap is counted: memory.memsw.limit_in_bytes (v1) or memory.swap.max (v2) is there. */
  readonly swapAccounting: boolean;
  /** Which version holds the cpu, memory and pids controllers. */
  readonly cgroups: 'v1' | 'v2';
  /** What privileged containers see of the machine's. */
  readonly devices: readonly PlannedDevice[];
};

export type LaunchSandbox = {
  readonly hostname: string;
  readonly network: NamespaceChoice;
  readonly ipc: NamespaceChoice;
  readonly uts: NamespaceChoice;
  readonly pid: NamespaceChoice;
  readonly files: PodFiles;
  /** podSysctls of its spec. */
  readonly sysctls: ReadonlyMap<string, string>;
};

export type PlanInput = {
  readonly spec: ContainerSpec;
  readonly image: LaunchImage;
  /** Texts of the image's /etc/passwd and /etc/group, at most limits.imageAccountsBytesMax each; '' where there is none. */
  readonly accounts: { readonly passwd: string; readonly group: string };
  readonly sandbox: LaunchSandbox;
  readonly machine: LaunchMachine;
  /** For a Localhost seccomp profile; null: the machine has no directory of them. */
  readonly localhostProfile: LocalhostProfile | null;
  readonly volumes: readonly VolumeSource[];
  /** On the machine: the file that takes the container's last words. */
  readonly terminationLog: string;
  readonly rootPath: string;
  readonly cgroupPath: string;
  /** null: no limit. */
  readonly pidsMax: number | null;
  readonly terminal: boolean;
};

export type PlanVerdict =
  | { readonly ok: true; readonly plan: ContainerPlan; readonly limitations: readonly string[] }
  | { readonly ok: false; readonly refusal: StartRefusal };

/** What is asked of a driver that was not told: what Kubernetes' defaults are. */
const PLAIN: ContainerSecurity = {
  ...{ runAsUser: null, runAsGroup: null, runAsNonRoot: false, privileged: false },
  ...{ supplementalGroups: [], supplementalGroupsPolicy: 'Merge', procMount: 'Default' },
  ...{ readOnlyRootFilesystem: false, allowPrivilegeEscalation: true },
  capabilities: { add: [], drop: [] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Everything one container is, for any launcher; or why there can be no such container. Pure. */
export function planContainer(input: PlanInput): PlanVerdict {
  const { spec, image, sandbox, machine } = input;
  const security = spec.security ?? { ...PLAIN, runAsUser: spec.user, runAsGroup: spec.group };
  const user = containerUser(security, image.user, input.accounts);
  if (!user.ok) return user;
  const argv = launchArgv(image, spec);
  if (argv.length === 0) return refused('Neither the container nor its image says what to run.');
  const cwd = absolute(spec.workingDir || image.workingDir);
  if ([...argv, cwd].some((word) => word.includes('\0')))
    return refused('What is to be run holds a NUL byte.');
  const devices = spec.volumeDevices ?? [];
  if (devices.length > 0) return refused(`volumeDevices (${devices.join(', ')}) are not supported.`);
  const { privileged } = security;
  const wanted = containerCapabilities({ ...security.capabilities, privileged });
  if (!wanted.ok) return refused(wanted.message);
  const given = new Set(capabilitiesOfMask(machine.capabilityMask));
  const capabilities = wanted.value.filter((name) => given.has(name));
  const { architecture } = machine;
  const localhost = input.localhostProfile;
  const seccomp = seccompOf(security.seccompProfile, { architecture, capabilities, localhost });
  if (!seccomp.ok)
    return { ok: false, refusal: { reason: 'CreateContainerConfigError', message: seccomp.message } };
  const rootReadOnly = security.readOnlyRootFilesystem;
  const mounts = containerMounts({
    ...{ volumes: input.volumes, podFiles: sandbox.files, rootReadOnly, privileged },
    terminationLog: {
      source: input.terminationLog,
      path: spec.terminationMessagePath ?? '/dev/termination-log',
    },
    recursiveReadOnly: machine.recursiveReadOnly,
  });
  if (!mounts.ok) return refused(mounts.message);
  const open = privileged || security.procMount === 'Unmasked';
  const { hostname } = sandbox;
  const plan: ContainerPlan = {
    argv,
    env: launchEnv(image, spec.env, { hostname, home: user.user.home, tty: spec.tty }),
    cwd,
    ...{ terminal: input.terminal, user: user.user, capabilities, privileged, rootReadOnly, hostname },
    noNewPrivileges: !security.allowPrivilegeEscalation,
    openFiles: openFilesOf(machine),
    oomScoreAdj: spec.oomScoreAdj === undefined ? null : Math.max(spec.oomScoreAdj, machine.oomScoreAdjMin),
    ...{ rootPath: input.rootPath, cgroupPath: input.cgroupPath, mounts: mounts.value },
    namespaces: namespacesOf(sandbox, privileged),
    maskedPaths: open ? [] : MASKED_PATHS,
    readOnlyPaths: open ? [] : READ_ONLY_PATHS,
    devices: privileged ? machine.devices : [],
    seccomp: seccomp.value,
    sysctls: sandbox.network.of === 'machine' ? withoutNetwork(sandbox.sysctls) : [...sandbox.sysctls],
    limits: cgroupLimits(resourcesOf(spec), input.pidsMax),
    ...{ cgroups: machine.cgroups, swapAccounting: machine.swapAccounting },
  };
  return { ok: true, plan, limitations: missing(spec.container, wanted.value, given) };
}

function refused(message: string): PlanVerdict {
  return { ok: false, refusal: { reason: 'CreateContainerError', message } };
}

/** A privileged container sees the machine's cgroups. */
function namespacesOf(sandbox: LaunchSandbox, privileged: boolean): ContainerPlan['namespaces'] {
  const { network, ipc, uts, pid } = sandbox;
  const cgroup: NamespaceChoice = privileged ? { of: 'machine' } : { of: 'own' };
  return { network, ipc, uts, pid, cgroup, mount: { of: 'own' } };
}

function withoutNetwork(sysctls: ReadonlyMap<string, string>): ContainerPlan['sysctls'] {
  return [...sysctls].filter(([name]) => !name.startsWith('net.'));
}

function openFilesOf({ openFilesMax }: LaunchMachine): ContainerPlan['openFiles'] {
  const hard = Math.min(limits.containerOpenFilesHardMax, openFilesMax);
  return { hard, soft: Math.min(limits.containerOpenFilesSoftMax, hard) };
}

function resourcesOf({ resources, cpuLimitMillis, memoryLimitBytes }: ContainerSpec): ContainerResources {
  return resources ?? { cpuLimitMillis, memoryLimitBytes, cpuRequestMillis: null, memoryRequestBytes: null };
}

function missing(
  container: string,
  wanted: readonly string[],
  given: ReadonlySet<string>,
): readonly string[] {
  const names = wanted.filter((name) => !given.has(name));
  if (names.length === 0) return [];
  return [`Container ${container}: this machine's root does not have ${names.join(', ')} to give.`];
}

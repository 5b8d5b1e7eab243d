import { type CgroupLimits, pageSizeText } from './cgroup-limits.ts';
import { type ContainerPlan, namespaceKinds, type PlannedPath } from './container-plan.ts';
import type { SeccompProfile } from './seccomp-profile.ts';

/** config.json of a bundle. Source: OCI runtime specification 1.0.2; only what is used here. */
export type OciSpec = {
  readonly ociVersion: '1.0.2';
  readonly process: {
    readonly terminal: boolean;
    readonly user: {
      readonly uid: number;
      readonly gid: number;
      readonly umask: number;
      readonly additionalGids: readonly number[];
    };
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
    readonly capabilities: Readonly<Record<CapabilitySet, readonly string[]>>;
    readonly rlimits: readonly { readonly type: string; readonly hard: number; readonly soft: number }[];
    readonly noNewPrivileges: boolean;
    readonly oomScoreAdj?: number;
  };
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname?: string;
  readonly mounts: readonly {
    readonly destination: string;
    readonly type: string;
    readonly source: string;
    readonly options: readonly string[];
  }[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string; readonly path?: string }[];
    readonly devices: readonly {
      readonly path: string;
      readonly type: string;
      readonly major: number;
      readonly minor: number;
      readonly fileMode: number;
      readonly uid: number;
      readonly gid: number;
    }[];
    readonly cgroupsPath: string;
    readonly resources: OciResources;
    readonly rootfsPropagation: 'private';
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
    readonly sysctl: Readonly<Record<string, string>>;
    readonly seccomp?: SeccompProfile;
  };
};
type CapabilitySet = 'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient';

export type OciResources = {
  readonly devices: readonly { readonly allow: boolean; readonly access: string }[];
  readonly cpu?: { readonly shares: number; readonly period: number; readonly quota?: number };
  readonly memory?: { readonly limit?: number; readonly swap?: number };
  readonly pids?: { readonly limit: number };
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[];
  readonly unified?: Readonly<Record<string, string>>;
};

/** The plan as runc and crun read it. */
export function ociSpec(plan: ContainerPlan): OciSpec {
  const { capabilities, user, seccomp, openFiles, oomScoreAdj } = plan;
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: plan.terminal,
      user: { uid: user.uid, gid: user.gid, umask: 0o022, additionalGids: user.groups },
      args: plan.argv,
      env: plan.env.map(([name, value]) => `${name}=${value}`),
      cwd: plan.cwd,
      // None is inheritable: a program that is not root has what its file gives it, no more.
      capabilities: {
        ...{ bounding: capabilities, effective: capabilities, permitted: capabilities },
        ...{ inheritable: [], ambient: [] },
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: openFiles.hard, soft: openFiles.soft }],
      noNewPrivileges: plan.noNewPrivileges,
      ...(oomScoreAdj !== null && { oomScoreAdj }),
    },
    root: { path: plan.rootPath, readonly: plan.rootReadOnly },
    // In a namespace that exists the name is set already.
    ...(plan.namespaces.uts.of === 'own' && { hostname: plan.hostname }),
    mounts: plan.mounts,
    linux: {
      namespaces: namespaceKinds.flatMap((type) => {
        const choice = plan.namespaces[type];
        if (choice.of === 'machine') return [];
        return [choice.of === 'own' ? { type } : { type, path: choice.path }];
      }),
      devices: plan.devices.map((device) => ({ ...device, uid: 0, gid: 0 })),
      cgroupsPath: plan.cgroupPath,
      resources: resourcesOf(plan),
      rootfsPropagation: 'private',
      maskedPaths: pathsOf(plan.maskedPaths),
      readonlyPaths: pathsOf(plan.readOnlyPaths),
      sysctl: Object.fromEntries(plan.sysctls),
      ...(seccomp !== null && { seccomp }),
    },
  };
}

const pathsOf = (paths: readonly PlannedPath[]): readonly string[] => paths.map(({ path }) => path);

function resourcesOf({ limits, privileged, cgroups, swapAccounting }: ContainerPlan): OciResources {
  const { cpuShares: shares, cpuPeriodMicros: period, cpuQuotaMicros: quota, pids, hugepages } = limits;
  return {
    devices: [{ allow: privileged, access: 'rwm' }],
    cpu: { shares, period, ...(quota !== null && { quota }) },
    memory: memoryOf(limits, swapAccounting),
    ...(pids !== null && { pids: { limit: pids } }),
    ...(hugepages.length > 0 && {
      hugepageLimits: hugepages.map(({ pageBytes, limitBytes }) => ({
        pageSize: pageSizeText(pageBytes),
        limit: limitBytes,
      })),
    }),
    // All programs of a container that is out of memory end together. Source: kubelet.
    ...(cgroups === 'v2' && { unified: { 'memory.oom.group': '1' } }),
  };
}

/** `swap` counts both: as much as the limit is none of it swapped. */
function memoryOf(
  { memoryBytes }: CgroupLimits,
  swapAccounting: boolean,
): NonNullable<OciResources['memory']> {
  if (memoryBytes === null) return {};
  return { limit: memoryBytes, ...(swapAccounting && { swap: memoryBytes }) };
}

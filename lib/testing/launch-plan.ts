import type { ContainerSpec } from '../runtime/driver.ts';
import type { LaunchMachine, PlanInput } from '../runtime/linux/oci/plan-container.ts';

/** A machine on which everything can be had. */
export const plainMachine: LaunchMachine = {
  architecture: 'x64',
  capabilityMask: '000001ffffffffff',
  openFilesMax: 1_048_576,
  oomScoreAdjMin: -1000,
  recursiveReadOnly: true,
  swapAccounting: false,
  cgroups: 'v2',
  devices: [],
};

export const plainSpec: ContainerSpec = {
  id: 'u1.main.0',
  podUid: 'u1',
  container: 'main',
  attempt: 0,
  image: 'busybox',
  command: ['true'],
  args: [],
  env: [],
  workingDir: null,
  mounts: [],
  stdin: false,
  tty: false,
  user: null,
  group: null,
  cpuLimitMillis: null,
  memoryLimitBytes: null,
};

const plainSecurity: NonNullable<ContainerSpec['security']> = {
  runAsUser: null,
  runAsGroup: null,
  runAsNonRoot: false,
  supplementalGroups: [],
  supplementalGroupsPolicy: 'Merge',
  capabilities: { add: [], drop: [] },
  privileged: false,
  readOnlyRootFilesystem: false,
  allowPrivilegeEscalation: true,
  seccompProfile: { type: 'RuntimeDefault' },
  procMount: 'Default',
};

/** What a plan is made from: a container that asks for nothing, and what a test says besides. */
export function planInputOf(
  more: {
    readonly spec?: Partial<ContainerSpec>;
    readonly security?: Partial<NonNullable<ContainerSpec['security']>>;
    readonly image?: Partial<PlanInput['image']>;
    readonly sandbox?: Partial<PlanInput['sandbox']>;
    readonly machine?: Partial<LaunchMachine>;
  } & Partial<Omit<PlanInput, 'spec' | 'image' | 'sandbox' | 'machine'>> = {},
): PlanInput {
  const { spec, security, image, sandbox, machine, ...rest } = more;
  return {
    spec: { ...plainSpec, security: { ...plainSecurity, ...security }, ...spec },
    image: { entrypoint: [], cmd: [], env: [], user: '', workingDir: '', ...image },
    accounts: { passwd: '', group: '' },
    sandbox: {
      hostname: 'web-0',
      network: { of: 'own' },
      ipc: { of: 'own' },
      uts: { of: 'own' },
      pid: { of: 'own' },
      files: { resolvConf: null, hosts: null, hostname: null, shm: null },
      sysctls: new Map(),
      ...sandbox,
    },
    machine: { ...plainMachine, ...machine },
    localhostProfile: null,
    volumes: [],
    terminationLog: '/var/empty/termination-log',
    rootPath: '/var/empty/root',
    cgroupPath: '/pintle/u1/main',
    pidsMax: 4096,
    terminal: false,
    ...rest,
  };
}

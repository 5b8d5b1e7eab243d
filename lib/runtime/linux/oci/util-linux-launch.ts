import {
  type ContainerPlan,
  DEFAULT_DEVICES,
  type NamespaceKind,
  namespaceKinds,
  type PlannedDevice,
  type PlannedMount,
} from './container-plan.ts';

/**
 * The plan for util-linux's programs, each as its arguments: nsenter into what exists, unshare what is its own, mount, then
 * prlimit, setpriv and chroot in front of the program. `limitations`: what they cannot do.
 */
export type UtilLinuxLaunch = {
  readonly nsenter: readonly string[];
  readonly unshare: readonly string[];
  /**
   * For mount(8) `--fstab`, in this order, with targets below the root. Directories for file systems of the kernel's are made on
   * the way; what is bound needs a place to be bound to.
   */
  readonly fstab: string;
  /** To be shown by a bind of the machine's own. */
  readonly devices: readonly PlannedDevice[];
  readonly prlimit: readonly string[];
  readonly setpriv: readonly string[];
  /** Options of coreutils' chroot, which takes the user on inside the new root; the directory and the program follow. */
  readonly chroot: readonly string[];
  readonly limitations: readonly string[];
};

const NSENTER: Readonly<Record<NamespaceKind, string>> = {
  network: '--net',
  ipc: '--ipc',
  uts: '--uts',
  pid: '--pid',
  cgroup: '--cgroup',
  mount: '--mount',
};

/** What chroot itself needs, and what it needs to become somebody else. */
const CHROOT = 'CAP_SYS_CHROOT';
const BECOME = ['CAP_SETUID', 'CAP_SETGID'];
/** No rule of devices stands behind these launchers: who may make a device may use any. */
const MKNOD = 'CAP_MKNOD';

export function utilLinuxLaunch(plan: ContainerPlan, container: string): UtilLinuxLaunch {
  const own = namespaceKinds.filter((kind) => plan.namespaces[kind].of === 'own');
  const { uid, gid, groups } = plan.user;
  const becomes = uid !== 0 || gid !== 0 || groups.some((group) => group !== 0);
  const kept = new Set(plan.capabilities);
  if (!plan.privileged) kept.delete(MKNOD);
  const needed = [CHROOT, ...(becomes ? BECOME : [])];
  const extra = needed.filter((name) => !kept.has(name));
  const bounding = [...kept, ...extra].map((name) => `+${name.slice('CAP_'.length).toLowerCase()}`);
  return {
    nsenter: [
      ...namespaceKinds.flatMap((kind) => {
        const choice = plan.namespaces[kind];
        return choice.of === 'path' ? [`${NSENTER[kind]}=${choice.path}`] : [];
      }),
      // Who is forked next is in it, as with a namespace of its own.
      ...(plan.namespaces.pid.of === 'path' ? ['--no-fork'] : []),
    ],
    unshare: [
      ...own.map((kind) => NSENTER[kind]),
      ...(own.includes('mount') ? ['--propagation=private'] : []),
      '--fork',
      '--kill-child',
    ],
    fstab: fstabOf(mountable(plan), plan.rootPath),
    devices: [...DEFAULT_DEVICES, ...plan.devices],
    prlimit: [`--nofile=${plan.openFiles.soft}:${plan.openFiles.hard}`],
    setpriv: [
      ...(plan.noNewPrivileges ? ['--no-new-privs'] : []),
      `--bounding-set=${['-all', ...bounding].join(',')}`,
      '--inh-caps=-all',
    ],
    chroot: [`--userspec=+${uid}:+${gid}`, `--groups=${groups.map((group) => `+${group}`).join(',')}`],
    limitations: limitationsOf(plan, extra).map((text) => `Container ${container}: ${text}`),
  };
}

/** Of version 1's many trees a container is shown none: what the launchers of the OCI put together there, no mount alone does. */
function mountable({ mounts, cgroups }: ContainerPlan): readonly PlannedMount[] {
  return mounts.flatMap((mount) => {
    if (mount.type !== 'cgroup') return [mount];
    return cgroups === 'v2' ? [{ ...mount, type: 'cgroup2', source: 'cgroup2' }] : [];
  });
}

function limitationsOf(plan: ContainerPlan, extra: readonly string[]): readonly string[] {
  const said: string[] = [];
  if (plan.seccomp !== null) said.push('System calls are not filtered.');
  if (!plan.privileged && plan.capabilities.includes(MKNOD)) said.push(`It does not have ${MKNOD}.`);
  if (extra.length > 0) said.push(`It keeps ${extra.join(', ')}, which its launcher needs.`);
  return said;
}

/** Lines of fstab(5). Octal stands for what separates fields. */
export function fstabOf(mounts: readonly PlannedMount[], root: string): string {
  const base = root.replace(/\/{1,64}$/, '');
  return mounts
    .map(({ source, destination, type, options }) => {
      const kind = type === 'bind' ? 'none' : type;
      return `${[source, `${base}${destination}`, kind, optionsOf(options, type).join(',')].map(fstabField).join(' ')} 0 0\n`;
    })
    .join('');
}

/** mount(8) asks for recursion of a flag in its own way. */
function optionsOf(options: readonly string[], type: string): readonly string[] {
  const own = options.flatMap((option) => {
    if (option === 'rro') return [];
    return [option === 'ro' && options.includes('rro') ? 'ro=recursive' : option];
  });
  return type === 'bind' ? own : [...own, 'X-mount.mkdir'];
}

/** A field of fstab(5), with what separates them in octal. */
export function fstabField(field: string): string {
  return field.replace(
    /[\s\\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}

import { quote, SHELL_OWNED } from '../../agent/entering.ts';
import { MARKER } from '../../agent/marker.ts';
import type { ContainerGroups } from '../cgroup/pod-groups.ts';
import { type ContainerPlan, DEVICE_LINKS, type PlannedDevice } from '../oci/container-plan.ts';
import { utilLinuxLaunch } from '../oci/util-linux-launch.ts';
import { putLine } from './compose-words.ts';
import { CONTAINER_ROOT, INNER_FUNCTIONS, SEAL } from './inner-functions.ts';

/** How util-linux's own programs launch a container, where there is no OCI runtime. */
export type UtilLinuxScript = {
  /** What the launcher's shell becomes: it runs `inner` as the container's first process. */
  readonly become: readonly string[];
  readonly inner: string;
  /** Brings a command in: $1 is the container's first process, the command follows. */
  readonly enter: string;
  readonly limitations: readonly string[];
};

export type UtilLinuxInput = {
  readonly plan: ContainerPlan;
  readonly container: string;
  /** The launcher joins them itself; a command that is brought in does it here. */
  readonly groups: ContainerGroups;
  readonly innerPath: string;
  /** Where the first process's id is written. */
  readonly pidFile: string;
};

/**
 * Variables that programs of the machine, which stand before the container's own, would take for theirs: as root, and on the
 * machine's files. Source: glibc, variables that privileged programs do not heed.
 */
const PERILOUS =
  /^(LD_.*|GLIBC_TUNABLES|GCONV_PATH|GETCONF_DIR|LOCPATH|NLSPATH|MALLOC_.*|LIBMOUNT_.*|LOOPDEV_DEBUG|BASH_ENV|ENV)$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function utilLinuxScript(input: UtilLinuxInput): UtilLinuxScript {
  const { plan, container, groups, innerPath } = input;
  const tools = utilLinuxLaunch(plan, container);
  const carried = plan.env.filter(([name]) => NAME.test(name) && !PERILOUS.test(name));
  const dropped = plan.env.filter((pair) => !carried.includes(pair)).map(([name]) => name);
  const unshare = tools.unshare.filter((word) => !/^--(propagation|fork|kill-child)/.test(word));
  const words = (list: readonly string[]): string => list.map(quote).join(' ');
  const enterAll = tools.nsenter.length === 0 ? '' : `nsenter ${words(tools.nsenter)} `;
  const environment = [
    `unset PWD OLDPWD SHLVL ${MARKER}`,
    ...carried.flatMap(([name, value]) => (SHELL_OWNED.test(name) ? [] : [`export ${name}=${quote(value)}`])),
  ];
  return {
    become: [
      ...(plan.oomScoreAdj === null ? [] : [`echo ${plan.oomScoreAdj} >/proc/self/oom_score_adj`]),
      // It is not unshare that waits for the program: it cannot tell that SIGKILL ended it.
      `exec ${enterAll}unshare ${words(unshare)} --propagation=private /bin/sh -c ${quote(WAIT)} ${quote(innerPath)}`,
    ],
    inner: [
      'set -e',
      // Seen from the machine: /proc is still its.
      'read -r own rest </proc/self/stat',
      `exec 7>${quote(input.pidFile)}`,
      `cd -P ${quote(plan.rootPath)}`,
      INNER_FUNCTIONS,
      ...mountWords(plan, tools.devices),
      ...findProgram(plan),
      SEAL,
      // From now on it runs.
      'printf %s "$own" >&7',
      'exec 7>&-',
      ...environment,
      `exec ${words(program(plan, tools))} ${words(plan.argv)}`,
      '',
    ].join('\n'),
    enter: [
      'pid=$1; shift',
      ...groups.procs.map((file) => `echo 0 >${quote(file)}`),
      ...environment,
      // Into its mounts, where the machine's programs are, and nothing else of the machine.
      `exec /usr/bin/nsenter --target "$pid" --mount --ipc --uts --net --pid --cgroup ${words(program(plan, tools))} "$@"`,
      '',
    ].join('\n'),
    limitations: [
      ...tools.limitations,
      ...(dropped.length === 0
        ? []
        : [
            `Container ${container}: variables that the launcher could take for its own are left out: ${dropped.join(', ')}.`,
          ]),
    ],
  };
}

/** What stands before the container's program, each by its path: its PATH is set by now. */
function program(plan: ContainerPlan, tools: ReturnType<typeof utilLinuxLaunch>): readonly string[] {
  const { uid, gid, groups } = plan.user;
  const others = groups.filter((group) => group !== gid);
  const argv = [
    ...['/usr/bin/prlimit', ...tools.prlimit],
    ...['/usr/bin/setpriv', `--regid=${gid}`],
    others.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
    ...tools.setpriv,
    ...['/usr/bin/unshare', `--root=${CONTAINER_ROOT}`, `--wd=${plan.cwd}`],
    ...(uid === 0 ? [] : [`--setuid=${uid}`]),
    '--',
  ];
  const owned = plan.env.filter(([name]) => SHELL_OWNED.test(name) && !PERILOUS.test(name));
  return owned.length === 0
    ? argv
    : ['/usr/bin/env', ...owned.map(([name, value]) => `${name}=${value}`), ...argv];
}

/** Forks the first process of the pid namespace, whose log is not told of its end. */
const WAIT = 'exec 3>&2 2>/dev/null; (exec 2>&3 3>&-; exec /bin/sh "$0"); exit $?';

function mountWords(plan: ContainerPlan, devices: readonly PlannedDevice[]): readonly string[] {
  // What a volume has in such a place is no business of the kernel's.
  const ofKernel = (path: string, cover: string): string =>
    `if reach find ${quote(path)} && [ -e "./$name" ] && ! shared; then ${cover}; fi`;
  return [
    ...plan.mounts.filter(({ type }) => type !== 'cgroup').map((mount) => putLine(mount, mount.destination)),
    ...devices.map(({ path }) => `put bind ${quote(path)} ${quote(path)} bind`),
    ...DEVICE_LINKS.map(([path, target]) => `reach make ${quote(path)}; ln -sfn ${quote(target)} "./$name"`),
    'cd -P "$root"',
    ...plan.sysctls.map(
      ([name, value]) =>
        `printf %s ${quote(value)} >./proc/sys/${quote(name.replaceAll('.', '/'))} || { echo ${quote(`the kernel refuses the sysctl ${name}`)} >&2; exit 1; }`,
    ),
    ...plan.readOnlyPaths.map(({ path }) => ofKernel(path, 'mount -n --bind -o ro "./$name" "./$name"')),
    ...plan.maskedPaths.map(({ path, kind }) =>
      ofKernel(
        path,
        `${kind === 'file' ? 'mount -n --bind /dev/null' : 'mount -n -t tmpfs -o ro,size=0 tmpfs'} "./$name"`,
      ),
    ),
    ...(plan.rootReadOnly ? ['mount -n -o remount,ro,bind "$root"'] : []),
  ];
}

/** A program that is not there is a launch that failed, not a container that ended: looked for before it is said to run. */
function findProgram({ argv, env, cwd }: ContainerPlan): readonly string[] {
  const [name = ''] = argv;
  const path = env.find(([key]) => key === 'PATH')?.[1] ?? '/usr/bin:/bin';
  const places = name.includes('/')
    ? [name.startsWith('/') ? name : `${cwd}/${name}`]
    : path.split(':').map((directory) => `${directory}/${name}`);
  return [
    `found=; for path in ${places.map(quote).join(' ')}; do if reach find "$path" && [ -f "./$name" ] && [ -x "./$name" ]; then found=1; break; fi; done`,
    `if [ -z "$found" ]; then printf '%s\\n' ${quote(`exec: ${JSON.stringify(name)}: executable file not found`)} >&2; exit 127; fi`,
  ];
}

import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf, WorldError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { containerDirectory, containerFiles } from '../agent/container-directory.ts';
import type { Isolated } from '../agent/isolated.ts';
import type { LaunchSpec } from '../agent/launch-spec.ts';
import type { ContainerRecord, ContainerSpec, StartRefusal } from '../driver.ts';
import type { ImageRoot } from '../image/image-root.ts';
import type { ContainerGroups, PodGroups } from './cgroup/pod-groups.ts';
import type { OverlayPlan, SubPath } from './launch/launch-script.ts';
import { type LauncherName, type OciRuntime, ociLaunch } from './launch/launchers.ts';
import { utilLinuxScript } from './launch/util-linux-script.ts';
import { makeBundle, writeLaunch, writeWhole } from './launch/write-bundle.ts';
import { bundleFiles, linuxLayout, profilesDirectory } from './linux-layout.ts';
import type { LinuxRecord } from './linux-record.ts';
import { composeMounts } from './oci/compose-mounts.ts';
import type { VolumeSource } from './oci/container-mounts.ts';
import type { ContainerPlan, NamespaceChoice, PlannedMount } from './oci/container-plan.ts';
import { type LaunchMachine, type LaunchSandbox, planContainer } from './oci/plan-container.ts';
import { podSysctls } from './oci/sysctls.ts';
import { readLocalhostProfile } from './read-localhost-profile.ts';
import { openTargetNamespace } from './target-namespace.ts';
import { placeUpper, upperInMemory } from './uppers.ts';
import { openBeneath } from './volume/open-beneath.ts';
import { volumeSource } from './volume/pod-volumes.ts';

export type LaunchInput = {
  readonly spec: ContainerSpec;
  readonly record: LinuxRecord;
  /** Of all containers: one may be looked into. */
  readonly records: readonly ContainerRecord[];
  readonly image: ImageRoot;
  readonly launcher: LauncherName;
  readonly machine: LaunchMachine;
  readonly groups: PodGroups;
  /** Directories the launcher is not shown. */
  readonly hidden: readonly string[];
  readonly root: string;
  /** Whether what it writes is held in memory. */
  readonly inMemory: boolean;
};

/** `close` lets go of what the launcher mounts from, once the container was started: no other file takes its place until then. */
export type PreparedLaunch =
  | { readonly ok: true; readonly launch: LaunchSpec; readonly limitations: readonly string[]; close(): void }
  | { readonly ok: false; readonly refusal: StartRefusal };

/** Lays out everything a container's launcher needs, on disk and in the control groups, and says how it is launched. May be repeated. */
export function prepareLaunch(input: LaunchInput): PreparedLaunch {
  const { spec, record, image, root } = input;
  const layout = linuxLayout(root, spec.podUid);
  const bundle = layout.bundle(spec.container, spec.attempt);
  const name = `${spec.container}.${spec.attempt}`;
  const groups = input.groups.of(spec.podUid, name);
  if (input.inMemory) placeUpper(bundle, upperInMemory(root, spec.podUid, name));
  makeBundle(bundle, image.layers);
  const opened: number[] = [];
  const close = (): void => {
    for (const fd of opened.splice(0)) closeSync(fd);
  };
  try {
    const found = findVolumes(input, bundle, opened);
    const terminationLog = layout.terminationFile(spec.container, spec.attempt);
    const verdict = planContainer({
      ...{ spec, machine: machineOf(input), image: image.config, terminationLog, volumes: found.volumes },
      accounts: accountsOf(image),
      sandbox: { ...launchSandbox(record, root), pid: pidNamespace(input, opened) },
      localhostProfile: readLocalhostProfile(spec.security?.seccompProfile, profilesDirectory(root)),
      ...{ rootPath: bundleFiles(bundle).root, cgroupPath: groups.launcherPath },
      ...{ pidsMax: limits.podProcessesMax, terminal: spec.tty },
    });
    if (!verdict.ok) {
      close();
      return verdict;
    }
    const plan = withBinds(verdict.plan, image);
    closeSync(openSync(terminationLog, 'a', 0o666));
    chownSync(terminationLog, plan.user.uid, plan.user.gid);
    input.groups.createContainer(spec.podUid, name, plan.limits);
    const made = launchOf(input, { plan, bundle, subPaths: found.subPaths, layers: image.layers.length });
    return {
      ok: true,
      launch: made.launch,
      limitations: [...verdict.limitations, ...made.limitations],
      close,
    };
  } catch (thrown) {
    close();
    if (!(thrown instanceof WorldError) || thrown.code !== 'DRIVER_FAILED') throw thrown;
    return { ok: false, refusal: { reason: 'CreateContainerConfigError', message: messageOf(thrown) } };
  }
}

type Made = {
  readonly plan: ContainerPlan;
  readonly bundle: string;
  readonly subPaths: readonly SubPath[];
  readonly layers: number;
};

function launchOf(
  input: LaunchInput,
  made: Made,
): { readonly launch: LaunchSpec; readonly limitations: readonly string[] } {
  const { spec, launcher, root } = input;
  const groups = input.groups.of(spec.podUid, `${spec.container}.${spec.attempt}`);
  const pidFile = join(containerDirectory(root, spec), containerFiles.init);
  const { isolated, limitations } =
    launcher === 'util-linux'
      ? layOutUtilLinux(input, made, { groups, pidFile })
      : layOutOci(input, made, { groups, pidFile, runtime: launcher });
  const launch: LaunchSpec = {
    id: spec.id,
    argv: ['unshare', '--mount', '--propagation', 'slave', 'sh', bundleFiles(made.bundle).launch],
    env: [['PATH', process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin']],
    ...{ cwd: '/', user: null, makeDirectories: [] },
    ...{ stdin: spec.stdin, stdinOnce: spec.stdinOnce === true, tty: spec.tty },
    isolated,
  };
  return { launch, limitations };
}

type LaidOut = { readonly isolated: Isolated; readonly limitations: readonly string[] };

function layOutOci(
  { spec, hidden, root }: LaunchInput,
  { plan, bundle, subPaths, layers }: Made,
  at: { readonly groups: ContainerGroups; readonly pidFile: string; readonly runtime: OciRuntime },
): LaidOut {
  const { groups, runtime } = at;
  const { mounts, compositions } = composeMounts(plan.mounts, {
    privileged: plan.privileged,
    sourceOf: (number) => join(bundleFiles(bundle).composed, String(number)),
  });
  const oci = ociLaunch({ ...at, id: spec.id, plan: { ...plan, mounts }, root, bundle, hidden });
  const { hidden: unseen, join: joined, become } = oci;
  const prepared = { bundle, overlay: overlayOf(layers), subPaths, compositions };
  writeLaunch({ ...prepared, hidden: unseen, join: joined, become }, oci.config);
  // runc passes on what the container writes; to crun's containers the logs are open.
  const freezer = runtime === 'runc' || spec.tty ? null : groups.freezer;
  const { exec, oomFile, stateDirectory } = oci;
  return { isolated: { exec, groups: groups.all, oomFile, freezer, stateDirectory }, limitations: [] };
}

function layOutUtilLinux(
  { spec }: LaunchInput,
  { plan, bundle, subPaths, layers }: Made,
  { groups, pidFile }: { readonly groups: ContainerGroups; readonly pidFile: string },
): LaidOut {
  const files = bundleFiles(bundle);
  const words = utilLinuxScript({ plan, container: spec.container, groups, pidFile, innerPath: files.inner });
  writeWhole(files.inner, words.inner);
  writeWhole(files.enter, words.enter);
  const { procs: joined } = groups;
  const { become } = words;
  // Its own script goes into volumes as one has to.
  const prepared = { bundle, overlay: overlayOf(layers), subPaths, compositions: [] };
  writeLaunch({ ...prepared, hidden: [], join: joined, become }, null);
  return {
    isolated: {
      exec: { kind: 'script', path: files.enter },
      ...{ groups: groups.all, oomFile: groups.oomFile, stateDirectory: null },
      freezer: spec.tty ? null : groups.freezer,
    },
    limitations: words.limitations,
  };
}

function overlayOf(layers: number): OverlayPlan {
  return { layers, upper: 'upper', work: 'work' };
}

/** The machine's, the pod's, that of the container it looks into, or its own. Throws WorldError DRIVER_FAILED when there is no such container. */
function pidNamespace(
  { spec, record, records, groups, root }: LaunchInput,
  opened: number[],
): NamespaceChoice {
  const { hostPID, shareProcessNamespace } = record.spec;
  if (hostPID === true) return { of: 'machine' };
  if (shareProcessNamespace === true) return { of: 'path', path: linuxLayout(root, spec.podUid).pid };
  if (spec.targetContainer === undefined) return { of: 'own' };
  const target = openTargetNamespace(spec, { records, groups });
  if (!target.ok) throw new WorldError('DRIVER_FAILED', target.message);
  opened.push(target.fd);
  return { of: 'path', path: `/proc/${process.pid}/fd/${target.fd}` };
}

function launchSandbox({ spec, netns }: LinuxRecord, root: string): Omit<LaunchSandbox, 'pid'> {
  const layout = linuxLayout(root, spec.podUid);
  const machine: NamespaceChoice = { of: 'machine' };
  const at = (path: string): NamespaceChoice => ({ of: 'path', path });
  const own = netns === null;
  return {
    hostname: spec.hostname,
    network: own ? machine : at(netns),
    ipc: spec.hostIPC === true ? machine : at(layout.ipc),
    uts: spec.hostNetwork === true ? machine : at(layout.uts),
    files: {
      resolvConf: join(layout.etc, 'resolv.conf'),
      hosts: join(layout.etc, 'hosts'),
      hostname: join(layout.etc, 'hostname'),
      shm: spec.hostIPC === true ? '/dev/shm' : layout.shm,
    },
    sysctls: podSysctls(spec),
  };
}

/** What each mount of the container shows; subPaths are found now, and stay what was found. */
function findVolumes(
  { spec, root }: LaunchInput,
  bundle: string,
  opened: number[],
): { readonly volumes: readonly VolumeSource[]; readonly subPaths: readonly SubPath[] } {
  const subPaths: SubPath[] = [];
  const volumes = spec.mounts.map((mount): VolumeSource => {
    const source = volumeSource(root, spec.podUid, mount.volume);
    if (mount.subPath === undefined || mount.subPath === '') return { mount, source };
    const isFiles = existsSync(join(source, '..data'));
    const { fd, isDirectory } = openBeneath(
      source,
      mount.subPath,
      isFiles || mount.readOnly ? null : { mode: 0o750 },
    );
    opened.push(fd);
    const { dev, ino } = fstatSync(fd, { bigint: true });
    subPaths.push({ source: readlinkSync(`/proc/self/fd/${fd}`), identity: `${dev}:${ino}`, isDirectory });
    return { mount, source: join(bundleFiles(bundle).subPaths, String(subPaths.length - 1)) };
  });
  return { volumes, subPaths };
}

/** mount(8) of today cannot make what is mounted below read-only too. */
function machineOf({ machine, launcher }: LaunchInput): LaunchMachine {
  return launcher === 'util-linux' ? { ...machine, recursiveReadOnly: false } : machine;
}

/** The machine's own stands below everything else that is mounted. */
function withBinds(plan: ContainerPlan, image: ImageRoot): ContainerPlan {
  const shown = (image.kind === 'host' ? image.binds : []).map(
    ({ from, to }): PlannedMount => ({
      ...{ source: from, destination: to, type: 'bind' },
      options: ['rbind', 'rprivate', 'ro', 'nosuid', 'nodev'],
    }),
  );
  return { ...plan, mounts: [...shown, ...plan.mounts] };
}

/** From the highest layer that has the file itself; what lies behind a link in an image is not looked for. */
function accountsOf({ layers }: ImageRoot): { readonly passwd: string; readonly group: string } {
  const read = (name: string): string => {
    for (const layer of [...layers].reverse()) {
      const path = join(layer, 'etc', name);
      const inEtc = lstatSync(join(layer, 'etc'), { throwIfNoEntry: false })?.isDirectory() === true;
      const stat = inEtc ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
      if (stat === undefined) continue;
      if (!stat.isFile() || stat.size > limits.imageAccountsBytesMax) return '';
      return readFileSync(path, 'utf8');
    }
    return '';
  };
  return { passwd: read('passwd'), group: read('group') };
}

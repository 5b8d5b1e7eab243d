import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ExecSession, LogOptions } from '../../api/node-agent.ts';
import type { Clock } from '../../base/clock.ts';
import { WorldError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { removeTree } from '../../base/remove-tree.ts';
import { type AgentClient, agentClient } from '../agent/agent-client.ts';
import { AgentContainers, runOf } from '../agent/agent-containers.ts';
import type { ExecStreams } from '../agent/exec-client.ts';
import type {
  ContainerRecord,
  ContainerSpec,
  DriverUsage,
  ExecRequest,
  ExecResult,
  ImageVerdict,
  PodDriver,
  PullOptions,
  Sandbox,
  SandboxSpec,
  StartOutcome,
  VolumeContent,
} from '../driver.ts';
import { guarded } from '../guarded.ts';
import { turns } from '../image/store/turns.ts';
import { measureDisk } from '../measure-disk.ts';
import type { DiskUsage } from '../pod/disk-limits.ts';
import { isVolumeName } from '../process/pod-layout.ts';
import { podsDirectory } from '../process/pods-directory.ts';
import { readTermination } from '../process/read-termination.ts';
import { holdsClaims, removeClaimDirectory } from '../volume/claim-directory.ts';
import { type CgroupTree, readCgroupTree } from './cgroup/cgroup-tree.ts';
import { groupUsage } from './cgroup/group-usage.ts';
import { PodGroups } from './cgroup/pod-groups.ts';
import type { LauncherName } from './launch/launchers.ts';
import type { PodImages } from './linux-images.ts';
import { linuxLayout, runtimeState } from './linux-layout.ts';
import { sandboxOfRecord } from './linux-record.ts';
import { LinuxSandboxes } from './linux-sandboxes.ts';
import type { PodNetwork } from './net/pod-network.ts';
import type { LaunchMachine } from './oci/plan-container.ts';
import { mountMemoryDirectory, unmountMemoryDirectory } from './pod-places.ts';
import { prepareLaunch } from './prepare-launch.ts';
import { readLaunchMachine } from './read-launch-machine.ts';
import { tryLinux } from './trial/linux-trial.ts';
import { mountUppers, removeUpper, tryUpper, unmountUppers, upperInMemory } from './uppers.ts';
import { writePodVolume } from './volume/pod-volumes.ts';

export type LinuxDriverOptions = {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly network: PodNetwork;
  readonly images: PodImages;
  /** The machine's own address: that of pods in its network. */
  readonly hostIP: string;
  /** Unset: the best that passes its trial. */
  readonly launcher?: LauncherName;
};

/** Pods as Kubernetes means them: their own network, files, processes and limits. For root on Linux. */
export function linuxDriver(options: LinuxDriverOptions): PodDriver {
  return new LinuxDriver(options);
}

/** What `open` makes. */
type Opened = {
  readonly root: string;
  readonly tree: CgroupTree;
  readonly groups: PodGroups;
  readonly sandboxes: LinuxSandboxes;
  readonly agent: AgentClient;
  readonly containers: AgentContainers;
  readonly machine: LaunchMachine;
  readonly launcher: LauncherName;
  /** Whether what containers write beside volumes is held in memory. */
  readonly inMemory: boolean;
};

class LinuxDriver implements PodDriver {
  readonly name = 'linux';
  readonly #options: LinuxDriverOptions;
  readonly #listeners = new Set<(podUid: string) => void>();
  /** Image → its id, of those that were ensured. */
  readonly #imageIds = new Map<string, string>();
  readonly #usage: ReturnType<typeof groupUsage>;
  readonly #starts = turns({ atOnce: limits.podStartsAtOnce, waitingMax: limits.containersMax });
  #opened: Opened | null = null;

  constructor(options: LinuxDriverOptions) {
    this.#options = options;
    this.#usage = groupUsage(options.clock);
  }

  open(): Promise<void> {
    return guarded(async () => {
      if (this.#opened !== null) return;
      const { clock, log, random, dataDirectory, network, hostIP } = this.#options;
      const root = podsDirectory({ dataDirectory, ownUsers: false });
      const tree = readCgroupTree();
      const groups = new PodGroups({ tree, owner: root, clock });
      const sandboxes = new LinuxSandboxes({ root, groups, network, hostIP, clock, random, log });
      await mountMemoryDirectory({ root, clock }, limits.secretMemoryBytesMax);
      const inMemory = (await tryUpper({ root, clock })).in === 'memory';
      if (inMemory) await mountUppers({ root, clock });
      await network.open();
      await sandboxes.load();
      const onChange = (id: string | null): void => this.#changed(id);
      const agent = agentClient({ dataDirectory, root, clock, log, onChange });
      await agent.open();
      const launcher = this.#options.launcher ?? (await bestLauncher({ dataDirectory, clock }));
      mkdirSync(runtimeState(root, launcher), { recursive: true, mode: 0o700 });
      const containers = new AgentContainers({ agent, root, clock, log });
      const machine = readLaunchMachine();
      this.#opened = { root, tree, groups, sandboxes, agent, containers, machine, launcher, inMemory };
    });
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await opened?.agent.close();
    await this.#options.network.close();
  }

  shutDown(): Promise<void> {
    return guarded(async () => {
      const { agent, sandboxes, groups, root } = this.#open();
      await agent.shutDown();
      for (const { podUid } of sandboxes.all()) await sandboxes.remove(podUid);
      await this.#options.network.shutDown();
      groups.removeEmpty();
      await unmountMemoryDirectory({ root, clock: this.#options.clock });
      await unmountUppers({ root, clock: this.#options.clock });
      if (!holdsClaims(root)) await removeTree(root);
      this.#opened = null;
    });
  }

  list(): Promise<readonly ContainerRecord[]> {
    return guarded(() => this.#open().containers.list());
  }

  sandboxes(): Promise<readonly Sandbox[]> {
    return guarded(async () => this.#open().sandboxes.all().map(sandboxOfRecord));
  }

  onChange(listener: (podUid: string) => void): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  async image(image: string, pullPolicy: string, options?: PullOptions): Promise<ImageVerdict> {
    const credentials = options?.dockerConfigs ?? [];
    const verdict = await this.#options.images.ensure(image, { policy: pullPolicy, credentials });
    if (verdict.ok) this.#imageIds.set(image, verdict.imageId);
    return verdict;
  }

  createSandbox(spec: SandboxSpec): Promise<Sandbox> {
    return guarded(async () => sandboxOfRecord(await this.#open().sandboxes.create(spec)));
  }

  writeVolume(podUid: string, volume: string, content: VolumeContent): Promise<void> {
    return guarded(async () => {
      const { root, sandboxes } = this.#open();
      if (!isVolumeName(volume)) throw new WorldError('DRIVER_FAILED', `not a volume name: ${volume}`);
      const fsGroup = sandboxes.get(podUid).spec.fsGroup ?? null;
      await writePodVolume({ root, podUid, fsGroup, clock: this.#options.clock }, volume, content);
    });
  }

  startContainer(spec: ContainerSpec): Promise<StartOutcome> {
    return guarded(async () => {
      const { root, sandboxes, containers, groups, machine, launcher, tree, inMemory } = this.#open();
      const record = await sandboxes.ensure(spec.podUid);
      // Whatever has run once is not laid out again: its agent knows it.
      const records = await containers.list();
      const known = records.find(({ id }) => id === spec.id);
      if (known !== undefined)
        return known.state.phase === 'failed'
          ? { limitations: [], failed: known.state.message }
          : { limitations: [] };
      const image = await this.#options.images.root(await this.#imageIdOf(spec.image));
      const { hidden } = tree;
      const prepared = prepareLaunch({
        ...{ spec, record, records, image, launcher, machine, groups, hidden, root, inMemory },
      });
      if (!prepared.ok) return { limitations: [], refused: prepared.refusal };
      try {
        return await this.#starts.take(() => containers.start(prepared.launch, prepared.limitations));
      } finally {
        prepared.close();
      }
    });
  }

  signal(id: string, signal: Parameters<PodDriver['signal']>[1]): Promise<void> {
    return guarded(() => this.#open().containers.signal(id, signal));
  }

  removeContainer(id: string): Promise<void> {
    return guarded(async () => {
      const { containers, root } = this.#open();
      const { podUid, container, attempt } = runOf(id);
      await containers.remove(id);
      const layout = linuxLayout(root, podUid);
      rmSync(layout.terminationFile(container, attempt), { force: true });
      await removeTree(layout.bundle(container, attempt));
      removeUpper(root, podUid, `${container}.${attempt}`);
    });
  }

  removeSandbox(podUid: string): Promise<void> {
    return guarded(async () => {
      const { agent, containers, sandboxes } = this.#open();
      await containers.removeAll(podUid);
      if (!sandboxes.has(podUid)) return;
      await agent.request('end-pod', { id: podUid, user: null });
      await sandboxes.remove(podUid);
    });
  }

  setFrozen(podUid: string, frozen: boolean): Promise<void> {
    return guarded(() => this.#open().containers.setFrozen(podUid, frozen));
  }

  removeVolumeData(handle: string): Promise<void> {
    return guarded(() => removeClaimDirectory(this.#open().root, handle));
  }

  exec(id: string, request: ExecRequest): Promise<ExecResult> {
    return guarded(() => this.#open().containers.execBuffered(id, request));
  }

  execStream(
    id: string,
    options: ExecStreams & { readonly command: readonly string[]; readonly tty?: boolean },
  ): Promise<ExecSession> {
    return guarded(() => this.#open().containers.exec(id, options.command, options, options.tty));
  }

  attach(id: string, options: ExecStreams): Promise<ExecSession> {
    return guarded(async () => this.#open().containers.attach(id, options));
  }

  logs(id: string, options: LogOptions): AsyncIterable<Uint8Array> {
    return this.#open().containers.logs(id, options);
  }

  /** Whatever path it has in the container, it is the file that was mounted there. */
  terminationMessage(id: string, _path: string, bytesMax: number): Promise<string> {
    return guarded(async () => {
      const { podUid, container, attempt } = runOf(id);
      const file = linuxLayout(this.#open().root, podUid).terminationFile(container, attempt);
      return readTermination(file, { directory: dirname(file), user: null, bytesMax });
    });
  }

  stats(): Promise<readonly DriverUsage[]> {
    return guarded(async () => this.#usage(await this.list(), this.#open()));
  }

  diskUsage(podUid: string, volumes: readonly string[]): Promise<DiskUsage> {
    return guarded(async () => {
      const { root, inMemory } = this.#open();
      const { roots, containers } = linuxLayout(root, podUid);
      const runs = [
        { directory: inMemory ? upperInMemory(root, podUid) : roots, below: 'upper' },
        { directory: containers, below: '' },
      ];
      return measureDisk({ root, podUid, volumes, runs, others: [], clock: this.#options.clock });
    });
  }

  async #imageIdOf(image: string): Promise<string> {
    const known = this.#imageIds.get(image);
    if (known !== undefined) return known;
    const verdict = await this.image(image, 'IfNotPresent');
    if (!verdict.ok) throw new WorldError('DRIVER_FAILED', verdict.message);
    return verdict.imageId;
  }

  #open(): Opened {
    if (this.#opened === null) throw new WorldError('AGENT_DOWN', 'the driver is not open');
    return this.#opened;
  }

  #changed(id: string | null): void {
    const podUids =
      id === null ? (this.#opened?.sandboxes.all() ?? []).map(({ podUid }) => podUid) : [runOf(id).podUid];
    for (const podUid of podUids) for (const listener of this.#listeners) listener(podUid);
  }
}

/** Throws WorldError NO_LAUNCHER. */
async function bestLauncher(options: Parameters<typeof tryLinux>[0]): Promise<LauncherName> {
  const trial = await tryLinux(options);
  if (trial.launcher !== null) return trial.launcher;
  const why = trial.withheld ?? trial.verdicts.map(({ launcher, said }) => `${launcher}: ${said}`).join('; ');
  throw new WorldError('NO_LAUNCHER', `no container can be launched here: ${why}`);
}

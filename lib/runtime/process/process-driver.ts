import {
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ExecSession, LogOptions } from '../../api/node-agent.ts';
import type { Clock } from '../../base/clock.ts';
import { WorldError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
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
  Sandbox,
  SandboxSpec,
  VolumeContent,
} from '../driver.ts';
import { guarded } from '../guarded.ts';
import { measureDisk } from '../measure-disk.ts';
import type { DiskUsage } from '../pod/disk-limits.ts';
import { claimDirectory, isInClaim, removeClaimDirectory } from '../volume/claim-directory.ts';
import { imageVerdict } from './image-verdict.ts';
import { nodeDirectoryForPods } from './node-for-pods.ts';
import { planLaunch, TERMINATION_LOG } from './plan-launch.ts';
import { parsePodRange } from './pod-address.ts';
import { isVolumeName, podLayout } from './pod-layout.ts';
import { choosePodUsers, isPodsAlone, type PodUsers, readUidMap } from './pod-user.ts';
import { podsDirectory } from './pods-directory.ts';
import { readTermination } from './read-termination.ts';
import { type PathMapping, rewritePaths } from './rewrite-paths.ts';
import { sandboxOf } from './sandbox-record.ts';
import { Sandboxes } from './sandboxes.ts';
import { usageSampler } from './usage-sampler.ts';
import { writeVolume } from './write-volume.ts';

export type ProcessDriverOptions = {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: {
    /** Run the command of any image on the machine's own files. */
    readonly assumeHostImages: boolean;
    /** All pods run as this user (only root can choose); 0: as ourselves. Unset: root gives each pod a user of its own. */
    readonly user?: number;
    /** Loopback addresses of pods, `127.97.0.0/16`. */
    readonly podRange: string;
  };
};

/** Pods as process groups under unprivileged users, for machines without the privileges (or the wish) for more. */
export function processDriver(options: ProcessDriverOptions): PodDriver {
  return new ProcessDriver(options);
}

/** What `open` makes. */
type Opened = {
  readonly root: string;
  readonly sandboxes: Sandboxes;
  readonly agent: AgentClient;
  readonly containers: AgentContainers;
  readonly searchPath: string;
};

class ProcessDriver implements PodDriver {
  readonly name = 'process';
  readonly #options: ProcessDriverOptions;
  readonly #users: PodUsers;
  readonly #listeners = new Set<(podUid: string) => void>();
  readonly #sample: ReturnType<typeof usageSampler>;
  #opened: Opened | null = null;

  constructor(options: ProcessDriverOptions) {
    this.#options = options;
    const range = parsePodRange(options.settings.podRange);
    const ownUid = process.getuid?.() ?? 0;
    const { settings, dataDirectory } = options;
    this.#users = choosePodUsers({
      ownUid,
      chosen: settings.user,
      uidMap: readUidMap(),
      range,
      dataDirectory,
    });
    this.#sample = usageSampler(options.clock);
  }

  open(): Promise<void> {
    return guarded(async () => {
      if (this.#opened !== null) return;
      const { clock, log, dataDirectory, settings } = this.#options;
      const ownUsers = this.#users.kind !== 'ourselves';
      const root = podsDirectory({ dataDirectory, ownUsers });
      const sandboxes = new Sandboxes({
        root,
        range: parsePodRange(settings.podRange),
        users: this.#users,
        log,
      });
      sandboxes.load();
      const onChange = (id: string | null): void => this.#changed(id);
      const agent = agentClient({ dataDirectory, root, clock, log, onChange });
      await agent.open();
      const path = process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
      this.#opened = {
        root,
        sandboxes,
        agent,
        containers: new AgentContainers({ agent, root, clock, log }),
        searchPath: `${path}:${nodeDirectoryForPods(root, ownUsers)}`,
      };
    });
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await opened?.agent.close();
  }

  shutDown(): Promise<void> {
    return guarded(async () => {
      const { agent, sandboxes, root } = this.#open();
      await agent.shutDown();
      if (sandboxes.isEmpty()) await removeTree(root);
      this.#opened = null;
    });
  }

  list(): Promise<readonly ContainerRecord[]> {
    return guarded(() => this.#open().containers.list());
  }

  sandboxes(): Promise<readonly Sandbox[]> {
    return guarded(async () => this.#open().sandboxes.all().map(sandboxOf));
  }

  onChange(listener: (podUid: string) => void): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  async image(image: string): Promise<ImageVerdict> {
    return imageVerdict(image, this.#options.settings.assumeHostImages);
  }

  createSandbox(spec: SandboxSpec): Promise<Sandbox> {
    return guarded(async () => sandboxOf(await this.#open().sandboxes.create(spec)));
  }

  writeVolume(podUid: string, volume: string, content: VolumeContent): Promise<void> {
    return guarded(async () => {
      const { root, sandboxes } = this.#open();
      if (!isVolumeName(volume)) throw new WorldError('DRIVER_FAILED', `not a volume name: ${volume}`);
      const { user } = sandboxes.get(podUid);
      const placed =
        content.kind === 'claim'
          ? ({ kind: 'claim', directory: await claimDirectory(root, content.handle, user) } as const)
          : content;
      writeVolume(podLayout(root, podUid).volume(volume), placed, user);
    });
  }

  startContainer(spec: ContainerSpec): ReturnType<PodDriver['startContainer']> {
    return guarded(async () => {
      const { root, sandboxes, containers, searchPath } = this.#open();
      const sandbox = sandboxes.get(spec.podUid);
      const layout = podLayout(root, spec.podUid);
      const emptyVolumes = new Set<string>();
      for (const { volume } of spec.mounts) {
        const stat = isVolumeName(volume)
          ? lstatSync(layout.volume(volume), { throwIfNoEntry: false })
          : undefined;
        if (stat === undefined) throw new WorldError('DRIVER_FAILED', `there is no volume ${volume}`);
        if (isPodsOwn(layout.volume(volume), stat, root)) emptyVolumes.add(volume);
      }
      const plan = planLaunch({ spec, sandbox, root, searchPath, emptyVolumes });
      writeWhole(layout.mounts(spec.container), JSON.stringify(plan.mappings));
      const termination = layout.terminationFile(spec.container, spec.attempt);
      closeSync(openSync(termination, 'a', 0o644));
      if (sandbox.user !== null) chownSync(termination, sandbox.user, sandbox.user);
      return containers.start(plan.launch, plan.limitations);
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
      rmSync(podLayout(root, podUid).terminationFile(container, attempt), { force: true });
    });
  }

  removeSandbox(podUid: string): Promise<void> {
    return guarded(async () => {
      const { agent, containers, sandboxes } = this.#open();
      await containers.removeAll(podUid);
      if (!sandboxes.has(podUid)) return;
      const { user } = sandboxes.get(podUid);
      await agent.request('end-pod', { id: podUid, user: isPodsAlone(user) ? user : null });
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
    return guarded(() =>
      this.#open().containers.execBuffered(id, request, this.#inPlaces(id, request.command)),
    );
  }

  execStream(
    id: string,
    options: ExecStreams & { readonly command: readonly string[]; readonly tty?: boolean },
  ): Promise<ExecSession> {
    return guarded(() =>
      this.#open().containers.exec(id, this.#inPlaces(id, options.command), options, options.tty),
    );
  }

  attach(id: string, options: ExecStreams): Promise<ExecSession> {
    return guarded(async () => this.#open().containers.attach(id, options));
  }

  logs(id: string, options: LogOptions): AsyncIterable<Uint8Array> {
    return this.#open().containers.logs(id, options);
  }

  terminationMessage(id: string, path: string, bytesMax: number): Promise<string> {
    return guarded(async () => {
      const { podUid } = runOf(id);
      const { root, sandboxes } = this.#open();
      if (!sandboxes.has(podUid)) return '';
      const { user } = sandboxes.get(podUid);
      const found = rewritePaths(path, this.#mappings(id));
      return readTermination(found, { directory: podLayout(root, podUid).directory, user, bytesMax });
    });
  }

  diskUsage(podUid: string, volumes: readonly string[]): Promise<DiskUsage> {
    return guarded(async () => {
      const { root } = this.#open();
      const { containers, work } = podLayout(root, podUid);
      const runs = [{ directory: containers, below: '' }];
      return measureDisk({ root, podUid, volumes, runs, others: [work], clock: this.#options.clock });
    });
  }

  stats(): Promise<readonly DriverUsage[]> {
    return guarded(async () => this.#sample(await this.list(), this.#open().root));
  }

  /** Paths mean to a command (a probe, a hook, a person's) what they mean to the container it runs in. */
  #inPlaces(id: string, command: readonly string[]): readonly string[] {
    const mappings = this.#mappings(id);
    return command.map((text) => rewritePaths(text, mappings));
  }

  /** Where the paths of a container's newest run really are. */
  #mappings(id: string): readonly PathMapping[] {
    const { podUid, container, attempt } = runOf(id);
    const layout = podLayout(this.#open().root, podUid);
    const file = layout.mounts(container);
    const mounts: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
    const termination = { from: TERMINATION_LOG, to: layout.terminationFile(container, attempt) };
    // We wrote the file, whole, before the container was started.
    return [termination, ...(Array.isArray(mounts) ? (mounts as readonly PathMapping[]) : [])];
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

/** Whether the pod may make directories in it: an empty volume, or a claim's. */
function isPodsOwn(path: string, stat: Stats, root: string): boolean {
  if (stat.isSymbolicLink()) return isInClaim(root, readlinkSync(path));
  return stat.isDirectory() && !existsSync(join(path, '..data'));
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.next`, text, { mode: 0o600 });
  renameSync(`${path}.next`, path);
}

import {
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ExecSession, LogOptions } from '../../api/node-agent.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf, UserError, WorldError } from '../../base/errors.ts';
import { isArray, isObject } from '../../base/json.ts';
import type { Log } from '../../base/log.ts';
import { removeTree } from '../../base/remove-tree.ts';
import { type AgentClient, agentClient } from '../agent/agent-client.ts';
import { containerDirectory, parseContainerId } from '../agent/container-directory.ts';
import { readVerdict } from '../agent/container-state.ts';
import { readLogs } from '../agent/log-reader.ts';
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
import { attachTo, stdinPipe } from './attach-session.ts';
import { execBuffered } from './exec-buffered.ts';
import { type ExecStreams, execOverAgent } from './exec-client.ts';
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
    return guarded(async () => {
      const answer = await this.#open().agent.request('list', {});
      // The agent is ours and spoke our revision: its records have our form.
      return isArray(answer)
        ? answer.filter((one) => isObject(one)).map((one) => one as ContainerRecord)
        : [];
    });
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
      writeVolume(podLayout(root, podUid).volume(volume), content, sandboxes.get(podUid).user);
    });
  }

  startContainer(spec: ContainerSpec): ReturnType<PodDriver['startContainer']> {
    return guarded(async () => {
      const { root, sandboxes, agent, searchPath } = this.#open();
      const sandbox = sandboxes.get(spec.podUid);
      const layout = podLayout(root, spec.podUid);
      const emptyVolumes = new Set<string>();
      for (const { volume } of spec.mounts) {
        const stat = isVolumeName(volume)
          ? lstatSync(layout.volume(volume), { throwIfNoEntry: false })
          : undefined;
        if (stat === undefined) throw new WorldError('DRIVER_FAILED', `there is no volume ${volume}`);
        if (stat.isDirectory() && !existsSync(join(layout.volume(volume), '..data')))
          emptyVolumes.add(volume);
      }
      const plan = planLaunch({ spec, sandbox, root, searchPath, emptyVolumes });
      writeWhole(layout.mounts(spec.container), JSON.stringify(plan.mappings));
      const termination = layout.terminationFile(spec.container, spec.attempt);
      closeSync(openSync(termination, 'a', 0o644));
      if (sandbox.user !== null) chownSync(termination, sandbox.user, sandbox.user);
      const { limitations } = plan;
      const record = await agent.request('start', { spec: plan.launch });
      // As in list: the agent's records have our form.
      const state = isObject(record) ? (record as ContainerRecord).state : null;
      return state?.phase === 'failed' ? { limitations, failed: state.message } : { limitations };
    });
  }

  signal(id: string, signal: Parameters<PodDriver['signal']>[1]): Promise<void> {
    return guarded(async () => void (await this.#open().agent.request('signal', { id, signal })));
  }

  removeContainer(id: string): Promise<void> {
    return guarded(async () => {
      const { agent, root } = this.#open();
      const { podUid, container, attempt } = this.#run(id);
      await agent.request('remove', { id });
      rmSync(podLayout(root, podUid).terminationFile(container, attempt), { force: true });
    });
  }

  removeSandbox(podUid: string): Promise<void> {
    return guarded(async () => {
      const { agent, sandboxes } = this.#open();
      const own = (await this.list()).filter((record) => record.podUid === podUid);
      await Promise.all(own.map(({ id }) => agent.request('remove', { id })));
      if (!sandboxes.has(podUid)) return;
      const { user } = sandboxes.get(podUid);
      await agent.request('end-pod', { id: podUid, user: isPodsAlone(user) ? user : null });
      await sandboxes.remove(podUid);
    });
  }

  exec(id: string, request: ExecRequest): Promise<ExecResult> {
    return guarded(() =>
      execBuffered((streams) => this.#exec(id, request.command, streams), request, this.#options.clock),
    );
  }

  execStream(
    id: string,
    options: ExecStreams & { readonly command: readonly string[]; readonly tty?: boolean },
  ): Promise<ExecSession> {
    return guarded(() => this.#exec(id, options.command, options, options.tty));
  }

  attach(id: string, options: ExecStreams): Promise<ExecSession> {
    return guarded(async () => {
      const directory = this.#directory(id);
      const exitCode = (): number | null | undefined => {
        const verdict = readVerdict(directory);
        if (verdict.kind === 'running' || verdict.kind === 'starting') return undefined;
        return verdict.kind === 'settled' && verdict.state.phase === 'exited' ? verdict.state.exitCode : null;
      };
      if (exitCode() !== undefined)
        throw new WorldError('CONTAINER_NOT_RUNNING', `container ${id} does not run`);
      const { agent } = this.#open();
      // An agent of before knows no sizes, and none that is gone needs one.
      const resize: ExecSession['resize'] = (size) =>
        void agent.request('resize', { id, ...size }).catch(() => undefined);
      const container = { directory, exitCode, resize, stdin: stdinPipe(directory) };
      return attachTo(container, options, this.#options.clock);
    });
  }

  logs(id: string, options: LogOptions): AsyncIterable<Uint8Array> {
    const directory = this.#directory(id);
    const ended = (): boolean => {
      const { kind } = readVerdict(directory);
      return kind === 'settled' || kind === 'unstarted';
    };
    return readLogs({ directory, ended, clock: this.#options.clock }, options);
  }

  terminationMessage(id: string, path: string, bytesMax: number): Promise<string> {
    return guarded(async () => {
      const { podUid } = this.#run(id);
      const { root, sandboxes } = this.#open();
      if (!sandboxes.has(podUid)) return '';
      const { user } = sandboxes.get(podUid);
      const found = rewritePaths(path, this.#mappings(id));
      return readTermination(found, { directory: podLayout(root, podUid).directory, user, bytesMax });
    });
  }

  stats(): Promise<readonly DriverUsage[]> {
    return guarded(async () => this.#sample(await this.list(), this.#open().root));
  }

  /** Paths mean to a command (a probe, a hook, a person's) what they mean to the container it runs in. */
  #exec(id: string, command: readonly string[], streams: ExecStreams, tty = false): Promise<ExecSession> {
    const mappings = this.#mappings(id);
    const argv = command.map((text) => rewritePaths(text, mappings));
    return execOverAgent(this.#open().agent, { id, command: argv, tty }, streams);
  }

  /** Where the paths of a container's newest run really are. */
  #mappings(id: string): readonly PathMapping[] {
    const { podUid, container, attempt } = this.#run(id);
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

  #run(id: string): NonNullable<ReturnType<typeof parseContainerId>> {
    const run = parseContainerId(id);
    if (run === null) throw new WorldError('DRIVER_FAILED', `not a container id: ${id}`);
    return run;
  }

  #directory(id: string): string {
    return containerDirectory(this.#open().root, this.#run(id));
  }

  #changed(id: string | null): void {
    const podUids =
      id === null
        ? (this.#opened?.sandboxes.all() ?? []).map(({ podUid }) => podUid)
        : [this.#run(id).podUid];
    for (const podUid of podUids) for (const listener of this.#listeners) listener(podUid);
  }
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.next`, text, { mode: 0o600 });
  renameSync(`${path}.next`, path);
}

/** Everything the world does to us here is a WorldError: a full disk, missing rights, a file that vanished. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const isSystem = thrown instanceof Error && 'syscall' in thrown;
    if (!isSystem || thrown instanceof WorldError || thrown instanceof UserError) throw thrown;
    throw new WorldError('DRIVER_FAILED', messageOf(thrown), {}, thrown);
  }
}

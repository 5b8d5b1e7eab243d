import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, EpochMs } from '../../base/clock.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import type { ContainerRecord } from '../driver.ts';
import { isPodsAlone } from '../process/pod-user.ts';
import { runAfter } from './after-script.ts';
import {
  containerDirectory,
  containerFiles,
  parseContainerId,
  type Stream,
  streams,
} from './container-directory.ts';
import { readVerdict, type Verdict } from './container-state.ts';
import { containersOnDisk } from './containers-on-disk.ts';
import { freezerOf, groupOf, type HeldContainer, holdContainer, stateOf } from './held-container.ts';
import {
  type LaunchTools,
  prepareDirectory,
  recordFailure,
  recordLost,
  resolveLaunch,
  spawnKeeper,
} from './launch.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { markerValue } from './marker.ts';
import { killContainer, signalContainer } from './signal-container.ts';
import { killProcesses, type Quarry } from './sweep.ts';
import { mergeQuarries, type Sweeper, sweeper } from './sweeper.ts';
import { terminalLaunch } from './terminal-launch.ts';
import { terminalSizer } from './terminal-size.ts';

type Running = Extract<Verdict, { kind: 'running' }>;

type Options = {
  /** Where the pods' directories are. */
  readonly root: string;
  readonly tools: LaunchTools;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: (id: string) => void;
};

/** The containers of one agent. Every call may be repeated; calls for one container follow one another. */
export class ContainerTable {
  readonly #options: Options;
  readonly #held = new Map<string, HeldContainer>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #sweeper: Sweeper;
  #ticks = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#sweeper = sweeper(options.clock, options.log);
  }

  /** Takes up everything that lies on the disk. */
  adopt(): void {
    for (const { spec, directory } of containersOnDisk(this.#options.root, this.#options.log)) {
      const one = this.#held.get(spec.id) ?? this.#hold(spec, directory);
      const wasSettled = one.verdict.kind === 'settled';
      this.#refresh(one);
      this.#noteLogs(one);
      if (wasSettled) this.#sweepAfter(one);
    }
  }

  list(): readonly ContainerRecord[] {
    return [...this.#held.values()].flatMap((one) => recordOf(one) ?? []);
  }

  /** Null when it does not run. */
  running(id: string): (Pick<HeldContainer, 'spec' | 'directory'> & { readonly verdict: Running }) | null {
    const one = this.#held.get(id);
    if (one?.verdict.kind !== 'running') return null;
    return { spec: one.spec, directory: one.directory, verdict: one.verdict };
  }

  /** Resolves once the program runs, has ended, or could not be started. */
  start(spec: LaunchSpec): Promise<ContainerRecord> {
    return this.#inTurn(spec.id, () => this.#start(spec));
  }

  /** To the whole group. Nothing when it does not run. */
  signal(id: string, signal: NodeJS.Signals): void {
    const one = this.#held.get(id);
    if (one === undefined) return;
    this.#refresh(one);
    if (one.verdict.kind !== 'running') return;
    signalContainer(one.spec, one.verdict, signal);
  }

  /** Of its terminal. Nothing where it has none. */
  resize(id: string, size: JsonObject): void {
    const one = this.#held.get(id);
    if (one === undefined || !one.spec.tty) return;
    const scriptPid = (): number | undefined => groupOf(one.verdict) ?? undefined;
    one.resize ??= terminalSizer({ scriptPid, tools: this.#options.tools, clock: this.#options.clock });
    one.resize(size);
  }

  /** Kills what runs of it, then forgets it. */
  remove(id: string): Promise<void> {
    return this.#inTurn(id, () => this.#remove(id));
  }

  /** Kills every process of a pod that is left, whether its containers were removed or not. `user`: the pod's alone. */
  endPod(podUid: string, user: number | null): Promise<void> {
    const users = new Set(user === null ? [] : [user]);
    return this.#sweeper.sweep({
      markers: [markerValue(this.#options.root, `${podUid}.`)],
      sessions: new Map(),
      users,
    });
  }

  /** Kills every container, and waits until all have ended. */
  async killAll(): Promise<void> {
    const all = [...this.#held.values()];
    const deadlineMs = this.#options.clock.now() + timings.containerKillMs;
    await Promise.all(all.map((one) => this.#inTurn(one.spec.id, () => this.#end(one, deadlineMs))));
    const users = new Set(
      all.flatMap(({ spec }) => (isPodsAlone(spec.user) && spec.user !== null ? [spec.user] : [])),
    );
    // Not containers alone: what holds a pod's namespace is of no container.
    const podUids = new Set(all.flatMap(({ spec }) => parseContainerId(spec.id)?.podUid ?? []));
    const markers = [...podUids].map((podUid) => markerValue(this.#options.root, `${podUid}.`));
    const pods = { markers, sessions: new Map(), users };
    await this.#sweeper.sweep(mergeQuarries([...all.map((one) => this.#quarryOf(one)), pods]));
  }

  /** Looks at what the kernel does not tell of. */
  tick(): void {
    this.#ticks += 1;
    for (const one of this.#held.values()) {
      if (one.verdict.kind === 'settled') continue;
      if (this.#ticks % 8 === 0 || one.watcher === null || one.keeper === null) this.#refresh(one);
    }
  }

  async #start(spec: LaunchSpec): Promise<ContainerRecord> {
    const run = parseContainerId(spec.id);
    if (run === null) throw new WorldError('DRIVER_FAILED', `not a container id: ${spec.id}`);
    let one = this.#held.get(spec.id);
    if (one === undefined) {
      if (this.#held.size >= limits.containersMax)
        throw new WorldError('DRIVER_FAILED', 'too many containers');
      const directory = containerDirectory(this.#options.root, run);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      one = this.#hold(spec, directory);
    }
    if (one.verdict.kind === 'unstarted' && one.keeper === null) this.#begin(one);
    const deadlineMs = this.#options.clock.now() + timings.containerStartMs;
    while (recordOf(one) === null && this.#options.clock.now() < deadlineMs) {
      if (one.keeper === null && one.verdict.kind === 'unstarted') break;
      await this.#changed(one, timings.agentTickMs);
      this.#refresh(one);
    }
    const record = recordOf(one);
    if (record === null) throw new WorldError('DRIVER_FAILED', `container ${spec.id} did not start`);
    return record;
  }

  #begin(one: HeldContainer): void {
    const { tools } = this.#options;
    const plain = resolveLaunch(one.spec);
    const resolved = plain.ok && one.spec.tty ? terminalLaunch(plain.spec, tools) : plain;
    prepareDirectory(resolved.ok ? resolved.spec : one.spec, one.directory, tools);
    if (!resolved.ok) {
      recordFailure(one.directory, resolved.message);
      this.#refresh(one);
      return;
    }
    // CRASH: before the spawn, the same call starts it; after it, the lock file stops a second keeper.
    const keeper = spawnKeeper(resolved.spec, { directory: one.directory, root: this.#options.root }, tools);
    one.keeper = keeper;
    keeper.on('error', (thrown) => {
      one.keeper = null;
      recordFailure(one.directory, thrown.message);
      this.#refresh(one);
    });
    keeper.on('exit', () => {
      one.keeper = null;
      if (this.#held.get(one.spec.id) === one) this.#refresh(one);
      wakeAll(one);
    });
  }

  async #end(one: HeldContainer, deadlineMs: EpochMs): Promise<void> {
    for (;;) {
      this.#refresh(one);
      if (one.verdict.kind === 'settled') return;
      if (one.verdict.kind === 'unstarted' && one.keeper === null) return;
      const leftMs = deadlineMs - this.#options.clock.now();
      if (leftMs <= 0) throw new WorldError('DRIVER_FAILED', `container ${one.spec.id} cannot be killed`);
      if (one.verdict.kind === 'running') killContainer(one.spec, one.verdict);
      // A keeper that was stopped writes no exit code; without it the end counts as lost.
      if (leftMs < timings.containerKillMs / 2) killProcesses(this.#quarryOf(one));
      await this.#changed(one, 50);
    }
  }

  async #remove(id: string): Promise<void> {
    const one = this.#held.get(id);
    if (one === undefined) return;
    const quarry = this.#quarryOf(one);
    await this.#end(one, this.#options.clock.now() + timings.containerKillMs);
    await this.#sweeper.sweep(quarry);
    one.watcher?.close();
    // First of all, or whoever comes after a crash took up a container whose end is told by half of its files.
    rmSync(join(one.directory, containerFiles.spec), { force: true });
    // CRASH: a directory that lost its spec but is still there goes with its pod.
    rmSync(one.directory, { recursive: true, force: true });
    this.#held.delete(id);
    wakeAll(one);
    this.#options.onChange(id);
  }

  #hold(spec: LaunchSpec, directory: string): HeldContainer {
    const one = holdContainer(spec, directory, (file) => {
      if (this.#held.get(spec.id) !== one) return;
      if (file === 'stdout.log') this.#noteLog(one, 'stdout');
      else if (file === 'stderr.log') this.#noteLog(one, 'stderr');
      else if (HINTS.has(file)) this.#refresh(one);
    });
    this.#held.set(spec.id, one);
    return one;
  }

  #refresh(one: HeldContainer): void {
    if (one.verdict.kind === 'settled') return;
    const before = one.verdict.kind;
    one.verdict = readVerdict(one.directory);
    this.#noteLogs(one);
    if (one.verdict.kind === 'lost') {
      // CRASH: found lost again by the next agent.
      killProcesses(this.#quarryOf(one));
      runAfter(one.spec, one.directory, this.#options.tools);
      recordLost(one.directory);
      one.verdict = readVerdict(one.directory);
    }
    if (one.verdict.kind === before) return;
    if (one.verdict.kind === 'settled') {
      one.watcher?.close();
      one.watcher = null;
      this.#sweepAfter(one);
    }
    wakeAll(one);
    if (recordOf(one) !== null) this.#options.onChange(one.spec.id);
  }

  /** A container's end is the end of everything it started, as in a pid namespace. */
  #sweepAfter(one: HeldContainer): void {
    if (one.verdict.kind === 'settled' && one.verdict.state.phase === 'exited') {
      void this.#sweeper.sweep(this.#quarryOf(one));
    }
  }

  #noteLogs(one: HeldContainer): void {
    for (const stream of streams) this.#noteLog(one, stream);
  }

  #noteLog(one: HeldContainer, stream: Stream): void {
    try {
      // What is held still is not let go for a log that nobody writes.
      const isFrozen = existsSync(join(one.directory, containerFiles.frozen));
      const freezer = isFrozen ? null : freezerOf(one.spec, one.verdict);
      one.tender.note(stream, this.#options.clock.now(), freezer);
    } catch (thrown) {
      this.#options.log.warn('log-not-tended', { id: one.spec.id, stream, message: messageOf(thrown) });
    }
  }

  #quarryOf(one: HeldContainer): Quarry {
    return quarryOf(one, this.#options.root);
  }

  /** Resolves when the container changed, or after `delayMs`. */
  #changed(one: HeldContainer, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimer(delayMs, resolve);
      one.waiting.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(work, work);
    this.#turns.set(id, turn);
    const done = (): void => {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    };
    turn.then(done, done);
    return turn;
  }
}

/** Files whose change may mean another state; '' is a change the kernel did not name. */
const HINTS: ReadonlySet<string> = new Set([
  containerFiles.pid,
  containerFiles.init,
  containerFiles.exit,
  '',
]);

function wakeAll(one: HeldContainer): void {
  for (const wake of one.waiting.splice(0)) wake();
}

function recordOf(one: HeldContainer): ContainerRecord | null {
  const state = stateOf(one.verdict);
  const run = parseContainerId(one.spec.id);
  return state === null || run === null ? null : { id: one.spec.id, ...run, state };
}

function quarryOf(one: HeldContainer, root: string): Quarry {
  const { verdict } = one;
  const container = verdict.kind === 'running' || verdict.kind === 'lost' ? verdict.container : null;
  return {
    markers: [`${markerValue(root, one.spec.id)}\0`],
    sessions: new Map(container === null ? [] : [[container.pid, container.startTicks]]),
    users: new Set(),
  };
}

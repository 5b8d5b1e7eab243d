import { createHash } from 'node:crypto';
import type { Caller } from '../api/client.ts';
import type { DurationMs } from '../base/clock.ts';
import { assert } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import { type Log, silentLog } from '../base/log.ts';
import { type ManualClock, manualClock } from '../base/manual-clock.ts';
import { seededRandom } from '../base/random.ts';
import type { DaemonEvent } from '../daemon/control-protocol.ts';
import { type Daemon, type DaemonSettings, startDaemon } from '../daemon/daemon.ts';
import type { Oid } from '../git/repository.ts';
import type { NodeSettings } from '../runtime/node/node-settings.ts';
import { simulatedDriver } from '../runtime/simulated/simulated-driver.ts';
import { copyOfMachine, type SimulatedState, simulatedState } from '../runtime/simulated/simulated-state.ts';
import type { ManifestDirectory } from '../runtime/static/manifest-directory.ts';
import { refText } from '../schema/object.ts';
import type { StatusReport } from '../status/report.ts';
import type { Persistence } from '../store/persistence.ts';
import { residentStore } from '../store/resident-store.ts';
import { type MemoryDisk, memoryDisk } from './memory-disk.ts';
import { commitTo, copyOfGit, type MemoryGit, memoryGit, memoryRepository } from './memory-git.ts';
import { nodeSettings } from './node-world.ts';
import { clockOf, type PortCall, type ProcessLife, processLife } from './process-life.ts';
import { driverOf, persistenceOf, repositoryOf } from './severed-ports.ts';

/** Somebody at a keyboard, in requests of a test to the API. */
export const person: Caller = { user: 'ada', groups: ['system:masters'], fieldManager: 'kubectl' };

const LAST_WORDS_MS = 60_000;

export const worldSettings: DaemonSettings = {
  source: { name: 'main', location: '/memory/repository.git', branch: 'main', path: '' },
  statusBranch: 'pintle/status',
  takeOverStatus: false,
  policy: 'hold',
  pollIntervalMs: 15_000,
  nodeName: 'node-1',
  allowHostAccess: false,
  serviceRange: '127.96.0.0/16',
};

/** What outlives every daemon: the disk, the repository, the machine with its pods, and time. */
export type Durable = {
  readonly disk: MemoryDisk;
  readonly git: MemoryGit;
  readonly machine: SimulatedState;
  readonly nowMs?: number;
};

export type WorldOptions = {
  readonly seed?: number;
  readonly settings?: Partial<DaemonSettings>;
  /** Nodes of the machine, `node-1`, `node-1-2`…; they share it. Unset: one. */
  readonly nodes?: number;
  /** What differs from `nodeSettings`: the whole machine, before its nodes share it. */
  readonly machine?: Partial<NodeSettings>;
  /** What every directory of static pods holds. */
  readonly manifests?: Readonly<Record<string, string>>;
  /** What the world begins with; nothing at all unless given. */
  readonly from?: Durable;
  /** Looked at each time something has become durable. */
  readonly onCommit?: (disk: MemoryDisk) => void;
  /** What stands between the daemon and its disk. */
  readonly disk?: (persistence: Persistence) => Persistence;
  readonly log?: Log;
};

/**
 * The whole daemon on a manual clock with seeded chance, over a disk, a repository and pods in memory: no threads, no files, no
 * timers of the machine. A daemon that dies leaves what was durable; the next one finds it.
 */
export type SimulatedWorld = Required<Omit<Durable, 'nowMs'>> & {
  readonly clock: ManualClock;
  /** Of all daemons so far, in order. */
  readonly events: readonly DaemonEvent[];
  /** Starts a daemon, which may die while it starts. */
  start(dies?: (call: PortCall) => boolean): Promise<void>;
  /** The one that runs. */
  daemon(): Daemon;
  life(): ProcessLife;
  /** Kills the daemon where it stands. */
  kill(): void;
  /** Ends the daemon in order. */
  stop(): Promise<void>;
  /** Commits files on the branch, as a user. */
  push(files: Readonly<Record<string, string | null>>, message?: string): Promise<Oid>;
  /** Lets time pass until the latest report is so and nothing is under way. */
  until(
    condition: (report: StatusReport) => boolean,
    what: string,
    withinMs?: DurationMs,
  ): Promise<StatusReport>;
  /** The same for a daemon that may die meanwhile. */
  untilOrDeath(
    condition: (report: StatusReport) => boolean,
    what: string,
    withinMs?: DurationMs,
  ): Promise<'so' | 'death'>;
  pass(durationMs: DurationMs): Promise<void>;
  /** Its agent is not heard of any more, until `returnNode`, whichever daemon runs; its containers run on unseen. */
  loseNode(name: string): Promise<void>;
  returnNode(name: string): Promise<void>;
  /** A copy of all that is durable now. */
  durable(): Durable;
  /** A hash over everything that became durable and every event that was told. */
  trace(): string;
};

function manifestsOf(directory: string, texts: Readonly<Record<string, string>>): ManifestDirectory {
  const files = Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
  return { name: directory, read: async () => ({ files }), follow: () => ({ stop() {} }) };
}

export function simulatedWorld(options: WorldOptions = {}): SimulatedWorld {
  const { seed = 1, from } = options;
  const clock = manualClock(from?.nowMs);
  const disk = memoryDisk({
    ...(from !== undefined && { start: from.disk.snapshot() }),
    ...(options.onCommit !== undefined && { onCommit: options.onCommit }),
  });
  const git = from === undefined ? memoryGit() : copyOfGit(from.git);
  const machine = from === undefined ? simulatedState() : copyOfMachine(from.machine);
  const events: DaemonEvent[] = [];
  const told = createHash('sha256');
  let lives = 0;
  let life = processLife(clock);
  let daemon: Daemon | null = null;

  const start = async (dies?: (call: PortCall) => boolean): Promise<void> => {
    lives += 1;
    life = processLife(clock, dies);
    daemon = null;
    const own = { life, clock: clockOf(clock, life), random: seededRandom(seed * 1_000 + lives) };
    const durable = options.disk?.(disk) ?? disk;
    const store = residentStore({
      snapshot: disk.snapshot(),
      persistence: persistenceOf(durable, own.life),
    });
    const driver = simulatedDriver({ clock: own.clock, random: own.random, state: machine });
    let failure: unknown = null;
    startDaemon(
      { ...worldSettings, nodeCount: options.nodes ?? 1, ...options.settings },
      {
        ...{ clock: own.clock, random: own.random, store, network: null },
        machine: { ...nodeSettings, ...options.machine },
        log: options.log ?? silentLog(),
        repository: repositoryOf(memoryRepository(git), own.life),
        driver: driverOf(driver, own.life),
        openManifests: (name) => manifestsOf(name, options.manifests ?? {}),
      },
    ).then(
      (started) => {
        daemon = started;
        started.subscribe(
          own.life.hearing((event) => {
            events.push(event);
            told.update(`${clock.now()} ${canonicalJson(event)}\n`);
          }),
        );
      },
      (thrown: unknown) => {
        failure = thrown;
      },
    );
    const begun = (): boolean => daemon !== null || failure !== null || own.life.over;
    await clock.runUntil(begun, { withinMs: LAST_WORDS_MS, what: 'the daemon to start' });
    if (failure !== null) throw failure;
  };
  const running = (): Daemon => {
    assert(daemon !== null, 'a daemon runs');
    return daemon;
  };
  /** The node's power is switched; a daemon that dies meanwhile may have done it or not. */
  const switched = async (work: Promise<unknown>): Promise<void> => {
    let over = false;
    const done = (): void => {
      over = true;
    };
    work.then(done, done);
    await clock.runUntil(() => over || life.over, { withinMs: LAST_WORDS_MS, what: 'a node to be switched' });
    if (over) await work;
  };
  const world: SimulatedWorld = {
    ...{ clock, disk, git, machine, events, start },
    daemon: running,
    life: () => life,
    kill: () => life.kill(),
    async stop() {
      let ended = false;
      void running()
        .stop()
        .then(() => {
          ended = true;
        });
      await clock.runUntil(() => ended, { withinMs: LAST_WORDS_MS, what: 'the daemon to end' });
      life.kill();
    },
    push: (files, message = 'Change') =>
      commitTo(git, { branch: 'main', files, message: `${message}\n`, atMs: clock.now() }),
    async untilOrDeath(condition, what, withinMs = 600_000) {
      const holds = (): boolean => {
        if (life.over) return true;
        const report = daemon?.report() ?? null;
        return report !== null && condition(report) && running().idle();
      };
      await clock.runUntil(holds, { withinMs, what }).catch((failure: Error) => {
        const report = daemon?.report() ?? null;
        const { objects = [], events: _, ...said } = report ?? { events: [] };
        const states = objects.map(({ ref, health, sync }) => [
          refText(ref),
          health.state,
          health.reason,
          sync,
        ]);
        const troubles = events.filter(({ type }) => type === 'trouble');
        const shown = { ...said, states, troubles, idle: daemon?.idle() };
        throw new Error(`${failure.message}: ${JSON.stringify(shown)}`);
      });
      return life.over ? 'death' : 'so';
    },
    async until(condition, what, withinMs) {
      assert(
        (await world.untilOrDeath(condition, what, withinMs)) === 'so',
        `the daemon died before ${what}`,
      );
      const report = running().report();
      assert(report !== null, 'there is a report');
      return report;
    },
    pass: (durationMs) => clock.run(durationMs),
    loseNode: (name) => switched(running().handlers.nodeStop({ name })),
    returnNode: (name) => switched(running().handlers.nodeStart({ name })),
    durable: () => ({
      disk: disk.copy(),
      git: copyOfGit(git),
      machine: copyOfMachine(machine),
      nowMs: clock.now(),
    }),
    trace: () => createHash('sha256').update(disk.trace()).update(told.copy().digest()).digest('hex'),
  };
  return world;
}

/** A commit is applied whole and all of it is well. */
export function healthyAt(commit: Oid): (report: StatusReport) => boolean {
  return ({ revision, head, sync, health }) =>
    revision === commit && head === commit && sync === 'Synced' && health === 'Healthy';
}

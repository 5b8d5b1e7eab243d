import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, systemClock } from '../../../lib/base/clock.ts';
import { timings } from '../../../lib/base/limits.ts';
import { type Log, silentLog } from '../../../lib/base/log.ts';
import { type Random, systemRandom } from '../../../lib/base/random.ts';
import type { DaemonEvent } from '../../../lib/daemon/control-protocol.ts';
import { type Daemon, startDaemon } from '../../../lib/daemon/daemon.ts';
import { machineFacts } from '../../../lib/daemon/machine-facts.ts';
import { openRepository } from '../../../lib/git/open-repository.ts';
import type { PodDriver } from '../../../lib/runtime/driver.ts';
import { simulatedDriver } from '../../../lib/runtime/simulated/simulated-driver.ts';
import { simulatedState } from '../../../lib/runtime/simulated/simulated-state.ts';
import { sqliteStore } from '../../../lib/store/sqlite-store.ts';

export type DaemonUnderTest = {
  readonly daemon: Daemon;
  /** The time (performance.now) at which an event like this came or comes; none since the start is missed. */
  event(matches: (event: DaemonEvent) => boolean): Promise<number>;
  /** Waits until the daemon has had nothing to do for half a second; fails after two minutes. */
  untilIdle(): Promise<void>;
  /** Ends the daemon and its pods. */
  stop(): Promise<void>;
};

export type DriverMaker = (deps: {
  readonly data: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}) => PodDriver;

const IDLE_MS = 500;
const LOOK_MS = 25;
const DEADLINE_MS = 120_000;

const simulated: DriverMaker = ({ clock, random }) =>
  simulatedDriver({ clock, random, state: simulatedState() });

/** A daemon on the real store, clock and repository; its pods are simulated unless told otherwise, on a node with room for all. */
export async function daemonUnderTest(
  directory: string,
  repositoryPath: string,
  makeDriver: DriverMaker = simulated,
): Promise<DaemonUnderTest> {
  const clock = systemClock();
  const log = silentLog();
  const random = systemRandom();
  const data = join(directory, 'data');
  mkdirSync(data, { recursive: true });
  const store = await sqliteStore({ directory: data });
  const repository = await openRepository({
    location: repositoryPath,
    mirrorDirectory: join(directory, 'mirrors'),
    clock,
    log,
  });
  const driver = makeDriver({ data, clock, random, log });
  const machine = {
    ...machineFacts('bench', clock),
    podsMax: 100_000,
    cpuMillis: 10_000_000,
    memoryBytes: 1e15,
  };
  const daemon = await startDaemon(
    {
      source: { name: 'main', location: repositoryPath, branch: 'main', path: '' },
      statusBranch: 'pintle/status',
      takeOverStatus: true,
      policy: 'hold',
      pollIntervalMs: 15_000,
      nodeName: 'bench',
      allowHostAccess: false,
      serviceRange: '127.96.0.0/16',
    },
    { clock, random, log, store, repository, driver, network: null, machine },
  );
  return {
    daemon,
    event: listen(daemon),
    async untilIdle() {
      const deadline = performance.now() + DEADLINE_MS;
      for (let idleSince = performance.now(); performance.now() - idleSince < IDLE_MS; ) {
        await pause(LOOK_MS);
        if (!daemon.idle()) idleSince = performance.now();
        if (performance.now() > deadline) throw new Error('the daemon does not come to rest');
      }
    },
    async stop() {
      await daemon.stop({ pods: true, graceMaxMs: timings.demonstrationGraceMs });
      await driver.open();
      await driver.shutDown();
      await repository.close();
      await store.close();
    },
  };
}

function listen(daemon: Daemon): DaemonUnderTest['event'] {
  const seen: { readonly event: DaemonEvent; readonly atMs: number }[] = [];
  const waiting = new Set<(event: DaemonEvent, atMs: number) => void>();
  daemon.subscribe((event) => {
    // Thousands of lines about single objects, that nobody here waits for.
    if (event.type === 'object' || event.type === 'health') return;
    const atMs = performance.now();
    seen.push({ event, atMs });
    for (const listener of waiting) listener(event, atMs);
  });
  return (matches) => {
    const known = seen.find(({ event }) => matches(event));
    if (known !== undefined) return Promise.resolve(known.atMs);
    return new Promise((resolve) => {
      const listener = (event: DaemonEvent, atMs: number): void => {
        if (!matches(event)) return;
        waiting.delete(listener);
        resolve(atMs);
      };
      waiting.add(listener);
    });
  };
}

export function applied(commit: string): (event: DaemonEvent) => boolean {
  return (event) => event.type === 'applied' && event.revision === commit;
}

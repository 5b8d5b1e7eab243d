import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { DaemonEvent } from '../../../lib/daemon/control-protocol.ts';
import { type Daemon, startDaemon } from '../../../lib/daemon/daemon.ts';
import { machineFacts } from '../../../lib/daemon/machine-facts.ts';
import { openRepository } from '../../../lib/git/open-repository.ts';
import { simulatedDriver } from '../../../lib/runtime/simulated/simulated-driver.ts';
import { simulatedState } from '../../../lib/runtime/simulated/simulated-state.ts';
import { sqliteStore } from '../../../lib/store/sqlite-store.ts';

export type DaemonUnderTest = {
  readonly daemon: Daemon;
  /** Resolves with the time (performance.now) at which an event like this comes; none is missed. */
  event(matches: (event: DaemonEvent) => boolean): Promise<number>;
  stop(): Promise<void>;
};

/** A daemon on the real store, clock and repository; only its pods are simulated, on a node with room for all of them. */
export async function daemonUnderTest(directory: string, repositoryPath: string): Promise<DaemonUnderTest> {
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
  const driver = simulatedDriver({ clock, random, state: simulatedState() });
  const machine = { ...machineFacts('bench'), podsMax: 100_000, cpuMillis: 10_000_000, memoryBytes: 1e15 };
  const seen: { readonly event: DaemonEvent; readonly atMs: number }[] = [];
  const waiting = new Set<(event: DaemonEvent, atMs: number) => void>();
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
  daemon.subscribe((event) => {
    const atMs = performance.now();
    seen.push({ event, atMs });
    for (const listener of waiting) listener(event, atMs);
  });
  return {
    daemon,
    event(matches) {
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
    },
    async stop() {
      await daemon.stop();
      await repository.close();
      await store.close();
    },
  };
}

export function applied(commit: string): (event: DaemonEvent) => boolean {
  return (event) => event.type === 'applied' && event.revision === commit;
}

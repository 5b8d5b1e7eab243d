import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { simulatedDriver } from '../runtime/simulated/simulated-driver.ts';
import { simulatedState } from '../runtime/simulated/simulated-state.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { commitTo, type MemoryGit, memoryGit, memoryRepository } from '../testing/memory-git.ts';
import { nodeSettings } from '../testing/node-world.ts';
import { healthyAt, worldSettings } from '../testing/simulated-world.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { until } from '../testing/until.ts';
import type { DaemonEvent } from './control-protocol.ts';
import { type Daemon, startDaemon } from './daemon.ts';

const FILE_BYTES_MAX = 1024 * 1024;
const names = Array.from({ length: 20 }, (_, at) => `large-${at}`);
const large = (name: string, version: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {version: "${version}", text: "${'x'.repeat(40_000)}"}\n`;

/** A daemon with simulated pods over a real file, which grows to `fileBytesMax` and no further. */
async function daemonOn(
  t: ExecutionContext,
  options: { readonly git: MemoryGit; readonly directory: string; readonly fileBytesMax?: number },
): Promise<{ readonly daemon: Daemon; readonly events: readonly DaemonEvent[]; stop(): Promise<void> }> {
  const { git, directory, fileBytesMax } = options;
  const clock = systemClock();
  const store = await sqliteStore({ directory, ...(fileBytesMax !== undefined && { fileBytesMax }) });
  const random = systemRandom();
  const daemon = await startDaemon(worldSettings, {
    ...{ clock, random, store, log: silentLog(), network: null, machine: nodeSettings },
    repository: memoryRepository(git),
    driver: simulatedDriver({ clock, random, state: simulatedState() }),
  });
  const events: DaemonEvent[] = [];
  daemon.subscribe((event) => events.push(event));
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await daemon.stop();
    await store.close();
  };
  t.teardown(stop);
  return { daemon, events, stop };
}

test('a store whose file is full: what was applied stays, it is told, and a smaller commit is applied', async (t) => {
  const git = memoryGit();
  const directory = await temporaryDirectory(t);
  const push = (files: Readonly<Record<string, string | null>>): Promise<string> =>
    commitTo(git, { branch: 'main', files, message: 'Change\n', atMs: 0 });
  const reports =
    ({ report }: Daemon, commit: string) =>
    (): boolean => {
      const latest = report();
      return latest !== null && healthyAt(commit)(latest);
    };
  const bounded = await daemonOn(t, { git, directory, fileBytesMax: FILE_BYTES_MAX });
  const first = await push(
    Object.fromEntries(names.slice(0, 4).map((name) => [`${name}.yaml`, large(name, 'one')])),
  );
  await until(reports(bounded.daemon, first), { what: 'the first commit to be live' });
  await push(Object.fromEntries(names.map((name) => [`${name}.yaml`, large(name, 'two')])));
  const troubles = (): readonly DaemonEvent[] => bounded.events.filter(({ type }) => type === 'trouble');
  await until(() => troubles().length > 0, { what: 'the full file to be told' });
  t.like(troubles()[0], { code: 'STORE_UNWRITABLE', retried: true });
  t.is(bounded.daemon.report()?.revision, first);
  const third = await push(
    Object.fromEntries(names.map((name, at) => [`${name}.yaml`, at < 2 ? large(name, 'three') : null])),
  );
  await until(reports(bounded.daemon, third), { what: 'the smaller commit to be live' });
  await bounded.stop();
  const unbounded = await daemonOn(t, { git, directory });
  await until(reports(unbounded.daemon, third), { what: 'all of it to be there afterwards' });
  t.is(unbounded.daemon.report()?.objects.length, 2);
});

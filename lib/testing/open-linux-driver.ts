import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../base/clock.ts';
import { bootId } from '../base/companion/process-identity.ts';
import { silentLog } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import type { PodDriver } from '../runtime/driver.ts';
import { readCgroupTree } from '../runtime/linux/cgroup/cgroup-tree.ts';
import { groupName } from '../runtime/linux/cgroup/pod-groups.ts';
import type { LauncherName } from '../runtime/linux/launch/launchers.ts';
import { linuxDriver } from '../runtime/linux/linux-driver.ts';
import { hostImageOnly, type PodImages } from '../runtime/linux/linux-images.ts';
import { readMountTable } from '../runtime/linux/mount-table.ts';
import { podNetwork } from '../runtime/linux/net/pod-network.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Why pods cannot be run by this launcher here; null: they can. The CI counts what is left out for a reason as failed. */
export function linuxLacks(launcher: LauncherName): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it takes root on Linux';
  const programs = [
    'ip',
    'unshare',
    'nsenter',
    'mount',
    'umount',
    ...(launcher === 'util-linux' ? ['setpriv'] : [launcher]),
  ];
  const missing = programs.filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error);
  return missing.length === 0 ? null : `this machine has no ${missing.join(', ')}`;
}

/** A linux driver on a new data directory. Whatever the test did to it, all of it ends with the test, which fails if anything is left. */
export async function openLinuxDriver(
  t: ExecutionContext,
  launcher: LauncherName,
  options: { images?(dataDirectory: string): PodImages } = {},
): Promise<{ readonly driver: PodDriver; readonly dataDirectory: string; another(): PodDriver }> {
  const dataDirectory = join(await realpath(await temporaryDirectory(t)), 'data');
  await mkdir(dataDirectory, { mode: 0o700 });
  const images = options.images?.(dataDirectory);
  const another = (): PodDriver => linuxDriverOn(dataDirectory, launcher, images);
  const driver = another();
  t.teardown(async () => {
    // Its own driver: the test's may be closed, or its agent dead.
    await driver.close();
    const last = another();
    await last.open();
    const found = traces(dataDirectory);
    for (const { podUid } of await last.sandboxes()) await last.removeSandbox(podUid);
    await last.shutDown();
    const left = leftOf(found, dataDirectory);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  });
  await driver.open();
  return { driver, dataDirectory, another };
}

/** A driver on a data directory, not open yet. */
export function linuxDriverOn(
  dataDirectory: string,
  launcher: LauncherName,
  images: PodImages = hostImageOnly(join(dataDirectory, 'host-image')),
): PodDriver {
  const ports = { dataDirectory, clock: systemClock(), random: systemRandom(), log: silentLog() };
  const network = podNetwork({ ...ports, bootId: bootId() });
  return linuxDriver({ ...ports, network, images, hostIP: '127.0.0.1', launcher });
}

type Traces = { readonly netns: readonly string[] };

/** What is there now of pods' networks, so that it can be looked for when it should be gone. */
function traces(dataDirectory: string): Traces {
  const directory = join(dataDirectory, 'network', 'pods');
  if (!existsSync(directory)) return { netns: [] };
  const records = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return {
    netns: records.flatMap(
      (name) => /"netns":"([^"]+)"/.exec(readFileSync(join(directory, name), 'utf8'))?.[1] ?? [],
    ),
  };
}

/** Mounts, namespaces, control groups and processes of a data directory that are still there. */
export function leftOf({ netns }: Traces, dataDirectory: string): readonly string[] {
  const mounts = readMountTable().filter(({ path }) => path.startsWith(dataDirectory));
  const namespaces = netns.filter((name) => existsSync(join('/run/netns', name)));
  const groups = readCgroupTree().roots.filter((root) =>
    existsSync(join(root, 'pintle', groupName(join(dataDirectory, 'pods')))),
  );
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && speaksOf(pid, dataDirectory));
  return [
    ...mounts.map(({ path }) => `mount ${path}`),
    ...namespaces.map((name) => `namespace ${name}`),
    ...groups.map((root) => `control groups in ${root}`),
    ...processes.map((pid) => `process ${pid}`),
  ];
}

function speaksOf(pid: string, dataDirectory: string): boolean {
  try {
    return (
      Number(pid) !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataDirectory)
    );
  } catch {
    return false;
  }
}

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../../lib/base/clock.ts';
import { instanceLockHolder } from '../../../../lib/base/companion/instance-lock.ts';
import { bootId } from '../../../../lib/base/companion/process-identity.ts';
import { silentLog } from '../../../../lib/base/log.ts';
import { systemRandom } from '../../../../lib/base/random.ts';
import type { ContainerResources } from '../../../../lib/runtime/container-security.ts';
import {
  type ContainerSpec,
  containerIdOf,
  type PodDriver,
  type SandboxSpec,
} from '../../../../lib/runtime/driver.ts';
import { imageStore } from '../../../../lib/runtime/image/image-store.ts';
import { noRegistryOptions } from '../../../../lib/runtime/image/registry/registry-options.ts';
import type { LauncherName } from '../../../../lib/runtime/linux/launch/launchers.ts';
import { linuxDriver } from '../../../../lib/runtime/linux/linux-driver.ts';
import { linuxLayout } from '../../../../lib/runtime/linux/linux-layout.ts';
import { podNetwork } from '../../../../lib/runtime/linux/net/pod-network.ts';
import { podsDirectory } from '../../../../lib/runtime/process/pods-directory.ts';
import { residentMb } from '../shipped-daemon.ts';
import { busyboxArchive } from './bench-image.ts';
import { type PodRunner, podProgram } from './pod-runner.ts';

const IMAGE = 'localhost/bench:1';

/** The linux driver, in this process as it is in the daemon, with an agent of its own. `bundleOf`: of a pod that is up. */
export async function pintlePods(
  directory: string,
  launcher: LauncherName,
): Promise<PodRunner & { bundleOf(pod: string): string }> {
  const dataDirectory = join(directory, `pintle-${launcher}`);
  mkdirSync(dataDirectory, { mode: 0o700 });
  const archive = join(directory, 'image.tar');
  writeFileSync(archive, busyboxArchive(IMAGE));
  const clock = systemClock();
  const ports = { dataDirectory, clock, random: systemRandom(), log: silentLog() };
  const images = imageStore({
    ...{ directory: join(dataDirectory, 'images'), clock, random: ports.random, log: ports.log },
    settings: { registries: noRegistryOptions, dockerConfigPath: null },
  });
  await images.open();
  await images.importFile(archive);
  const network = podNetwork({ ...ports, bootId: bootId() });
  const driver = linuxDriver({ ...ports, network, images, hostIP: '127.0.0.1', launcher });
  await driver.open();
  const verdict = await driver.image(IMAGE, 'IfNotPresent');
  if (!verdict.ok) throw new Error(verdict.message);
  return {
    name: `pintle with ${launcher}`,
    up: (pod) => up(driver, pod),
    down: (pod) => driver.removeSandbox(pod),
    memory: () => memoryOf(dataDirectory),
    bundleOf: (pod) => linuxLayout(podsDirectory({ dataDirectory, ownUsers: false }), pod).bundle('main', 0),
    close: async () => {
      for (const { podUid } of await driver.sandboxes()) await driver.removeSandbox(podUid);
      await driver.shutDown();
      await driver.close();
      await images.close();
    },
  };
}

async function up(driver: PodDriver, pod: string): Promise<void> {
  await driver.createSandbox(sandboxOf(pod));
  const spec = containerOf(pod);
  const { refused, failed } = await driver.startContainer(spec);
  if (refused !== undefined || failed !== undefined) throw new Error(refused?.message ?? failed);
  for await (const _ of driver.logs(spec.id, { follow: true })) return;
  throw new Error(`${pod} said nothing`);
}

const RESOURCES: ContainerResources = {
  ...{ cpuRequestMillis: podProgram.cpuMillis, cpuLimitMillis: podProgram.cpuMillis },
  ...{ memoryRequestBytes: podProgram.memoryBytes, memoryLimitBytes: podProgram.memoryBytes },
};

function sandboxOf(pod: string): SandboxSpec {
  return { podUid: pod, namespace: 'bench', name: pod, hostname: pod, ports: [], resources: RESOURCES };
}

function containerOf(pod: string): ContainerSpec {
  return {
    id: containerIdOf(pod, 'main', 0),
    ...{ podUid: pod, container: 'main', attempt: 0, image: IMAGE },
    ...{ command: podProgram.argv('echo ready'), args: [], env: [], workingDir: null, mounts: [] },
    ...{ stdin: false, tty: false, user: null, group: null },
    ...{ cpuLimitMillis: podProgram.cpuMillis, memoryLimitBytes: podProgram.memoryBytes },
  };
}

/** The agent, and whoever waits for containers: their keepers and launchers, but nothing of the containers themselves. */
function memoryOf(dataDirectory: string): Readonly<Record<string, number>> {
  const agent = instanceLockHolder(join(dataDirectory, 'agent'));
  const own = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && namesIn(pid, dataDirectory));
  const keepers = own.filter((pid) => Number(pid) !== agent?.pid);
  return {
    daemon: process.memoryUsage.rss() / 1e6,
    ...(agent === null ? {} : { agent: residentMb(agent.pid) }),
    keepers: keepers.reduce((sum, pid) => sum + privateMb(pid), 0),
  };
}

function namesIn(pid: string, dataDirectory: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(dataDirectory);
  } catch {
    return false;
  }
}

/** What would be free if it ended. */
function privateMb(pid: string): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const kb = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)];
    return kb.reduce((sum, [, count]) => sum + Number(count) * 1024, 0) / 1e6;
  } catch {
    return 0;
  }
}

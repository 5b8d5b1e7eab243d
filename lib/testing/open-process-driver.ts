import { chmod, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { instanceLockHolder } from '../base/companion/instance-lock.ts';
import { type Log, silentLog } from '../base/log.ts';
import type { ContainerRecord, ContainerSpec, PodDriver, SandboxSpec } from '../runtime/driver.ts';
import { containerIdOf } from '../runtime/driver.ts';
import { type ProcessDriverOptions, processDriver } from '../runtime/process/process-driver.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { until } from './until.ts';

type Test = { teardown(run: () => Promise<void>): void };

/** A process driver on a new data directory. Whatever the test did to it, everything it started ends with the test. */
export async function openProcessDriver(
  t: Test,
  options: { readonly settings?: Partial<ProcessDriverOptions['settings']>; readonly log?: Log } = {},
): Promise<{ readonly driver: PodDriver; readonly dataDirectory: string; another(): PodDriver }> {
  const temporary = await realpath(await temporaryDirectory(t));
  await chmod(temporary, 0o711);
  const dataDirectory = join(temporary, 'data');
  const another = (): PodDriver =>
    processDriver({
      dataDirectory,
      clock: systemClock(),
      log: options.log ?? silentLog(),
      settings: { assumeHostImages: false, podRange: '127.97.0.0/16', ...options.settings },
    });
  const driver = another();
  t.teardown(async () => {
    // Its own driver: the test's may be closed, or its agent dead.
    const last = another();
    await last.open();
    for (const { podUid } of await last.sandboxes()) await last.removeSandbox(podUid);
    await last.shutDown();
    await driver.close();
  });
  // Pods of their own users have to get through.
  await mkdir(dataDirectory, { mode: 0o711 });
  await driver.open();
  return { driver, dataDirectory, another };
}

/** The agent's process id; throws when none runs. */
export function agentPid(dataDirectory: string): number {
  const holder = instanceLockHolder(join(dataDirectory, 'agent'));
  if (holder === null) throw new Error('no agent runs');
  return holder.pid;
}

export function sandboxSpec(podUid: string, ports: readonly number[] = []): SandboxSpec {
  return {
    podUid,
    namespace: 'default',
    name: podUid,
    hostname: podUid,
    ports: ports.map((port) => ({ port, protocol: 'TCP' })),
  };
}

/** A container of image `host` that runs `script` in sh. */
export function scriptContainer(
  podUid: string,
  script: string,
  more: Partial<ContainerSpec> = {},
): ContainerSpec {
  const container = more.container ?? 'main';
  const attempt = more.attempt ?? 0;
  return {
    id: containerIdOf(podUid, container, attempt),
    podUid,
    container,
    attempt,
    image: 'host',
    command: ['sh', '-c', script],
    args: [],
    env: [],
    workingDir: null,
    mounts: [],
    stdin: false,
    tty: false,
    user: null,
    group: null,
    cpuLimitMillis: null,
    memoryLimitBytes: null,
    ...more,
  };
}

export async function recordOf(driver: PodDriver, id: string): Promise<ContainerRecord | undefined> {
  return (await driver.list()).find((record) => record.id === id);
}

/** Waits until the container has ended one way or another. */
export async function ended(driver: PodDriver, id: string): Promise<ContainerRecord['state']> {
  let state: ContainerRecord['state'] | undefined;
  await until(
    async () => {
      state = (await recordOf(driver, id))?.state;
      return state !== undefined && state.phase !== 'running';
    },
    { what: `${id} has ended` },
  );
  if (state === undefined) throw new Error('no state');
  return state;
}

export async function logText(
  driver: PodDriver,
  id: string,
  options: Parameters<PodDriver['logs']>[1] = {},
): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of driver.logs(id, options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

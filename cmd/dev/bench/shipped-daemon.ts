import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { DaemonEvent } from '../../../lib/daemon/control-protocol.ts';

export type ShippedDaemon = {
  readonly pid: number;
  /** From its start until it told how everything stands, the Kubernetes API served. */
  readonly readyMs: number;
  /** SIGKILL, as a machine would end it. */
  kill(): Promise<void>;
};

/** `pintle up` as it is published, with simulated pods, the API at any free port. */
export async function shippedDaemon(
  pintle: string,
  { repository, data }: { readonly repository: string; readonly data: string },
): Promise<ShippedDaemon> {
  const start = performance.now();
  const child = spawn(
    pintle,
    ['up', '--repo', repository, '--data', data, '--runtime', 'simulated', '-o', 'json', '--api-port', '0'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('exit', () => reject(new Error('the daemon ended')));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const event = JSON.parse(line) as DaemonEvent;
    if (event.type === 'summary') resolve(performance.now() - start);
  });
  return { pid: child.pid ?? 0, readyMs: await promise, kill: () => kill(child) };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Resident memory of a process, in megabytes; VmHWM: the most it ever was. */
export function residentMb(pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
}

/** CPU time of a process so far, all threads, in milliseconds. The kernel counts it in hundredths of a second. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

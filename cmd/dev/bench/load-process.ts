import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ApiJob, ApiResult } from './api-load.ts';
import { rounded } from './figure.ts';
import type { ApiPlace } from './kept-connection.ts';
import { cpuMs } from './shipped-daemon.ts';

/** What is asked: where it is, and the process that answers. */
export type Loaded = { readonly place: ApiPlace; readonly pid: number };

export type LoadResult = ApiResult & {
  /**
   * What belongs beside a figure, in processors: what the clients took of the machine, what the server took, and how many wanted one in
   * the last minute (whoever they are).
   */
  readonly machine: Readonly<Record<'clientsCpu' | 'serverCpu' | 'machineLoad', number>>;
};

export function load(loaded: Loaded, job: ApiJob): Promise<LoadResult> {
  return startLoad(loaded, job).result;
}

/** The job in a process of its own. */
export function startLoad(
  { place, pid }: Loaded,
  job: ApiJob,
): { readonly listening: Promise<void>; readonly result: Promise<LoadResult> } {
  const args = [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'api-load.ts'),
    JSON.stringify(job),
  ];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(place));
  const listening = Promise.withResolvers<void>();
  const read = async (): Promise<LoadResult> => {
    const exited = once(child, 'exit');
    let before = cpuMs(pid);
    let result: LoadResult | null = null;
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as ApiResult | { readonly listening: true };
      if ('listening' in said) {
        before = cpuMs(pid);
        listening.resolve();
      } else {
        result = { ...said, machine: machineOf(said, cpuMs(pid) - before) };
      }
    }
    await exited;
    if (result === null) throw new Error(`${job.job} failed`);
    return result;
  };
  return { listening: listening.promise, result: read() };
}

function machineOf({ ms, cpuMs: clientsMs }: ApiResult, serverMs: number): LoadResult['machine'] {
  return {
    clientsCpu: rounded(clientsMs / ms),
    serverCpu: rounded(serverMs / ms),
    machineLoad: rounded(loadavg()[0] ?? 0),
  };
}

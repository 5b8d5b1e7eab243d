import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import type { StatusJson, StatusObject } from '../../cmd/status-json.ts';
import { callDaemon } from '../daemon/control-client.ts';
import type { DaemonEvent } from '../daemon/control-protocol.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { type TemporaryRepository, temporaryRepository } from './temporary-repository.ts';
import { until } from './until.ts';

const execute = promisify(execFile);
/** Between two looks at a status. */
const LOOK_MS = 25;
const pintle = join(dirname(dirname(import.meta.dirname)), 'cmd', 'pintle.ts');

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A real daemon on a real bare repository, worked on through a clone, as a user would: push, look, push again. */
export type RealDaemon = {
  readonly directory: string;
  readonly dataDirectory: string;
  readonly bare: TemporaryRepository;
  readonly clone: TemporaryRepository;
  readonly events: readonly DaemonEvent[];
  /** The running daemon's pid. */
  pid(): number;
  /** Commits files in the clone and pushes them; the commit. */
  push(files: Readonly<Record<string, string | null>>, message?: string): Promise<string>;
  /** Runs a command of the command line with --data where it takes one. */
  run(...args: readonly string[]): Promise<CommandResult>;
  status(): Promise<StatusJson>;
  /** Waits until the status is so; its text is shown when it is not in time. */
  untilStatus(
    condition: (status: StatusJson) => boolean,
    what: string,
    deadlineMs?: number,
  ): Promise<StatusJson>;
  start(...args: readonly string[]): Promise<void>;
  /** It has ended, or was killed. */
  isOver(): boolean;
  /** Lines of this type on its standard output so far, of all starts; crashing-daemon.ts says more than events. */
  told<T>(type: string): readonly T[];
  /** Kills the daemon with SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
  /** Ends the daemon, its pods and agents; once, until it is started again. `graceSeconds`: pods get at most so long. */
  down(options?: { readonly graceSeconds?: number }): Promise<void>;
};

/** Makes the repository and starts the daemon on it; ends everything with the test, however it ends. */
export async function realDaemon(
  t: ExecutionContext,
  options: {
    readonly args?: readonly string[];
    readonly start?: boolean;
    /** What runs in the place of the command line for `up`. */
    readonly program?: string;
  } = {},
): Promise<RealDaemon> {
  const directory = await temporaryDirectory(t);
  const dataDirectory = join(directory, 'data');
  const bare = await temporaryRepository(join(directory, 'repo.git'), { bare: true });
  const clone = await temporaryRepository(join(directory, 'clone'));
  await clone.git('remote', 'add', 'origin', bare.path);
  const events: DaemonEvent[] = [];
  let child: ChildProcess | null = null;
  /** It was brought down with its pods: there is nothing to take over. */
  let ended: ChildProcess | null = null;

  const run = async (...args: readonly string[]): Promise<CommandResult> => {
    const settings = {
      cwd: clone.path,
      env: { ...process.env, PINTLE_DATA: dataDirectory, NO_COLOR: '1' },
      maxBuffer: 64 * 1024 * 1024,
    };
    try {
      const { stdout, stderr } = await execute(process.execPath, [pintle, ...args], settings);
      return { code: 0, stdout, stderr };
    } catch (thrown) {
      const failed = thrown as { readonly code?: number; readonly stdout?: string; readonly stderr?: string };
      return { code: failed.code ?? -1, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' };
    }
  };
  const daemon: RealDaemon = {
    directory,
    dataDirectory,
    bare,
    clone,
    events,
    pid() {
      if (child?.pid === undefined) throw new Error('the daemon does not run');
      return child.pid;
    },
    async push(files, message = 'Change') {
      const commit = await clone.commit(files, message);
      await clone.git('push', '-q', 'origin', 'HEAD:main');
      return commit;
    },
    run,
    async status() {
      const { stdout } = await run('status', '-o', 'json');
      return JSON.parse(stdout) as StatusJson;
    },
    async untilStatus(condition, what, deadlineMs = 60_000) {
      let last: StatusJson | null = null;
      // The daemon is asked as the command asks it; that the command says so, too, is looked at once.
      const holds = async (): Promise<boolean> => {
        last = (await callDaemon(dataDirectory, 'status').catch(() => null)) as StatusJson | null;
        if (last === null || !condition(last)) return false;
        const { stdout } = await run('status', '-o', 'json');
        if (stdout === '') return false;
        last = JSON.parse(stdout) as StatusJson;
        return condition(last);
      };
      await until(holds, { what, deadlineMs, everyMs: LOOK_MS }).catch(async (failure: unknown) => {
        t.log(`waited in vain: ${what}`, (await run('status')).stdout, logTail(dataDirectory));
        throw failure;
      });
      if (last === null) throw new Error('no status');
      return last;
    },
    async start(...args) {
      const all = [
        options.program ?? pintle,
        'up',
        '--repo',
        bare.path,
        '--data',
        dataDirectory,
        '--runtime',
        'process',
        '-o',
        'json',
        '--api-port',
        '0',
        ...(options.args ?? []),
        ...args,
      ];
      const started = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'], cwd: clone.path });
      child = started;
      let said = '';
      started.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      createInterface({ input: started.stdout }).on('line', (line) =>
        events.push(JSON.parse(line) as DaemonEvent),
      );
      await until(() => said.includes('pintle follows') || started.exitCode !== null, {
        what: 'the daemon to start',
        deadlineMs: 30_000,
      });
      if (started.exitCode !== null) throw new Error(`the daemon ended with ${started.exitCode}: ${said}`);
    },
    isOver: () => child !== null && (child.exitCode !== null || child.signalCode !== null),
    told: <T>(type: string) =>
      events.filter((event) => event.type === type) as readonly unknown[] as readonly T[],
    async kill() {
      const killed = child;
      if (killed === null || killed.exitCode !== null || killed.signalCode !== null) return;
      killed.kill('SIGKILL');
      await until(() => killed.exitCode !== null || killed.signalCode !== null, {
        what: 'the daemon to die',
      });
    },
    async down({ graceSeconds }: { readonly graceSeconds?: number } = {}) {
      // A daemon that was killed has left its pods: one more takes them over and ends them.
      if (child === null || child === ended) return;
      if (child.exitCode !== null || child.signalCode !== null) await daemon.start();
      const grace = graceSeconds === undefined ? [] : ['--grace-period', `${graceSeconds}`];
      const { code, stderr } = await run('down', ...grace);
      if (code !== 0) t.log('down failed', stderr, logTail(dataDirectory));
      const ending = child;
      await until(() => ending.exitCode !== null || ending.signalCode !== null, {
        what: 'the daemon to end',
      });
      if (code === 0) ended = ending;
    },
  };
  t.teardown(() => daemon.down());
  if (options.start !== false) await daemon.start();
  return daemon;
}

function logTail(dataDirectory: string): string {
  try {
    return readFileSync(join(dataDirectory, 'pintle.log'), 'utf8').split('\n').slice(-30).join('\n');
  } catch {
    return '(no log)';
  }
}

/** `Deployment shop/web` in a status. */
export function objectIn(status: StatusJson, label: string): StatusObject | undefined {
  return status.objects.find(
    ({ kind, namespace, name }) =>
      label === (namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`),
  );
}

/** Every object healthy, in sync with this commit. */
export function allHealthyAt(commit: string): (status: StatusJson) => boolean {
  return (status) => status.revision === commit && status.sync === 'Synced' && status.health === 'Healthy';
}

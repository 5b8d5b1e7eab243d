import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import type { StatusJson } from '../../cmd/status-json.ts';
import { codeOf } from '../base/errors.ts';
import { callDaemon } from '../daemon/control-client.ts';
import type { DaemonEvent } from '../daemon/control-protocol.ts';
import { until } from './until.ts';

const pintle = join(dirname(dirname(import.meta.dirname)), 'cmd', 'pintle.ts');

/** A `pintle up` of its own, asked over its control socket: where the repository comes from is the test's affair. */
export type UpProcess = {
  /** As it printed them. */
  readonly events: readonly (DaemonEvent & { readonly format: number })[];
  /** Codes of the troubles told so far, in order. */
  troubles(): readonly string[];
  stderr(): string;
  pid(): number;
  /** Null while it runs. */
  exitCode(): number | null;
  status(): Promise<StatusJson | null>;
  untilStatus(
    condition: (status: StatusJson) => boolean,
    what: string,
    deadlineMs?: number,
  ): Promise<StatusJson>;
  /** Ends it and its pods. */
  end(): Promise<void>;
};

/** Starts the command with these arguments and waits until it follows the repository, or has ended. It ends with the test. */
export async function upProcess(
  t: ExecutionContext,
  options: {
    readonly repository: string;
    readonly dataDirectory: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<UpProcess> {
  const { repository, dataDirectory, args = [] } = options;
  const words = [
    pintle,
    'up',
    '--repo',
    repository,
    '--data',
    dataDirectory,
    '-o',
    'json',
    '--api-port',
    '0',
    ...args,
  ];
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const events: (DaemonEvent & { readonly format: number })[] = [];
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  const status = async (): Promise<StatusJson | null> => {
    try {
      return (await callDaemon(dataDirectory, 'status')) as StatusJson;
    } catch (thrown) {
      // It has not looked yet.
      if (codeOf(thrown) === 'NOT_YET') return null;
      throw thrown;
    }
  };
  const up: UpProcess = {
    events,
    troubles: () => events.flatMap((event) => (event.type === 'trouble' ? [event.code] : [])),
    stderr: () => said,
    pid: () => child.pid ?? 0,
    exitCode: () => child.exitCode,
    status,
    async untilStatus(condition, what, deadlineMs = 30_000) {
      let last: StatusJson | null = null;
      const holds = async (): Promise<boolean> => {
        last = await status();
        return last !== null && condition(last);
      };
      await until(holds, { what, deadlineMs }).catch((failure: unknown) => {
        t.log(`waited in vain: ${what}`, JSON.stringify(last, null, 1), said);
        throw failure;
      });
      if (last === null) throw new Error('no status');
      return last;
    },
    async end() {
      if (isOver(child)) return;
      await callDaemon(dataDirectory, 'down', { pods: true });
      await until(() => isOver(child), { what: 'the daemon to end' });
    },
  };
  t.teardown(async () => {
    await up.end().catch(() => child.kill('SIGKILL'));
  });
  await until(() => said.includes('pintle follows') || isOver(child), {
    what: 'the daemon to start',
    deadlineMs: 30_000,
  });
  return up;
}

function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

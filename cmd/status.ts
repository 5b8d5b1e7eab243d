import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../lib/base/errors.ts';
import { callDaemon } from '../lib/daemon/control-client.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { nodeText } from './node-text.ts';
import { isSettled, type StatusJson } from './status-json.ts';
import { statusText } from './status-text.ts';

export type StatusOptions = {
  readonly data?: string;
  readonly output: string;
  readonly node?: boolean;
  readonly wait?: string | true;
};

const WAIT_SECONDS = 300;
const POLL_MS = 250;

/** `pintle status`: exit 0 when all is healthy and in sync, 1 otherwise. */
export async function statusCommand(options: StatusOptions, io: CommandIo): Promise<ExitCode> {
  const data = dataDirectory(options.data, io);
  if (options.node === true) {
    const node = await callDaemon(data, 'node');
    io.stdout(options.output === 'json' ? `${JSON.stringify(node, null, 2)}\n` : nodeText(node));
    return exitCodes.ok;
  }
  const status = await awaitedStatus(data, waitMs(options.wait), isSettled);
  io.stdout(options.output === 'json' ? `${JSON.stringify(status, null, 2)}\n` : statusText(status, io));
  return isSettled(status) ? exitCodes.ok : exitCodes.failed;
}

/** The status once it is as it is waited for, or as it is when the time is up. */
export async function awaitedStatus(
  data: string,
  timeoutMs: number,
  isAwaited: (status: StatusJson) => boolean,
): Promise<StatusJson> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const status = (await callDaemon(data, 'status')) as StatusJson;
    if (isAwaited(status) || Date.now() >= deadline) return status;
    await delay(POLL_MS);
  }
}

function waitMs(wait: StatusOptions['wait']): number {
  if (wait === undefined) return 0;
  return seconds(wait === true ? String(WAIT_SECONDS) : wait) * 1000;
}

/** Seconds of an option. UserError USAGE when it is no number. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new UserError('USAGE', `${text} is not a number of seconds`);
  return value;
}

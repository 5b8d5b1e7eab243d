import { callDaemon } from '../lib/daemon/control-client.ts';
import { behindText, checkedOutIn } from './checked-out.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { awaitedStatus, seconds } from './status.ts';
import { isSettled, isSettledIn, type StatusJson } from './status-json.ts';
import { statusText } from './status-text.ts';

export type RollbackOptions = { readonly data?: string; readonly timeout: string; readonly wait: boolean };

/** `pintle rollback [REV]`: a revert commit on the branch, then waits until what it changes is live and healthy. */
export async function rollbackCommand(
  revision: string | undefined,
  options: RollbackOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const data = dataDirectory(options.data, io);
  const timeoutMs = seconds(options.timeout) * 1000;
  const made = (await callDaemon(data, 'rollback', { revision: revision ?? null })) as {
    readonly commit: string;
    readonly from: string;
    readonly to: string;
    readonly location: string;
    readonly branch: string;
    readonly paths: readonly string[];
  };
  io.stdout(`Committed ${made.commit.slice(0, 10)}, which goes back to ${made.to.slice(0, 10)}.\n`);
  const { commit: to, from, branch } = made;
  for (const worktree of await checkedOutIn(made.location, branch))
    io.stderr(behindText(worktree, { from, to, branch }));
  if (!options.wait) return exitCodes.ok;
  const paths = new Set(made.paths);
  const isLive = (status: StatusJson): boolean =>
    status.revision === made.commit && isSettledIn(status, paths);
  const status = await awaitedStatus(data, timeoutMs, isLive);
  if (!isLive(status)) {
    io.stderr(`It is not live and healthy after ${options.timeout} seconds:\n${statusText(status, io)}`);
    return exitCodes.failed;
  }
  io.stdout(`It is live: ${status.counts.Healthy ?? 0} of ${status.total} healthy.\n`);
  if (!isSettled(status)) io.stdout('What is not was not touched by it; `pintle status` tells.\n');
  return exitCodes.ok;
}

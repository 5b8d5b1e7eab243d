import { callDaemon } from '../lib/daemon/control-client.ts';
import { behindText, checkedOutIn } from './checked-out.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { seconds, settledStatus } from './status.ts';
import { isSettled } from './status-json.ts';
import { statusText } from './status-text.ts';

export type RollbackOptions = { readonly data?: string; readonly timeout: string; readonly wait: boolean };

/** `pintle rollback [REV]`: a revert commit on the branch, then waits until it is live and healthy. */
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
  };
  io.stdout(`Committed ${made.commit.slice(0, 10)}, which goes back to ${made.to.slice(0, 10)}.\n`);
  const { commit: to, from, branch } = made;
  for (const worktree of await checkedOutIn(made.location, branch))
    io.stderr(behindText(worktree, { from, to, branch }));
  if (!options.wait) return exitCodes.ok;
  const status = await settledStatus(data, timeoutMs, made.commit);
  if (status.revision === made.commit && isSettled(status)) {
    io.stdout(`It is live: ${status.counts.Healthy ?? 0} of ${status.total} healthy.\n`);
    return exitCodes.ok;
  }
  io.stderr(`It is not live and healthy after ${options.timeout} seconds:\n${statusText(status, io)}`);
  return exitCodes.failed;
}

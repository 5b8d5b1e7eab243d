import { styleText } from 'node:util';
import { callDaemon } from '../lib/daemon/control-client.ts';
import type { HistoryEntry } from '../lib/plan/source-state.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** `pintle history`: applied revisions, newest first, each with what it did. */
export async function historyCommand(
  options: { readonly data?: string; readonly output: string },
  io: CommandIo,
): Promise<ExitCode> {
  const answer = await callDaemon(dataDirectory(options.data, io), 'history');
  const { revisions } = answer as { readonly revisions: readonly HistoryEntry[] };
  if (options.output === 'json') {
    io.stdout(`${JSON.stringify({ format: 1, revisions }, null, 2)}\n`);
    return exitCodes.ok;
  }
  if (revisions.length === 0) io.stderr('No revision was applied yet.\n');
  for (const { revision, atMs, subject, created, changed, pruned, blocked } of revisions) {
    const commit = io.colour ? styleText('yellow', revision.slice(0, 10)) : revision.slice(0, 10);
    const did = `+${created} ~${changed} -${pruned}${blocked > 0 ? ` !${blocked}` : ''}`;
    io.stdout(`${commit}  ${new Date(atMs).toISOString().slice(0, 19)}Z  ${did.padEnd(14)}  ${subject}\n`);
  }
  return exitCodes.ok;
}

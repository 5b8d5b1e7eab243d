import { callDaemon } from '../lib/daemon/control-client.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** `pintle approve [ID]`: a held deletion goes on. */
export async function approveCommand(
  id: string | undefined,
  options: { readonly data?: string },
  io: CommandIo,
): Promise<ExitCode> {
  const approved = await callDaemon(dataDirectory(options.data, io), 'approve', { id: id ?? null });
  io.stdout(`Approved ${String(approved)}.\n`);
  return exitCodes.ok;
}

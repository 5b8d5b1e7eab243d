import { callDaemon } from '../lib/daemon/control-client.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** `pintle down`: the daemon ends, and with it its pods unless they are to be kept. */
export async function downCommand(
  options: { readonly data?: string; readonly keepPods?: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const pods = options.keepPods !== true;
  await callDaemon(dataDirectory(options.data, io), 'down', { pods });
  io.stderr(pods ? 'The daemon and its pods have ended.\n' : 'The daemon has ended; its pods run on.\n');
  return exitCodes.ok;
}

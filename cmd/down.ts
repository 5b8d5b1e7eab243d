import { secondMs, systemClock } from '../lib/base/clock.ts';
import { UserError } from '../lib/base/errors.ts';
import { timings } from '../lib/base/limits.ts';
import { callDaemon } from '../lib/daemon/control-client.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

export type DownOptions = {
  readonly data?: string;
  readonly keepPods?: boolean;
  readonly gracePeriod?: string;
};

/** `pintle down`: the daemon ends, and with it its pods unless they are to be kept. */
export async function downCommand(options: DownOptions, io: CommandIo): Promise<ExitCode> {
  const pods = options.keepPods !== true;
  const graceMaxMs = options.gracePeriod === undefined ? null : graceMs(options.gracePeriod);
  const notice = systemClock().setTimer(timings.downNoticeMs, () => {
    if (pods) io.stderr('Waiting for the pods to end; each has its grace period …\n');
  });
  try {
    await callDaemon(dataDirectory(options.data, io), 'down', { pods, graceMaxMs });
  } finally {
    notice.cancel();
  }
  io.stderr(pods ? 'The daemon and its pods have ended.\n' : 'The daemon has ended; its pods run on.\n');
  return exitCodes.ok;
}

function graceMs(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text) * secondMs;
  throw new UserError('USAGE', `--grace-period: ${text} is not a whole number of seconds`);
}

import { UserError } from '../lib/base/errors.ts';
import { callDaemon } from '../lib/daemon/control-client.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

export type PlanOptions = {
  readonly data?: string;
  readonly offline?: boolean;
  readonly repo: string;
  readonly branch: string;
  readonly path: string;
  readonly statusBranch: string;
  readonly exitCode?: boolean;
  readonly output: string;
};

type PlanAnswer = {
  readonly plan: {
    readonly changes: readonly unknown[];
    readonly pruneHolds: readonly unknown[];
    readonly errors: number;
  };
  readonly text: string;
  readonly colourText: string;
};

/** `pintle plan [REV]`: from the daemon's live state, or from the last status commit with `--offline`. */
export async function planCommand(
  revision: string | undefined,
  options: PlanOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const answer = (
    options.offline === true
      ? await (await import('./offline-plan.ts')).offlinePlan(revision ?? null, options, io)
      : await callDaemon(dataDirectory(options.data, io), 'plan', { revision: revision ?? null }).catch(hint)
  ) as PlanAnswer;
  const { plan } = answer;
  if (options.output === 'json') io.stdout(`${JSON.stringify(plan, null, 2)}\n`);
  else io.stdout(io.colour ? answer.colourText : answer.text);
  if (plan.errors > 0) return exitCodes.failed;
  const changes = plan.changes.length + plan.pruneHolds.length > 0;
  return options.exitCode === true && changes ? exitCodes.changes : exitCodes.ok;
}

function hint(thrown: unknown): never {
  if (!(thrown instanceof UserError) || thrown.code !== 'NO_DAEMON') throw thrown;
  throw new UserError(thrown.code, `${thrown.message}; or plan from the last status commit with --offline`);
}

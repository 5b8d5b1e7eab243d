import { UserError } from '../lib/base/errors.ts';
import { callDaemon } from '../lib/daemon/control-client.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

export type PlanOptions = {
  readonly data?: string;
  readonly offline?: boolean;
  readonly simulate?: boolean;
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

/**
 * `pintle plan [REV]`: from the daemon's live state, or from the last status commit with `--offline`. `--simulate` shows the rollout too,
 * and fails where it would not come to a good end.
 */
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
  const simulation = options.simulate === true ? await simulated(revision ?? null, options, io) : null;
  if (options.output === 'json')
    io.stdout(
      `${JSON.stringify(simulation === null ? plan : { ...plan, simulation: simulation.json }, null, 2)}\n`,
    );
  else
    io.stdout(
      `${io.colour ? answer.colourText : answer.text}${simulation === null ? '' : `\n${simulation.text}`}`,
    );
  if (plan.errors > 0 || simulation?.isWell === false) return exitCodes.failed;
  const changes = plan.changes.length + plan.pruneHolds.length > 0;
  return options.exitCode === true && changes ? exitCodes.changes : exitCodes.ok;
}

async function simulated(revision: string | null, options: PlanOptions, io: CommandIo) {
  const { simulatedPlan } = await import('./simulated-plan.ts');
  const { simulationJson } = await import('../lib/daemon/simulate/simulation-json.ts');
  const { simulationText } = await import('../lib/daemon/simulate/simulation-text.ts');
  const simulation = await simulatedPlan(revision, options, io);
  const from = options.offline === true ? 'empty' : 'live';
  return {
    isWell: simulation.outcome === 'completes' || simulation.outcome === 'nothing-to-do',
    json: simulationJson(simulation),
    text: simulationText(simulation, { colour: io.colour, from }),
  };
}

function hint(thrown: unknown): never {
  if (!(thrown instanceof UserError) || thrown.code !== 'NO_DAEMON') throw thrown;
  throw new UserError(thrown.code, `${thrown.message}; or plan from the last status commit with --offline`);
}

/** `npm start`: the main job on show. Makes a repository to play with (or takes the one given), runs the daemon on it, says what to try. */
import { writeFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { codeOf, messageOf, UserError, WorldError } from '../lib/base/errors.ts';
import { timings } from '../lib/base/limits.ts';
import type { DaemonEvent } from '../lib/daemon/control-protocol.ts';
import { calmProgress } from './calm-progress.ts';
import { type CommandIo, processIo } from './command-io.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { adminKubeconfig } from './kubeconfig.ts';
import { progressLine } from './progress-line.ts';
import { runDaemon } from './run-daemon.ts';
import { signalled } from './signalled.ts';
import { sourcePath } from './source-path.ts';
import { EXAMPLE_PORT, makeStage, type Stage } from './stage.ts';
import { whatToTry } from './what-to-try.ts';

type StartOptions = {
  readonly repo?: string;
  readonly branch: string;
  readonly path: string;
  readonly allowHostAccess?: boolean;
  readonly assumeHostImages?: boolean;
};

/** What to try is told by then, however far the first reconcile has come. */
const PATIENCE_MS = 30_000;

async function start(options: StartOptions, io: CommandIo): Promise<void> {
  // From here on Ctrl-C ends things in order, also while they are only beginning.
  const ending = signalled(['SIGINT', 'SIGTERM', 'SIGHUP']);
  const stage = await makeStage(options.repo);
  const daemon = await runDaemon({
    repository: stage.repository,
    cwd: io.cwd,
    branch: options.branch,
    path: sourcePath(options.path),
    dataDirectory: stage.dataDirectory,
    runtime: 'auto',
    policy: 'hold',
    pollIntervalMs: 5_000,
    statusBranch: 'pintle/status',
    takeOverStatus: false,
    allowHostAccess: options.allowHostAccess === true,
    assumeHostImages: options.assumeHostImages === true,
    nodeName: 'localhost',
    logLevel: 'info',
    // Any port: a daemon of the machine's own may have the usual one.
    api: { address: '127.0.0.1', port: 0 },
  });
  writeFileSync(stage.kubeconfig, adminKubeconfig(stage.dataDirectory), { mode: 0o600 });
  io.stdout(`Pintle follows ${daemon.location}, branch ${options.branch}.\n`);
  io.stdout(`All of this demonstration is in ${stage.directory}.\n`);
  if (stage.example !== null && stage.example.shopPort !== EXAMPLE_PORT)
    io.stdout(`Port ${EXAMPLE_PORT} is taken on this machine: the shop gets ${stage.example.shopPort}.\n`);
  io.stdout('\n');
  const hints = once(() => tellWhatToTry(stage, options.branch, io));
  const isWorthALine = calmProgress();
  daemon.subscribe((event) => {
    if (isWorthALine(event)) io.stdout(`${progressLine(event, io)}\n`);
    if (isAtRest(event)) hints();
  });
  const patience = setTimeout(hints, PATIENCE_MS);
  await daemon.ended({ signalled: ending, signalGraceMs: timings.demonstrationGraceMs });
  clearTimeout(patience);
  io.stdout(`\nThe demonstration has ended, and its pods. Its files are in ${stage.directory}.\n`);
}

function tellWhatToTry(stage: Stage, branch: string, io: CommandIo): void {
  const ctrlC = 'Ctrl-C ends the demonstration and its pods.';
  io.stdout(`\n${whatToTry(stage, { branch, cwd: io.cwd })}\n`);
  io.stdout(`${io.colour ? styleText('dim', ctrlC) : ctrlC}\n\n`);
}

/** The first reconcile is over, well or not. */
function isAtRest(event: DaemonEvent): boolean {
  return event.type === 'summary' && event.health !== 'Progressing';
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (!done) run();
    done = true;
  };
}

async function main(io: CommandIo): Promise<ExitCode> {
  const program = new Command('npm start --')
    .description('The main job on show: a repository, a daemon on it, and what to try.')
    .option('--repo <path|url>', 'your own repository instead of the example')
    .option('--branch <name>', 'the branch to follow', 'main')
    .option('--path <dir>', 'the directory in it that holds the manifests', '')
    .option('--allow-host-access', 'let manifests reach into the host')
    .option('--assume-host-images', "run any image's command on the machine's own files")
    .exitOverride()
    .action((options: StartOptions) => start(options, io));
  try {
    await program.parseAsync(process.argv);
    return exitCodes.ok;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!(thrown instanceof UserError || thrown instanceof WorldError)) throw thrown;
    io.stderr(`pintle: ${messageOf(thrown)} (${codeOf(thrown)})\n`);
    return exitCodes.failed;
  }
}

// What a daemon that could not start had begun, and the signals we listen to, would keep the process.
process.exit(await main(processIo()));

/** `npm start`: the main job on show. Makes a repository to play with (or takes the one given), runs the daemon on it, says what to try. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { codeOf, messageOf, UserError, WorldError } from '../lib/base/errors.ts';
import { type CommandIo, processIo } from './command-io.ts';
import { exitCodes } from './exit-codes.ts';
import { makeExampleRepository } from './init.ts';
import { progressLine } from './progress-line.ts';
import { runDaemon } from './run-daemon.ts';
import { runGit } from './run-git.ts';

type StartOptions = {
  readonly repo?: string;
  readonly branch: string;
  readonly path: string;
  readonly allowHostAccess?: boolean;
  readonly assumeHostImages?: boolean;
};

/** Where the demonstration lives: what the daemon follows, and a clone to work in where we made one. */
type Stage = { readonly repository: string; readonly clone: string | null; readonly directory: string };

async function makeStage(repo: string | undefined): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'pintle-demo-'));
  if (repo !== undefined) return { repository: repo, clone: null, directory };
  const clone = join(directory, 'shop');
  const repository = join(directory, 'shop.git');
  await makeExampleRepository(clone);
  await runGit(['clone', '--quiet', '--bare', clone, repository], directory);
  await runGit(['remote', 'add', 'origin', repository], clone);
  await runGit(['fetch', '--quiet', 'origin'], clone);
  await runGit(['branch', '--quiet', '--set-upstream-to=origin/main', 'main'], clone);
  return { repository, clone, directory };
}

function whatToTry({ repository, clone, directory }: Stage, branch: string): string {
  const data = join(directory, 'data');
  const status = `npm run -s pintle -- status --data ${data}`;
  if (clone === null)
    return `Commit to ${branch} of ${repository} and watch here. In another terminal:\n  ${status}\n`;
  return [
    'Try, in another terminal:',
    `  cd ${clone}`,
    "  sed -i 's/replicas: 3/replicas: 5/' shop/web.yaml && git commit -qam 'Five' && git push -q          # change",
    "  sed -i 's/web.mjs\\]/no-such.mjs]/' shop/web.yaml && git commit -qam 'Break' && git push -q          # break: held after 30 s",
    '  git revert --no-edit HEAD && git push -q                                                          # revert',
    '  curl http://localhost:30080/                                                                      # the shop',
    `  git --git-dir ${repository} show pintle/status:README.md                                  # the status branch`,
    `  (cd ${process.cwd()} && ${status})`,
    '',
  ].join('\n');
}

async function start(options: StartOptions, io: CommandIo): Promise<void> {
  const stage = await makeStage(options.repo);
  const dataDirectory = join(stage.directory, 'data');
  const daemon = await runDaemon({
    repository: stage.repository,
    cwd: io.cwd,
    branch: options.branch,
    path: options.path,
    dataDirectory,
    runtime: 'auto',
    policy: 'hold',
    pollIntervalMs: 5_000,
    statusBranch: 'pintle/status',
    takeOverStatus: false,
    allowHostAccess: options.allowHostAccess === true,
    assumeHostImages: options.assumeHostImages === true,
    nodeName: 'localhost',
    logLevel: 'info',
  });
  io.stdout(`Pintle follows ${daemon.location}; all of this demonstration is in ${stage.directory}\n\n`);
  let shown = false;
  daemon.subscribe((event) => {
    const line = progressLine(event, io);
    if (line !== null) io.stdout(`${line}\n`);
    if (shown || event.type !== 'summary' || event.health !== 'Healthy' || event.total === 0) return;
    shown = true;
    io.stdout(
      `\n${whatToTry(stage, options.branch)}\n${io.colour ? styleText('dim', 'Ctrl-C ends the demonstration and its pods.') : 'Ctrl-C ends the demonstration and its pods.'}\n\n`,
    );
  });
  await daemon.ended({ signals: ['SIGINT', 'SIGTERM', 'SIGHUP'], signalsEndPods: true });
  io.stdout(`\nThe demonstration has ended, its pods too. Its files are still in ${stage.directory}\n`);
}

const io = processIo();
const program = new Command('npm start --')
  .option('--repo <path|url>', 'your own repository instead of the example')
  .option('--branch <name>', 'the branch to follow', 'main')
  .option('--path <dir>', 'the directory in it that holds the manifests', '')
  .option('--allow-host-access', 'let manifests reach into the host')
  .option('--assume-host-images', "run any image's command on the machine's own files")
  .exitOverride()
  .action((options: StartOptions) => start(options, io));
try {
  await program.parseAsync(process.argv);
} catch (thrown) {
  if (thrown instanceof CommanderError)
    process.exitCode = thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  else if (thrown instanceof UserError || thrown instanceof WorldError) {
    io.stderr(`pintle: ${messageOf(thrown)} (${codeOf(thrown)})\n`);
    process.exitCode = exitCodes.failed;
  } else throw thrown;
}

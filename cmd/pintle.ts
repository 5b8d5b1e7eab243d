/** The command line: every command declared here, its work imported only when it is called. */
import { Command, CommanderError, Option } from 'commander';
import { chosenEntryPoint } from '../lib/base/entry-points.ts';
import { codeOf, messageOf, UserError, WorldError } from '../lib/base/errors.ts';
import { type CommandIo, processIo } from './command-io.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { version } from './version.ts';

const DATA = [
  '--data <dir>',
  'where the daemon keeps its state (default: PINTLE_DATA, /var/lib/pintle, or ~/.local/state/pintle)',
] as const;

function output(...forms: readonly string[]): Option {
  return new Option('-o, --output <form>', 'form of the output').choices(forms).default(forms[0]);
}

/** Declares every command; `done` takes the exit code of the one that ran. */
export function commandLine(io: CommandIo, done: (code: ExitCode) => void): Command {
  const program = new Command('pintle')
    .description('GitOps without a cluster: push Kubernetes manifests to git, one process makes them true.')
    .version(version)
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .exitOverride();
  addUp(program, io, done);
  program
    .command('down')
    .description('stop the daemon and its pods')
    .option(...DATA)
    .option('--keep-pods', 'stop the daemon only; its pods run on')
    .option('--grace-period <seconds>', "give pods at most so long (default: each pod's own grace period)")
    .action(async (options) => done(await (await import('./down.ts')).downCommand(options, io)));
  addManifestCommands(program, io, done);
  program
    .command('status')
    .description('sync and health of every object')
    .option(...DATA)
    .addOption(output('text', 'json'))
    .option('--node', 'what the runtime of this machine can and cannot do')
    .option('--wait [seconds]', 'wait until everything is healthy and in sync, 300 seconds at most')
    .action(async (options) => done(await (await import('./status.ts')).statusCommand(options, io)));
  program
    .command('kubeconfig')
    .description('print a kubeconfig for kubectl')
    .option(...DATA)
    .action(async (options) => done(await (await import('./kubeconfig.ts')).kubeconfigCommand(options, io)));
  program
    .command('history')
    .description('applied revisions, newest first')
    .option(...DATA)
    .addOption(output('text', 'json'))
    .action(async (options) => done(await (await import('./history.ts')).historyCommand(options, io)));
  program
    .command('rollback')
    .argument('[revision]', 'the revision to go back to (default: the one applied before)')
    .description('commit the revert, wait until it is live')
    .option(...DATA)
    .option('--timeout <seconds>', 'how long to wait', '300')
    .option('--no-wait', 'return once the commit is made')
    .action(async (revision, options) =>
      done(await (await import('./rollback.ts')).rollbackCommand(revision, options, io)),
    );
  program
    .command('approve')
    .argument('[id]', 'the held deletion (default: the only one)')
    .description('let a held prune go on')
    .option(...DATA)
    .action(async (id, options) =>
      done(await (await import('./approve.ts')).approveCommand(id, options, io)),
    );
  addImageCommands(program, io, done);
  addNodeCommands(program, io, done);
  program
    .command('init')
    .argument('[directory]', 'where to make it', 'pintle-shop')
    .description('a new repository from manifests-example')
    .action(async (directory) => done(await (await import('./init.ts')).initCommand(directory, io)));
  return program;
}

/** An option that may be given several times. */
function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function addImageCommands(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  const image = program.command('image').description('images of this machine, for machines with no registry');
  image
    .command('import')
    .argument('<file>', 'an OCI archive, the directory of an OCI layout, or what docker save wrote')
    .description('take in the images of a file')
    .option(...DATA)
    .option('--name <name>', 'what the image is called (default: what the file says)')
    .addOption(output('text', 'json'))
    .action(async (file, options) =>
      done(await (await import('./image.ts')).imageImportCommand(file, options, io)),
    );
  image
    .command('list')
    .description('images, their sizes, and when they were used')
    .option(...DATA)
    .addOption(output('text', 'json'))
    .action(async (options) => done(await (await import('./image.ts')).imageListCommand(options, io)));
  image
    .command('rm')
    .argument('<names...>', 'names, digests or ids')
    .description('remove images that no pod uses')
    .option(...DATA)
    .action(async (names, options) =>
      done(await (await import('./image.ts')).imageRemoveCommand(names, options, io)),
    );
}

function addNodeCommands(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  const node = program.command('node').description('the nodes of this machine');
  node
    .command('list')
    .description('the nodes of this machine, and which are stopped')
    .option(...DATA)
    .addOption(output('text', 'json'))
    .action(async (options) => done(await (await import('./node.ts')).nodeListCommand(options, io)));
  node
    .command('stop')
    .argument('<names...>', 'nodes')
    .description('play the loss of a node: it is not heard of any more, and its pods stand still')
    .option(...DATA)
    .action(async (names, options) =>
      done(await (await import('./node.ts')).nodeSwitchCommand('nodeStop', names, { options, io })),
    );
  node
    .command('start')
    .argument('<names...>', 'nodes')
    .description('bring a stopped node back')
    .option(...DATA)
    .action(async (names, options) =>
      done(await (await import('./node.ts')).nodeSwitchCommand('nodeStart', names, { options, io })),
    );
}

function addUp(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('up')
    .description('run the daemon on a repository')
    .option('--repo <path|url>', 'the repository: a path, or an http(s) URL', '.')
    .option('--branch <name>', 'the branch to follow', 'main')
    .option('--path <dir>', 'the directory in it that holds the manifests', '')
    .option(...DATA)
    .addOption(
      new Option('--runtime <name>', 'what runs the pods')
        .choices(['auto', 'linux', 'process', 'simulated'])
        .default('auto'),
    )
    .addOption(
      new Option('--on-failed-rollout <what>', 'take it back live, take it back in git too, or only tell')
        .choices(['hold', 'commit', 'report'])
        .default('hold'),
    )
    .option('--poll <seconds>', 'how often a remote repository is asked', '15')
    .option('--status-branch <name>', 'where status commits go', 'pintle/status')
    .option('--take-over-status', 'write the status branch though another installation wrote it')
    .option(
      '--allow-host-access',
      'let manifests reach into the host (hostPath, host namespaces, privileged)',
    )
    .option('--assume-host-images', "run any image's command on the machine's own files")
    .option(
      '--registry-mirror <url>',
      'where images of docker.io are asked for first; of another registry: NAME=URL',
      several,
      [],
    )
    .option('--insecure-registry <host>', 'a registry that is spoken to over plain http', several, [])
    .option('--api-port <port>', 'where the Kubernetes API listens (0 takes one that is free)', '6443')
    .option('--api-address <address>', 'the address it listens at', '127.0.0.1')
    .option('--node-name <name>', "the first node's name (default: the host name)")
    .option('--nodes <number>', 'nodes that share this machine, named after the first', '1')
    .option('--static-pods <dir>', 'a directory of manifests of pods that the first node runs by itself')
    .addOption(
      new Option('--log-level <level>', 'what goes to the log')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .addOption(output('text', 'json'))
    .action(async (options) => done(await (await import('./up.ts')).upCommand(options, io)));
}

function addManifestCommands(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('validate')
    .argument('[paths...]', 'files and directories (default: this one)')
    .description('check manifests, for CI')
    .option('--repo <path>', 'the repository that --since looks into', '.')
    .option('--since <revision>', 'only problems in files changed since')
    .option('--allow-host-access', 'as for up: manifests may reach into the host')
    .addOption(output('pretty', 'json', 'junit', 'sarif', 'github'))
    .action(async (paths, options) =>
      done(await (await import('./validate.ts')).validateCommand(paths, options, io)),
    );
  program
    .command('plan')
    .argument('[revision]', "what to plan (default: the branch's newest commit)")
    .description('what a revision would change')
    .option(...DATA)
    .option('--simulate', 'show what the rollout would do, step by step, and where it would stop')
    .option(
      '--offline',
      'from the last status commit, without a daemon; with --simulate from an empty cluster',
    )
    .option('--repo <path>', 'with --offline: the repository', '.')
    .option('--branch <name>', 'with --offline: the branch', 'main')
    .option('--path <dir>', 'with --offline: the directory in it', '')
    .option('--status-branch <name>', 'with --offline: where status commits are', 'pintle/status')
    .option('--exit-code', 'exit 2 when there are changes')
    .addOption(output('text', 'json'))
    .action(async (revision, options) =>
      done(await (await import('./plan.ts')).planCommand(revision, options, io)),
    );
}

/** Runs one command line and returns its exit code. Failures of the user or the world are told; ours crash. */
export async function runCommandLine(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  try {
    await commandLine(io, (result) => {
      code = result;
    }).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!(thrown instanceof UserError || thrown instanceof WorldError)) throw thrown;
    io.stderr(`pintle: ${messageOf(thrown)} (${codeOf(thrown)})\n`);
    return thrown.code === 'USAGE' ? exitCodes.usage : exitCodes.failed;
  }
}

if (import.meta.main) {
  const part = chosenEntryPoint(process.argv);
  if (part === null) {
    const code = await runCommandLine(process.argv.slice(2), processIo());
    process.exitCode = code;
    // What a daemon that could not start had begun would keep the process, and with it the data directory.
    if (code !== exitCodes.ok) process.exit();
  } else await (await import('./part.ts')).runPart(part, process.argv.slice(3));
}

import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { channels } from '../../base/companion/frame.ts';
import type { Peer, PeerListener } from '../../base/companion/peer.ts';
import { drained } from '../../base/drained.ts';
import { timings } from '../../base/limits.ts';
import type { Verdict } from './container-state.ts';
import { type EnteringExec, enterIsolated, killBrought } from './isolated-exec.ts';
import { type LaunchTools, resolveLaunch } from './launch.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { markerValue } from './marker.ts';
import { spawnEntering } from './spawn-entering.ts';
import { sendSignal } from './sweep.ts';
import { terminalLaunch } from './terminal-launch.ts';
import { terminalSizer } from './terminal-size.ts';

export type ExecSpec = { readonly argv: readonly string[]; readonly stdin: boolean; readonly tty: boolean };

/**
 * Runs a command beside a container (its environment, directory and user) and passes its streams over the connection, which is this
 * command's alone: when it ends, so does the command. Tells `exit` with the code, 128 and its number where a signal ended it. A command that
 * cannot be run exits with 127 and says why on stderr.
 */
export function runExec(options: {
  readonly container: LaunchSpec;
  readonly running: Extract<Verdict, { kind: 'running' }>;
  readonly root: string;
  /** The container's own. */
  readonly directory: string;
  readonly exec: ExecSpec;
  readonly peer: Peer;
  readonly tools: LaunchTools;
  readonly clock: Clock;
}): PeerListener {
  const { container, exec, peer, tools, clock } = options;
  const { directory } = options;
  const entering = enteringOf(options);
  const resolved = resolveLaunch(entering?.spec ?? { ...container, argv: exec.argv });
  // A terminal has one output.
  const errors = exec.tty ? channels.stdout : channels.stderr;
  const launch = resolved.ok && exec.tty ? terminalLaunch(resolved.spec, tools) : resolved;
  if (!launch.ok) {
    // After the answer to the request itself.
    setImmediate(() => {
      peer.write(errors, Buffer.from(`${launch.message}\n`));
      peer.notify('exit', { code: 127 });
    });
    return {};
  }
  const marker = markerValue(options.root, container.id);
  const spec = { ...launch.spec, makeDirectories: [] };
  const child = spawnEntering(spec, { directory, marker, tools, stdin: exec.stdin });
  child.once('close', () => entering?.forget());
  const end = (): void => {
    if (child.pid === undefined || child.exitCode !== null) return;
    if (entering !== null) killBrought(child.pid);
    sendSignal(-child.pid, 'SIGKILL');
  };
  const outputs = [passOutput(child.stdout, channels.stdout, peer), passOutput(child.stderr, errors, peer)];
  child.stdin?.on('error', () => {});
  tellExit(child, { outputs, errors, peer, clock });
  const scriptPid = (): number | undefined => (child.exitCode === null ? child.pid : undefined);
  const resize = terminalSizer({ scriptPid, tools, clock });
  void peer.gone.then(end);
  return {
    onBytes: (channel, bytes) => {
      if (channel !== channels.stdin || child.stdin === null || child.stdin.write(bytes)) return;
      peer.pause();
      void drained(child.stdin).then(() => peer.resume());
    },
    onNotice: (event, data) => {
      if (event === 'stdin-end') child.stdin?.end();
      else if (event === 'kill') end();
      else if (event === 'resize' && exec.tty) resize(data);
    },
  };
}

/** How the command gets there; null: it is a process of the machine, as its container is. */
function enteringOf({
  container,
  running,
  exec,
  directory,
  tools,
}: Parameters<typeof runExec>[0]): EnteringExec | null {
  if (container.isolated === undefined) return null;
  const { argv, tty } = exec;
  const [launcherPid, initPid] = [running.container.pid, running.state.pid];
  const { searchPath } = tools;
  return enterIsolated(container, container.isolated.exec, {
    directory,
    launcherPid,
    initPid,
    searchPath,
    argv,
    tty,
  });
}

/** Whether anything came since it was last asked, or is held back because nobody takes it. */
type Output = { isBusy(): boolean };

function passOutput(output: Readable | null, channel: number, peer: Peer): Output {
  let moved = false;
  output?.on('data', (chunk: Buffer) => {
    moved = true;
    if (peer.write(channel, chunk)) return;
    output.pause();
    void peer.drained().then(() => output.resume());
  });
  return {
    isBusy: () => {
      const busy = moved || output?.isPaused() === true;
      moved = false;
      return busy;
    },
  };
}

function tellExit(
  child: ChildProcess,
  to: {
    readonly outputs: readonly Output[];
    readonly errors: number;
    readonly peer: Peer;
    readonly clock: Clock;
  },
): void {
  const { outputs, errors, peer, clock } = to;
  let told = false;
  const tell = (code: number | null): void => {
    if (told) return;
    told = true;
    peer.notify('exit', { code });
  };
  child.on('error', (thrown) => {
    peer.write(errors, Buffer.from(`${thrown.message}\n`));
    tell(126);
  });
  child.on('close', (code, signal) => tell(codeOfEnd(code, signal)));
  // Something it left behind may hold its output open for ever; a client that reads slowly is waited for.
  child.on('exit', (code, signal) => {
    const linger = (): void => {
      const busy = outputs.map((output) => output.isBusy()).includes(true);
      if (told || !busy) tell(codeOfEnd(code, signal));
      else clock.setTimer(timings.execOutputLingerMs, linger);
    };
    for (const output of outputs) output.isBusy();
    clock.setTimer(timings.execOutputLingerMs, linger);
  });
}

/** As a shell has it. */
function codeOfEnd(code: number | null, signal: NodeJS.Signals | null): number | null {
  return signal === null ? code : 128 + constants.signals[signal];
}

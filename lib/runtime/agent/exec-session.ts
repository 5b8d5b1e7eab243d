import { type ChildProcess, spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { channels } from '../../base/companion/frame.ts';
import type { Peer, PeerListener } from '../../base/companion/peer.ts';
import { readProcessStat } from '../../base/companion/process-identity.ts';
import { drained } from '../../base/drained.ts';
import type { JsonObject } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import { quote } from './entering.ts';
import { type LaunchTools, resolveLaunch } from './launch.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { markerValue } from './marker.ts';
import { findProgram } from './program-path.ts';
import { spawnEntering } from './spawn-entering.ts';
import { sendSignal } from './sweep.ts';

const TERMINAL_ENV: LaunchSpec['env'] = [
  ['TERM', 'xterm'],
  ['SHELL', '/bin/sh'],
];

export type ExecSpec = { readonly argv: readonly string[]; readonly stdin: boolean; readonly tty: boolean };

/**
 * Runs a command beside a container (its environment, directory and user) and passes its streams over the connection, which is this
 * command's alone: when it ends, so does the command. Tells `exit` with the code, null when a signal ended it. A command that
 * cannot be run exits with 127 and says why on stderr.
 */
export function runExec(options: {
  readonly container: LaunchSpec;
  readonly root: string;
  /** The container's own. */
  readonly directory: string;
  readonly exec: ExecSpec;
  readonly peer: Peer;
  readonly tools: LaunchTools;
  readonly clock: Clock;
}): PeerListener {
  const { container, exec, peer, tools, clock } = options;
  const resolved = resolveLaunch({ ...container, argv: exec.argv });
  const terminal = exec.tty
    ? findProgram({ program: 'script', cwd: '/', searchPath: tools.searchPath, user: null })
    : null;
  const refusal = !resolved.ok
    ? resolved.message
    : terminal?.ok === false
      ? 'no terminal on this machine: it has no script(1)'
      : null;
  if (refusal !== null || !resolved.ok) {
    // After the answer to the request itself.
    setImmediate(() => {
      peer.write(channels.stderr, Buffer.from(`${refusal}\n`));
      peer.notify('exit', { code: 127 });
    });
    return {};
  }
  const inner = terminal?.ok
    ? [terminal.path, '-qefc', resolved.spec.argv.map(quote).join(' '), '/dev/null']
    : resolved.spec.argv;
  const terminalEnv: LaunchSpec['env'] = exec.tty ? TERMINAL_ENV : [];
  const env = [
    ...container.env.filter(([name]) => !terminalEnv.some(([own]) => own === name)),
    ...terminalEnv,
  ];
  const marker = markerValue(options.root, container.id);
  const spec = { ...resolved.spec, argv: inner, env, makeDirectories: [] };
  const child = spawnEntering(spec, { directory: options.directory, marker, tools, stdin: exec.stdin });
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null) sendSignal(-child.pid, 'SIGKILL');
  };
  passOutput(child.stdout, channels.stdout, peer);
  passOutput(child.stderr, channels.stderr, peer);
  child.stdin?.on('error', () => {});
  tellExit(child, peer, clock);
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
      else if (event === 'resize' && exec.tty) resize(child, data, tools);
    },
  };
}

function passOutput(output: Readable | null, channel: number, peer: Peer): void {
  output?.on('data', (chunk: Buffer) => {
    if (peer.write(channel, chunk)) return;
    output.pause();
    void peer.drained().then(() => output.resume());
  });
}

function tellExit(child: ChildProcess, peer: Peer, clock: Clock): void {
  let told = false;
  const tell = (code: number | null): void => {
    if (told) return;
    told = true;
    peer.notify('exit', { code });
  };
  child.on('error', (thrown) => {
    peer.write(channels.stderr, Buffer.from(`${thrown.message}\n`));
    tell(126);
  });
  child.on('close', (code) => tell(code));
  // Something it left behind may hold its output open for ever.
  child.on('exit', (code) => void clock.setTimer(timings.execOutputLingerMs, () => tell(code)));
}

function resize(child: ChildProcess, size: JsonObject, tools: LaunchTools): void {
  const { columns, rows } = size;
  if (!Number.isSafeInteger(columns) || !Number.isSafeInteger(rows)) return;
  const path = terminalOf(child.pid ?? 0);
  if (path === null) return;
  const stty = findProgram({ program: 'stty', cwd: '/', searchPath: tools.searchPath, user: null });
  if (!stty.ok) return;
  spawnSync(stty.path, ['-F', path, 'rows', String(rows), 'cols', String(columns)], {
    stdio: 'ignore',
    timeout: 1_000,
  });
}

/** The terminal of what script(1) runs: only its child has it as stdin. */
function terminalOf(scriptPid: number): string | null {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid) || readProcessStat(pid)?.parent !== scriptPid) continue;
    try {
      const path = readlinkSync(`/proc/${pid}/fd/0`);
      if (/^\/dev\/pts\/\d+$/.test(path)) return path;
    } catch {
      // It ended.
    }
  }
  return null;
}

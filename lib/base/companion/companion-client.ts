import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync, truncateSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { codeOf, WorldError } from '../errors.ts';
import { isObject } from '../json.ts';
import { limits, timings } from '../limits.ts';
import type { CompanionPaths } from './companion-paths.ts';
import { type Peer, type PeerListener, peerOver } from './peer.ts';

export type CompanionCall = {
  readonly name: string;
  readonly paths: CompanionPaths;
  readonly revision: number;
  /** The oldest revision of the companion that this caller can use. */
  readonly oldestCompanion: number;
  /** What to run where none answers. */
  readonly program: { readonly execPath: string; readonly args: readonly string[] };
  readonly clock: Clock;
};

/**
 * Connects to the companion, starting it where there is none and putting a newer one in the place of an older idle one.
 * Throws WorldError COMPANION_DOWN (it did not come up in time) or COMPANION_INCOMPATIBLE (neither understands the other).
 */
export async function connectCompanion(call: CompanionCall, listener: PeerListener): Promise<Peer> {
  const deadlineMs = call.clock.now() + timings.companionStartMs;
  let runs = false;
  for (;;) {
    const peer = await tryConnect(call, listener);
    if (peer !== null) {
      const verdict = await greet(call, peer);
      if (verdict === 'use') return peer;
      peer.close();
      if (verdict === 'replace') runs = false;
    } else if (!runs) {
      runs = true;
      // It may be killed before it answers; or it stepped back from one that was killed then.
      startCompanion(call, () => {
        call.clock.setTimer(timings.companionRestartMs, () => {
          runs = false;
        });
      });
    }
    if (call.clock.now() > deadlineMs) {
      throw new WorldError(
        'COMPANION_DOWN',
        `the ${call.name} process does not answer; its log: ${call.paths.logPath}`,
        {
          logPath: call.paths.logPath,
        },
      );
    }
    await pause(call.clock, timings.companionPollMs);
  }
}

/** A connection to a companion that runs; null when none does. Starts nothing. */
export async function tryConnect(
  call: Pick<CompanionCall, 'paths'>,
  listener: PeerListener,
): Promise<Peer | null> {
  const socket = await new Promise<Socket | null>((resolve, reject) => {
    const one = createConnection(call.paths.socketPath);
    one.once('connect', () => resolve(one));
    one.once('error', (thrown) => {
      const code = codeOf(thrown);
      // EAGAIN: its queue of connections is full for the moment.
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EAGAIN')
        resolve(null);
      else reject(new WorldError('COMPANION_DOWN', thrown.message, {}, thrown));
    });
  });
  return socket === null ? null : peerOver(socket, listener);
}

async function greet(call: CompanionCall, peer: Peer): Promise<'use' | 'replace' | 'again'> {
  let answer: unknown;
  try {
    answer = await peer.request('hello', { revision: call.revision });
  } catch (thrown) {
    if (codeOf(thrown) === 'PEER_GONE') return 'again';
    throw thrown;
  }
  const theirs = isObject(answer) ? Number(answer.revision) : Number.NaN;
  const oldestCaller = isObject(answer) ? Number(answer.oldestCaller) : Number.NaN;
  if (theirs === call.revision) return 'use';
  if (theirs < call.revision) {
    try {
      await peer.request('retire', {});
      await peer.gone;
      return 'replace';
    } catch (thrown) {
      if (codeOf(thrown) === 'PEER_GONE') return 'replace';
      if (theirs >= call.oldestCompanion) return 'use';
    }
  } else if (oldestCaller <= call.revision) return 'use';
  peer.close();
  throw new WorldError(
    'COMPANION_INCOMPATIBLE',
    `the ${call.name} process that runs speaks revision ${theirs}, this program revision ${call.revision}; stop what runs with the program that started it`,
    { theirs, ours: call.revision },
  );
}

/** Only these reach a companion: nothing of the daemon's environment leaks into what outlives it. */
const ENVIRONMENT_KEPT = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'XDG_RUNTIME_DIR'];

function startCompanion(call: CompanionCall, onEnd: () => void): void {
  const logFd = openLog(call.paths.logPath);
  try {
    const env: Record<string, string> = {};
    for (const name of ENVIRONMENT_KEPT) {
      const value = process.env[name];
      if (value !== undefined) env[name] = value;
    }
    const child = spawn(call.program.execPath, call.program.args, {
      cwd: call.paths.directory,
      detached: true,
      env,
      stdio: ['ignore', logFd, logFd],
    });
    // That it cannot be started at all shows when nothing answers in time.
    child.on('error', () => {});
    child.on('exit', onEnd);
    child.unref();
  } finally {
    closeSync(logFd);
  }
}

function openLog(path: string): number {
  const fd = openSync(path, 'a', 0o600);
  if (statSync(path).size > limits.companionLogBytesMax) truncateSync(path, 0);
  return fd;
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(delayMs, resolve));
}

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMs } from '../../base/clock.ts';
import { isAlive, type ProcessIdentity, parseIdentity } from '../../base/companion/process-identity.ts';
import { codeOf } from '../../base/errors.ts';
import type { ContainerState } from '../driver.ts';
import { containerFiles } from './container-directory.ts';

/** What lies in a container's directory. Files that are absent or half written are null. */
export type ContainerTraces = {
  readonly keeper: ProcessIdentity | null;
  readonly container: ProcessIdentity | null;
  readonly startedAtMs: EpochMs;
  readonly exit: { readonly text: string; readonly atMs: EpochMs } | null;
  readonly failed: { readonly text: string; readonly atMs: EpochMs } | null;
  /** Of a container whose launcher has to say when it runs. */
  readonly isolated?: {
    readonly init: { readonly pid: number; readonly atMs: EpochMs } | null;
    readonly oomKilled: boolean;
  };
};

export type Verdict =
  | { readonly kind: 'settled'; readonly state: Exclude<ContainerState, { phase: 'running' }> }
  | {
      readonly kind: 'running';
      readonly state: Extract<ContainerState, { phase: 'running' }>;
      /** What the keeper started: the program itself, or its launcher. */
      readonly container: ProcessIdentity;
    }
  /** No keeper got as far as the lock: nothing was started, or is about to be. */
  | { readonly kind: 'unstarted' }
  /** A keeper has the lock and the container, or its launcher, has not said who it is yet. */
  | { readonly kind: 'starting' }
  /** It ended and nobody recorded it: the keeper is gone. */
  | { readonly kind: 'lost'; readonly container: ProcessIdentity | null };

/** Pure: what the traces mean, given who is alive. */
export function judge(traces: ContainerTraces, alive: (identity: ProcessIdentity) => boolean): Verdict {
  const { failed, exit, container, keeper, isolated } = traces;
  const startedAtMs = isolated?.init?.atMs ?? traces.startedAtMs;
  if (failed !== null) {
    return { kind: 'settled', state: { phase: 'failed', message: failed.text, atMs: failed.atMs } };
  }
  if (exit !== null) {
    const exitCode = /^\d{1,3}$/.test(exit.text) ? Number(exit.text) : null;
    // The shell tells a signal only as 128 + its number; 64 is the highest there is.
    const signal = exitCode !== null && exitCode > 128 && exitCode <= 192 ? exitCode - 128 : null;
    const finishedAtMs = Math.max(exit.atMs, startedAtMs);
    return {
      kind: 'settled',
      state: {
        phase: 'exited',
        exitCode,
        signal,
        startedAtMs: startedAtMs || finishedAtMs,
        finishedAtMs,
        oomKilled: isolated?.oomKilled === true,
      },
    };
  }
  if (keeper === null) return { kind: 'unstarted' };
  const keeperAlive = alive(keeper);
  if (container === null) return keeperAlive ? { kind: 'starting' } : { kind: 'lost', container };
  // The container is gone and its keeper lives: the exit code is about to be written.
  if (!keeperAlive && !alive(container)) return { kind: 'lost', container };
  if (isolated?.init === null) return { kind: 'starting' };
  const pid = isolated?.init.pid ?? container.pid;
  return { kind: 'running', state: { phase: 'running', pid, startedAtMs }, container };
}

export function readTraces(directory: string): ContainerTraces {
  const pid = readTrace(join(directory, containerFiles.pid));
  return {
    keeper: parseIdentity(readTrace(join(directory, containerFiles.lock))?.text ?? ''),
    container: parseIdentity(pid?.text ?? ''),
    startedAtMs: pid?.atMs ?? 0,
    exit: trimmed(readTrace(join(directory, containerFiles.exit))),
    failed: trimmed(readTrace(join(directory, containerFiles.failed))),
    ...(existsSync(join(directory, containerFiles.awaits)) ? { isolated: readIsolated(directory) } : {}),
  };
}

function readIsolated(directory: string): NonNullable<ContainerTraces['isolated']> {
  const init = trimmed(readTrace(join(directory, containerFiles.init)));
  const pid = init !== null && /^[1-9]\d{0,9}$/.test(init.text) ? Number(init.text) : null;
  return {
    init: init === null || pid === null ? null : { pid, atMs: init.atMs },
    oomKilled: existsSync(join(directory, containerFiles.oom)),
  };
}

export function readVerdict(directory: string): Verdict {
  const verdict = judge(readTraces(directory), isAlive);
  if (verdict.kind !== 'lost') return verdict;
  // The keeper may have written the exit code and ended between our looking at the one and at the other.
  return judge(readTraces(directory), isAlive);
}

function readTrace(path: string): { readonly text: string; readonly atMs: EpochMs } | null {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, atMs: Math.floor(statSync(path).mtimeMs) };
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

function trimmed<T extends { readonly text: string }>(trace: T | null): T | null {
  return trace === null ? null : { ...trace, text: trace.text.trim() };
}

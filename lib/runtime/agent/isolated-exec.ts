import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProcessStat } from '../../base/companion/process-identity.ts';
import { isObject, type JsonValue } from '../../base/json.ts';
import type { IsolatedExec } from './isolated.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { findProcesses, sendSignal } from './sweep.ts';

/** A command on its way into an isolated container. */
export type EnteringExec = {
  /** A process of the machine that brings it there; it ends with the command's exit code. */
  readonly spec: LaunchSpec;
  /** Kills what the command is in the container: it does not end with who brought it there. */
  end(): void;
  /** Removes its files. CRASH: what stays goes with the container. */
  forget(): void;
};

let count = 0;

/**
 * Joins the groups named before `--`, then, in the launcher's mount namespace ($1), becomes what stands behind it. Who cannot be in
 * the container's groups is not let in: memory would be without bounds.
 */
const BRING = `launcher=$1; shift
while [ "$1" != -- ]; do echo 0 >"$1" || exit 126; shift; done
shift
exec nsenter --mount="/proc/$launcher/ns/mnt" -- "$@"`;

/** `launcherPid`: of the container's launcher; `initPid`: of its first process. */
export function enterIsolated(
  container: LaunchSpec,
  how: IsolatedExec,
  of: {
    readonly directory: string;
    readonly launcherPid: number;
    readonly initPid: number;
    readonly searchPath: string;
    readonly argv: readonly string[];
    readonly tty: boolean;
  },
): EnteringExec {
  const { isolated: _, ...plain } = container;
  const spec = { ...plain, env: [['PATH', of.searchPath]] as const, cwd: '/', user: null, tty: of.tty };
  if (how.kind === 'script') {
    const argv = ['sh', how.path, String(of.initPid), ...of.argv];
    return { spec: { ...spec, argv }, end: () => {}, forget: () => {} };
  }
  count += 1;
  const path = join(of.directory, `exec.${process.pid}.${count}`);
  const pidPath = `${path}.pid`;
  writeFileSync(path, JSON.stringify(processOf(how.process, of)), { mode: 0o600 });
  const runtime = [...how.argv, 'exec', '--process', path, '--pid-file', pidPath, how.container];
  const bring = ['sh', '-c', BRING, 'sh', String(of.launcherPid), ...how.join, '--'];
  return {
    spec: { ...spec, argv: [...bring, ...runtime] },
    end: () => killSession(pidPath),
    forget: () => {
      for (const file of [path, pidPath]) rmSync(file, { force: true });
    },
  };
}

function processOf(
  template: JsonValue,
  { argv, tty }: { readonly argv: readonly string[]; readonly tty: boolean },
): JsonValue {
  return { ...(isObject(template) ? template : {}), args: [...argv], terminal: tty };
}

function killSession(pidPath: string): void {
  let pid: number;
  try {
    pid = Number(readFileSync(pidPath, 'latin1'));
  } catch {
    // It never came so far.
    return;
  }
  const stat = readProcessStat(pid);
  if (stat === null) return;
  const sessions = new Map([[stat.session, readProcessStat(stat.session)?.startTicks ?? 0]]);
  if (stat.session !== pid) sendSignal(pid, 'SIGKILL');
  else
    for (const one of findProcesses({ markers: [], sessions, users: new Set() })) sendSignal(one, 'SIGKILL');
}

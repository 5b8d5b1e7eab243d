import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProcessStat } from '../../base/companion/process-identity.ts';
import { isObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import type { IsolatedExec } from './isolated.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { killProcesses } from './sweep.ts';

/** A command on its way into an isolated container. */
export type EnteringExec = {
  /** A process of the machine that brings it there; it ends with the command's exit code. */
  readonly spec: LaunchSpec;
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
    return { spec: { ...spec, argv }, forget: () => {} };
  }
  count += 1;
  const path = join(of.directory, `exec.${process.pid}.${count}`);
  writeFileSync(path, JSON.stringify(processOf(how.process, of)), { mode: 0o600 });
  const runtime = [...how.argv, 'exec', '--process', path, how.container];
  const bring = ['sh', '-c', BRING, 'sh', String(of.launcherPid), ...how.join, '--'];
  return {
    spec: { ...spec, argv: [...bring, ...runtime] },
    forget: () => rmSync(path, { force: true }),
  };
}

function processOf(
  template: JsonValue,
  { argv, tty }: { readonly argv: readonly string[]; readonly tty: boolean },
): JsonValue {
  return { ...(isObject(template) ? template : {}), args: [...argv], terminal: tty };
}

/**
 * Kills a command with who brought it there, of whom it is a descendant: it does not end with that one. What it started is in its
 * session.
 */
export function killBrought(bringerPid: number): void {
  const stats = readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? readProcessStat(Number(name)) : null;
    return stat === null ? [] : [stat];
  });
  const family = new Set([bringerPid]);
  // A child's number is not always the higher one.
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of stats) if (family.has(parent)) family.add(pid);
  }
  const starts = new Map(stats.map(({ pid, startTicks }) => [pid, startTicks]));
  const own = stats.filter(({ pid }) => family.has(pid)).map(({ session }) => session);
  const sessions = new Map(own.map((session) => [session, starts.get(session) ?? 0]));
  // What one of them starts while it is looked for is found the next time.
  for (let round = 0; round < limits.killRoundsMax; round += 1)
    if (killProcesses({ markers: [], sessions, users: new Set() }) === 0) return;
}

import { readdirSync, statSync } from 'node:fs';
import { type ProcessStat, readProcessStat } from '../../base/companion/process-identity.ts';
import { markerOf } from './marker.ts';

/** Whose processes are meant. A process is meant when any of the three says so. */
export type Quarry = {
  /** Beginnings of the marker's value: a container's with `\0` behind it, or a pod's with the dot. */
  readonly markers: readonly string[];
  /** Session id → start of the container that leads it. */
  readonly sessions: ReadonlyMap<number, number>;
  /** Users that are a pod's alone. */
  readonly users: ReadonlySet<number>;
};

/**
 * The living processes that are meant. Without cgroups (which this driver does not need) three nets catch them: the session the
 * container started in; the marker, for those that left it; the pod's own user where there is one, which nothing can change.
 * A process that cleared its environment and left its session escapes where the pod has no user of its own.
 */
export function findProcesses(quarry: Quarry): readonly number[] {
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) continue;
    const stat = readProcessStat(pid);
    if (stat === null || stat.state === 'Z' || stat.state === 'X') continue;
    if (isOfSession(stat, quarry) || isOfUser(pid, quarry) || isMarked(pid, quarry)) found.push(pid);
  }
  return found;
}

function isOfSession(stat: ProcessStat, quarry: Quarry): boolean {
  const startTicks = quarry.sessions.get(stat.session);
  if (startTicks === undefined) return false;
  // A leader with another start is somebody else's who got the number.
  const leader = stat.pid === stat.session ? stat : readProcessStat(stat.session);
  return leader === null || leader.startTicks === startTicks;
}

function isOfUser(pid: number, quarry: Quarry): boolean {
  if (quarry.users.size === 0) return false;
  try {
    // Whatever its marker says: an environment is its process's to write.
    return quarry.users.has(statSync(`/proc/${pid}`).uid);
  } catch {
    return false;
  }
}

function isMarked(pid: number, quarry: Quarry): boolean {
  if (quarry.markers.length === 0) return false;
  const value = markerOf(pid);
  return value !== null && quarry.markers.some((marker) => `${value}\0`.startsWith(marker));
}

/** Sends SIGKILL to what is found, once; returns how many there were. */
export function killProcesses(quarry: Quarry): number {
  const pids = findProcesses(quarry);
  for (const pid of pids) sendSignal(pid, 'SIGKILL');
  return pids.length;
}

/** Whether the signal went out; false when there is no such process (any more). Negative: a group. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  // 0 is our own group, -1 everybody, 1 the machine.
  if (!Number.isSafeInteger(pid) || Math.abs(pid) <= 1) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

import { closeSync, openSync } from 'node:fs';
import { isInGroups } from '../agent/signal-container.ts';
import { type ContainerRecord, type ContainerSpec, containerIdOf } from '../driver.ts';
import type { PodGroups } from './cgroup/pod-groups.ts';

/** The pid namespace of a container that runs, open; or why there is none. */
export type TargetNamespace =
  | { readonly ok: true; readonly fd: number }
  | { readonly ok: false; readonly message: string };

/** For an ephemeral container that is to see another one's processes. */
export function openTargetNamespace(
  { podUid, targetContainer = '' }: Pick<ContainerSpec, 'podUid' | 'targetContainer'>,
  { records, groups }: { readonly records: readonly ContainerRecord[]; readonly groups: PodGroups },
): TargetNamespace {
  const runs = records.filter((one) => one.podUid === podUid && one.container === targetContainer);
  for (const { id, attempt, state } of runs) {
    if (state.phase !== 'running' || id !== containerIdOf(podUid, targetContainer, attempt)) continue;
    const fd = openOf(state.pid, groups.of(podUid, `${targetContainer}.${attempt}`).all);
    if (fd !== null) return { ok: true, fd };
  }
  const why = runs.length === 0 ? 'unable to find target container' : 'the target container does not run:';
  return { ok: false, message: `${why} ${JSON.stringify(targetContainer)}` };
}

/** Looked at after it is open: the process's number may be somebody else's by now. */
function openOf(pid: number, groups: readonly string[]): number | null {
  let fd: number;
  try {
    fd = openSync(`/proc/${pid}/ns/pid`, 'r');
  } catch {
    return null;
  }
  if (isInGroups(pid, groups)) return fd;
  closeSync(fd);
  return null;
}

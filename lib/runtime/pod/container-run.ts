import { type EpochMs, fromRfc3339 } from '../../base/clock.ts';
import type { ContainerStateTerminated, ContainerStatus, Pod } from '../../schema/types.gen.ts';
import type { ContainerId, ContainerRecord, ContainerState } from '../driver.ts';

/** One run of one container: what the driver has of it, or what the pod's status remembers of it. */
export type Run = {
  readonly id: ContainerId;
  readonly attempt: number;
  readonly state: ContainerState;
  /** Whether the driver has it. One it has not is over, whatever its status says. */
  readonly held: boolean;
  /** As the status has it; it is what stays when the driver has forgotten the run. */
  readonly recorded: ContainerStateTerminated | null;
};

/** How container ids stand in a pod's status. */
export const CONTAINER_ID_SCHEME = 'pintle://';

export function containerIdText(id: ContainerId): string {
  return `${CONTAINER_ID_SCHEME}${id}`;
}

function idOfText(text: string | undefined): ContainerId | null {
  return text?.startsWith(CONTAINER_ID_SCHEME) === true ? text.slice(CONTAINER_ID_SCHEME.length) : null;
}

/** `<podUid>.<container>.<attempt>` → attempt; null when the id is not of this form. */
export function attemptOf(id: ContainerId): number | null {
  const digits = /\.([0-9]{1,9})$/.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The moment a run ended; null while it runs. */
export function finishedAtOf(run: Run): EpochMs | null {
  switch (run.state.phase) {
    case 'running':
      return null;
    case 'exited':
      return run.state.finishedAtMs;
    case 'failed':
      return run.state.atMs;
  }
}

export function startedAtOf(run: Run): EpochMs {
  return run.state.phase === 'failed' ? run.state.atMs : run.state.startedAtMs;
}

/** Whether the run ended well; false while it runs. */
export function succeeded(run: Run): boolean {
  return run.state.phase === 'exited' && run.state.exitCode === 0;
}

export function statusOfContainer(pod: Pod, container: string): ContainerStatus | undefined {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  const all = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
  return all.find(({ name }) => name === container);
}

/** What a status says of a run the driver does not have. One said to be running was lost: nobody saw it end. */
function rememberedRun(state: ContainerStatus['state'], idText: string | undefined): Run | null {
  const id = idOfText(state?.terminated?.containerID ?? idText);
  const attempt = id === null ? null : attemptOf(id);
  if (id === null || attempt === null) return null;
  if (state?.terminated !== undefined) {
    const { terminated } = state;
    const finishedAtMs = fromRfc3339(terminated.finishedAt) ?? 0;
    return {
      id,
      attempt,
      held: false,
      recorded: terminated,
      state: {
        phase: 'exited',
        exitCode: terminated.exitCode,
        signal: terminated.signal ?? null,
        startedAtMs: fromRfc3339(terminated.startedAt) ?? finishedAtMs,
        finishedAtMs,
        oomKilled: terminated.reason === 'OOMKilled',
      },
    };
  }
  const startedAtMs = fromRfc3339(state?.running?.startedAt) ?? 0;
  const lost = { exitCode: null, signal: null, startedAtMs, finishedAtMs: startedAtMs, oomKilled: false };
  return { id, attempt, held: false, recorded: null, state: { phase: 'exited', ...lost } };
}

/**
 * The runs of one container, oldest first. The driver's records win; the pod's status adds those the driver has not (its
 * machine was started again, its data lost), so that counts and last states survive both.
 */
export function runsOf(pod: Pod, records: readonly ContainerRecord[], container: string): readonly Run[] {
  const status = statusOfContainer(pod, container);
  const runs = new Map<number, Run>();
  const last = rememberedRun(status?.lastState, undefined);
  if (last !== null) runs.set(last.attempt, last);
  // While a container waits for its next run, its containerID still names the one in lastState.
  const latest = rememberedRun(status?.state, status?.containerID);
  if (latest !== null && latest.attempt !== last?.attempt) runs.set(latest.attempt, latest);
  for (const record of records) {
    if (record.container !== container) continue;
    const { id, attempt, state } = record;
    const recorded = runs.get(attempt)?.recorded ?? null;
    runs.set(attempt, { id, attempt, state, held: true, recorded });
  }
  return [...runs.values()].sort((a, b) => a.attempt - b.attempt);
}

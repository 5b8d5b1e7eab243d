import { toRfc3339 } from '../../base/clock.ts';
import type { ContainerStateTerminated } from '../../schema/types.gen.ts';
import { containerIdText, type Run } from './container-run.ts';

/** What a run that nobody saw end counts as. Source: kubelet, containers it cannot find again. */
const UNKNOWN_EXIT_CODE = 137;
/** What a program that could not be started counts as. Source: container runtimes. */
const CANNOT_RUN_EXIT_CODE = 128;

/** A run that is over, as a pod's status tells it; null while it runs. `message`: its termination message, if any. */
export function terminatedState(run: Run, message: string | undefined): ContainerStateTerminated | null {
  const { state } = run;
  const containerID = containerIdText(run.id);
  switch (state.phase) {
    case 'running':
      return null;
    case 'failed': {
      const at = toRfc3339(state.atMs);
      return {
        exitCode: CANNOT_RUN_EXIT_CODE,
        reason: 'ContainerCannotRun',
        message: state.message,
        startedAt: at,
        finishedAt: at,
        containerID,
      };
    }
    case 'exited': {
      if (!run.held && run.recorded !== null) return run.recorded;
      const { signal } = state;
      const exitCode = state.exitCode ?? (signal === null ? UNKNOWN_EXIT_CODE : 128 + signal);
      const unknown = state.exitCode === null && signal === null;
      const text = unknown
        ? 'The container ended while nobody watched; its exit code is not known.'
        : message;
      return {
        exitCode,
        reason: unknown ? 'ContainerStatusUnknown' : reasonOf(exitCode, state.oomKilled),
        ...(text === undefined || text === '' ? {} : { message: text }),
        ...(signal === null ? {} : { signal }),
        startedAt: toRfc3339(state.startedAtMs),
        finishedAt: toRfc3339(state.finishedAtMs),
        containerID,
      };
    }
  }
}

function reasonOf(exitCode: number, oomKilled: boolean): string {
  if (oomKilled) return 'OOMKilled';
  return exitCode === 0 ? 'Completed' : 'Error';
}

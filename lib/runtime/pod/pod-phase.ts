import { succeeded } from './container-run.ts';
import type { ContainerView } from './container-view.ts';
import { blockingInit } from './decide-start.ts';
import { DEADLINE_EXCEEDED, isTerminal, type PodEnd } from './pod-end.ts';
import type { PodState } from './pod-state.ts';

export type PodPhase = {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly reason?: string;
  readonly message?: string;
};

/**
 * The pod's phase. A terminal one is reported only once nothing of the pod runs any more, and never left.
 * Source: kubelet getPhase, and its status manager's rule for pods that are still coming down.
 */
export function podPhase(state: PodState, views: readonly ContainerView[], end: PodEnd | null): PodPhase {
  const { status } = state.pod;
  if (isTerminal(status?.phase)) {
    const { phase, reason, message } = status;
    return {
      phase,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    } as PodPhase;
  }
  const running = views.some((view) => view.running);
  const { eviction } = state.memory;
  if (eviction !== null && !running)
    return { phase: 'Failed', reason: eviction.reason, message: eviction.message };
  const overDeadline = end?.cause === 'deadline' || status?.reason === DEADLINE_EXCEEDED;
  if (overDeadline && !running) {
    const message = 'The pod was active on the node longer than its activeDeadlineSeconds.';
    return { phase: 'Failed', reason: DEADLINE_EXCEEDED, message };
  }
  if (end !== null && !running) return { phase: endPhase(views) };
  if (blockingInit(views) !== null) return { phase: 'Pending' };
  const main = views.filter(({ role }) => role === 'main');
  return { phase: main.every(({ current }) => current !== null) ? 'Running' : 'Pending' };
}

/** The phase of a pod that ended and of which nothing runs. One whose containers never ran stays Pending. */
function endPhase(views: readonly ContainerView[]): PodPhase['phase'] {
  if (views.some(({ role, done, ready }) => role === 'init' && done && !ready)) return 'Failed';
  const main = views.filter(({ role }) => role === 'main');
  const ran = main.filter(({ current }) => current !== null);
  if (ran.length === 0) return 'Pending';
  return main.every(({ current }) => current !== null && succeeded(current)) ? 'Succeeded' : 'Failed';
}

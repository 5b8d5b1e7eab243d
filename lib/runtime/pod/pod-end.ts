import { type EpochMs, fromRfc3339, secondMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { finishedAtOf } from './container-run.ts';
import type { ContainerView } from './container-view.ts';
import { evictionReasons, type PodState, type StopReason } from './pod-state.ts';

/** The pod as a whole comes to its end: nothing is started any more, and what runs is stopped until `killAtMs`. */
export type PodEnd = {
  readonly cause: Extract<StopReason, 'deleted' | 'node-ends' | 'deadline' | 'evicted' | 'finished'>;
  readonly killAtMs: EpochMs;
};

/** Source: api/core/v1, terminationGracePeriodSeconds. */
const GRACE_DEFAULT_SECONDS = 30;

export function graceMsOf({ pod }: { readonly pod: Pod }): number {
  return (pod.spec.terminationGracePeriodSeconds ?? GRACE_DEFAULT_SECONDS) * secondMs;
}

/** The moment activeDeadlineSeconds runs out, counted from status.startTime; null without one. */
export function deadlineOf(state: PodState, now: EpochMs): EpochMs | null {
  const { activeDeadlineSeconds } = state.pod.spec;
  if (activeDeadlineSeconds === undefined) return null;
  return (fromRfc3339(state.pod.status?.startTime) ?? now) + activeDeadlineSeconds * secondMs;
}

export function isTerminal(phase: string | undefined): phase is 'Succeeded' | 'Failed' {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Whether the containers alone have brought the pod to its end: all main ones are done, or an init container failed for good. */
export function isFinished(views: readonly ContainerView[]): boolean {
  const main = views.filter(({ role }) => role === 'main');
  if (main.every(({ done }) => done)) return true;
  return views.some(({ role, done, ready }) => role === 'init' && done && !ready);
}

/**
 * Whether, and why, the pod is ending. Every moment in it comes from the API's objects and the driver's records, so a daemon
 * that was killed in the middle goes on with the same ones.
 */
export function endOf(state: PodState, views: readonly ContainerView[], now: EpochMs): PodEnd | null {
  const deletedAtMs = fromRfc3339(state.pod.metadata.deletionTimestamp);
  const nodeEndsAtMs = nodeEndOf(state);
  if (deletedAtMs !== null) {
    return { cause: 'deleted', killAtMs: Math.min(deletedAtMs, nodeEndsAtMs ?? deletedAtMs) };
  }
  if (nodeEndsAtMs !== null) return { cause: 'node-ends', killAtMs: nodeEndsAtMs };
  const { eviction } = state.memory;
  if (eviction !== null && !isTerminal(state.pod.status?.phase)) {
    return { cause: 'evicted', killAtMs: eviction.atMs + timings.evictionGraceMs };
  }
  const deadlineMs = deadlineOf(state, now);
  if (state.pod.status?.reason === DEADLINE_EXCEEDED || (deadlineMs !== null && now >= deadlineMs)) {
    return { cause: 'deadline', killAtMs: (deadlineMs ?? now) + graceMsOf(state) };
  }
  if (isTerminal(state.pod.status?.phase) || isFinished(views)) {
    const ends = views.flatMap(({ role, current }) =>
      (role !== 'main' && role !== 'init') || current === null ? [] : [finishedAtOf(current) ?? now],
    );
    return { cause: 'finished', killAtMs: Math.max(0, ...ends) + graceMsOf(state) };
  }
  return null;
}

/** When what still runs is killed because the node ends its pods; null while it does not. */
function nodeEndOf(state: PodState): EpochMs | null {
  const { nodeEnd } = state;
  if (nodeEnd === undefined) return null;
  return nodeEnd.beganAtMs + Math.min(graceMsOf(state), nodeEnd.graceMaxMs ?? Number.POSITIVE_INFINITY);
}

/** An evicted pod of which nothing runs: what it has on the machine is taken away at once, though the API keeps its object. */
export function isEvicted({ status }: Pick<Pod, 'status'>): boolean {
  return status?.phase === 'Failed' && evictionReasons.some((reason) => reason === status.reason);
}

/** Reason of a pod that outlived its activeDeadlineSeconds. */
export const DEADLINE_EXCEEDED = 'DeadlineExceeded';

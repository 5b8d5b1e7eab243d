import type { EpochMs } from '../../base/clock.ts';
import { finishedAtOf } from './container-run.ts';
import type { ContainerView } from './container-view.ts';
import type { PodAction, PodState, WaitingOn } from './pod-state.ts';
import { crashLoopRule, raiseBackoff, waitUntil } from './restart-backoff.ts';

export type StartDecision = {
  readonly actions: readonly PodAction[];
  readonly waitingOn: readonly WaitingOn[];
};

/**
 * The first init container that has not ended well, or sidecar that has not started, holds back all after it; null once the
 * main containers may run. Once one of them has, in this sandbox, init containers are not looked at again.
 */
export function blockingInit(views: readonly ContainerView[]): ContainerView | null {
  if (views.some(({ role, current }) => role === 'main' && current?.held === true)) return null;
  for (const view of views) {
    if (view.role === 'main') return null;
    const passed = view.role === 'sidecar' ? view.started : view.ready && view.current?.held === true;
    if (!passed) return view;
  }
  return null;
}

/** The containers that ought to run now. Ephemeral ones wait for nothing: they may be there to see why an init container fails. */
export function dueContainers(views: readonly ContainerView[]): readonly ContainerView[] {
  const blocking = blockingInit(views);
  if (blocking === null) return views.filter(({ role }) => role !== 'init');
  // A sidecar that started and died while a later init container ran blocks; the others before it are up.
  return [blocking, ...views.filter(({ role }) => role === 'ephemeral')];
}

/** Until when a container that has ended waits for its next run. */
export function restartAt(view: ContainerView): EpochMs | null {
  if (view.current === null || !view.restarts) return null;
  return waitUntil(view.backoff, finishedAtOf(view.current) ?? 0, crashLoopRule);
}

/** What to start now, and what waits for its back-off or for a start that failed. The caller knows that the pod is not ending. */
export function decideStarts(state: PodState, views: readonly ContainerView[], now: EpochMs): StartDecision {
  const due = dueContainers(views).filter((view) => !view.running);
  const startable = due.filter(needsRun);
  const blocking = blockingInit(views);
  const waitingOn: WaitingOn[] = blocking === null ? [] : [{ on: 'init', container: blocking.spec.name }];
  if (startable.length === 0) return { actions: [], waitingOn };
  if (state.sandbox === null)
    return { actions: [{ type: 'create-sandbox' }], waitingOn: [{ on: 'sandbox' }] };
  if (state.volumes.phase !== 'ready') return awaitVolumes(state, now);
  const { pulling } = state.memory;
  if (pulling !== null)
    return { actions: [], waitingOn: [...waitingOn, { on: 'image', container: pulling }] };
  const actions: PodAction[] = [];
  for (const view of startable) {
    const outcome = startOf(state, view, now);
    if ('type' in outcome) actions.push(outcome);
    else waitingOn.push(outcome);
  }
  return { actions, waitingOn };
}

function needsRun(view: ContainerView): boolean {
  if (view.current === null || view.restarts) return true;
  // An init container that ended well in a sandbox that is gone runs again in the new one.
  return view.role === 'init' && view.ready && !view.current.held;
}

function awaitVolumes(state: PodState, now: EpochMs): StartDecision {
  const { volumes } = state;
  if (volumes.phase !== 'failed' || volumes.retryAtMs <= now) {
    return { actions: [{ type: 'prepare-volumes' }], waitingOn: [] };
  }
  return { actions: [], waitingOn: [{ on: 'volumes', untilMs: volumes.retryAtMs }] };
}

function startOf(state: PodState, view: ContainerView, now: EpochMs): PodAction | WaitingOn {
  const container = view.spec.name;
  const restartAtMs = restartAt(view);
  if (restartAtMs !== null && restartAtMs > now) return { on: 'back-off', container, untilMs: restartAtMs };
  const failure = state.memory.startFailures.get(container);
  if (failure !== undefined && failure.retryAtMs > now) {
    return { on: 'start', container, reason: failure.reason, untilMs: failure.retryAtMs };
  }
  const { current } = view;
  if (current === null) return { type: 'start', container, attempt: view.restartCount, backoff: null };
  const failedAtMs = finishedAtOf(current) ?? now;
  const backoff = view.restarts ? raiseBackoff(view.backoff, { failedAtMs, now }, crashLoopRule) : null;
  return { type: 'start', container, attempt: Math.max(current.attempt + 1, view.restartCount), backoff };
}

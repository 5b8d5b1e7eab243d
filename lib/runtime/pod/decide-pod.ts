import { type EpochMs, toRfc3339 } from '../../base/clock.ts';
import { podQos } from '../../schema/qos.ts';
import type { ContainerStatus, PodStatus } from '../../schema/types.gen.ts';
import { containerStatus, messageOf } from './container-status.ts';
import { type ContainerRole, type ContainerView, containerViews } from './container-view.ts';
import { decideConditions } from './decide-conditions.ts';
import { decideStarts } from './decide-start.ts';
import { decideStops } from './decide-stop.ts';
import { deadlineOf, endOf, type PodEnd } from './pod-end.ts';
import { podPhase } from './pod-phase.ts';
import type { PodAction, PodDecision, PodState, WaitingOn } from './pod-state.ts';

/**
 * What a pod needs next, what its status is, what it waits on and when to look again. Pure: it reads state, never events, so
 * it may be asked at any time, and a daemon that starts in the middle of anything goes on from there.
 */
export function decidePod(state: PodState, now: EpochMs): PodDecision {
  const views = containerViews(state);
  const end = endOf(state, views, now);
  const stops = decideStops(state, views, end, now);
  const starts = end === null ? decideStarts(state, views, now) : { actions: [], waitingOn: [] };
  const deadlineMs = deadlineOf(state, now);
  const waitingOn: readonly WaitingOn[] = [
    ...stops.waitingOn,
    ...starts.waitingOn,
    ...(end === null && deadlineMs !== null ? [{ on: 'deadline', untilMs: deadlineMs } as const] : []),
  ];
  const untils = waitingOn.flatMap((waiting) => ('untilMs' in waiting ? [waiting.untilMs] : []));
  const actions = [
    ...hookActions(state, views),
    ...stops.actions,
    ...starts.actions,
    ...endedActions(state, views),
  ];
  return {
    actions,
    status: statusOf(state, views, end, now),
    waitingOn,
    requeueAtMs: untils.length === 0 ? null : Math.min(...untils),
    gone: end?.cause === 'deleted' && actions.length === 0 && !views.some(({ running }) => running),
  };
}

/** postStart hooks of runs that have not had theirs. */
function hookActions(state: PodState, views: readonly ContainerView[]): readonly PodAction[] {
  return views.flatMap(({ hooking, current, spec }): readonly PodAction[] => {
    if (!hooking || current === null) return [];
    const untouched =
      state.memory.postStart.get(current.id) === undefined && !state.memory.stops.has(current.id);
    return untouched ? [{ type: 'post-start', container: spec.name, id: current.id }] : [];
  });
}

/** What ended runs leave to do: their last words are read before they are reported; all but the two latest are removed. */
function endedActions(state: PodState, views: readonly ContainerView[]): readonly PodAction[] {
  const unread = views.flatMap(({ current, previous, spec }) =>
    [previous, current].flatMap((run): readonly PodAction[] => {
      if (run === null || !run.held || run.state.phase !== 'exited') return [];
      if (messageOf(state, run) !== undefined) return [];
      return [{ type: 'read-message', container: spec.name, id: run.id }];
    }),
  );
  const kept = new Map(views.map((view) => [view.spec.name, view.current?.attempt ?? 0]));
  const stale = state.containers.flatMap(
    ({ id, container, attempt, state: { phase } }): readonly PodAction[] =>
      phase !== 'running' && attempt < (kept.get(container) ?? 0) - 1
        ? [{ type: 'remove-container', id }]
        : [],
  );
  return [...unread, ...stale];
}

function statusOf(
  state: PodState,
  views: readonly ContainerView[],
  end: PodEnd | null,
  now: EpochMs,
): PodStatus {
  const before = state.pod.status;
  const phase = podPhase(state, views, end);
  const context = { state, end, now };
  const podIP = state.sandbox?.podIP ?? before?.podIP;
  const of = (...roles: readonly ContainerRole[]): readonly ContainerStatus[] =>
    views.filter(({ role }) => roles.includes(role)).map((view) => containerStatus(view, context));
  const ofInit = of('init', 'sidecar');
  const ephemeral = of('ephemeral');
  const { observedGeneration: _, reason: __, message: ___, ...kept } = before ?? {};
  const { generation } = state.pod.metadata;
  return {
    ...kept,
    ...phase,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: decideConditions(state, views, phase.phase, now),
    containerStatuses: of('main'),
    ...(ofInit.length === 0 ? {} : { initContainerStatuses: ofInit }),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    hostIP: state.hostIP,
    hostIPs: [{ ip: state.hostIP }],
    ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime: before?.startTime ?? toRfc3339(now),
    qosClass: podQos(state.pod),
  };
}

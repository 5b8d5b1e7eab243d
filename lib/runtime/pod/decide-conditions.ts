import type { EpochMs } from '../../base/clock.ts';
import { conditionOf, setCondition } from '../../schema/conditions.ts';
import type { PodCondition } from '../../schema/types.gen.ts';
import type { ContainerView } from './container-view.ts';
import { blockingInit } from './decide-start.ts';
import { isTerminal } from './pod-end.ts';
import type { PodPhase } from './pod-phase.ts';
import type { PodState } from './pod-state.ts';

/** Condition type under which a pod says what of its spec is not honoured here. */
export const NOT_HONOURED = 'pintle.dev/NotHonoured';

type Verdict = {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
};

/**
 * The pod's conditions: the node agent's own among those that others wrote, which stay as they are. Source of reasons and texts: kubelet status/generate.go.
 */
export function decideConditions(
  state: PodState,
  views: readonly ContainerView[],
  phase: PodPhase['phase'],
  now: EpochMs,
): readonly PodCondition[] {
  const before = state.pod.status?.conditions ?? [];
  const containersReady = containersReadyVerdict(views, phase);
  const verdicts: readonly Verdict[] = [
    verdict('PodReadyToStartContainers', state.sandbox !== null && !isTerminal(phase)),
    initializedVerdict(views, phase),
    readyVerdict(state, containersReady),
    containersReady,
    ...scheduledVerdict(before),
    ...notHonouredVerdict(state),
  ];
  return verdicts.reduce<readonly PodCondition[]>(
    (conditions, next) => setCondition<PodCondition>(conditions, next, now),
    before,
  );
}

function verdict(type: string, holds: boolean): Verdict {
  return { type, status: holds ? 'True' : 'False' };
}

/** A pod that runs here was scheduled; what the scheduler wrote stays. */
function scheduledVerdict(before: readonly PodCondition[]): readonly Verdict[] {
  const written = before.find(({ type }) => type === 'PodScheduled');
  return written?.status === 'True' ? [] : [verdict('PodScheduled', true)];
}

function initializedVerdict(views: readonly ContainerView[], phase: PodPhase['phase']): Verdict {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  const mainRan = views.some(({ role, current }) => role === 'main' && current !== null);
  const blocking = mainRan ? null : blockingInit(views);
  if (blocking === null) return verdict(type, true);
  const waiting = views.slice(views.indexOf(blocking)).filter(isInitial);
  const names = waiting.map(({ spec }) => spec.name).join(' ');
  const message = `containers with incomplete status: [${names}]`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

function isInitial({ role }: ContainerView): boolean {
  return role === 'init' || role === 'sidecar';
}

function containersReadyVerdict(views: readonly ContainerView[], phase: PodPhase['phase']): Verdict {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const unready = views.filter(({ role, ready }) => (role === 'main' || role === 'sidecar') && !ready);
  if (unready.length === 0) return verdict(type, true);
  const message = `containers with unready status: [${unready.map(({ spec }) => spec.name).join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotReady', message };
}

function readyVerdict(state: PodState, containersReady: Verdict): Verdict {
  if (containersReady.status === 'False') return { ...containersReady, type: 'Ready' };
  const conditions = state.pod.status?.conditions ?? [];
  const open = (state.pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = conditions.find(({ type }) => type === conditionType);
    if (gate === undefined) {
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    }
    if (gate.status === 'True') return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  if (open.length === 0) return verdict('Ready', true);
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: open.join(', ') };
}

/**
 * What the driver or the agent cannot honour, a line each. Nothing said once is taken back: a daemon that starts anew does
 * not know what the containers' starts had said.
 */
function notHonouredVerdict(state: PodState): readonly Verdict[] {
  const before = conditionOf(state.pod.status?.conditions, NOT_HONOURED)?.message?.split('\n') ?? [];
  const said = [...before, ...(state.sandbox?.limitations ?? []), ...state.memory.limitations];
  if (said.length === 0) return [];
  const message = [...new Set(said)].sort().join('\n');
  return [{ type: NOT_HONOURED, status: 'True', reason: 'DriverLimitations', message }];
}

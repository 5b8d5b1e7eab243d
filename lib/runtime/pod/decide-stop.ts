import type { EpochMs } from '../../base/clock.ts';
import { secondMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { Run } from './container-run.ts';
import { statusOfContainer } from './container-run.ts';
import type { ContainerView } from './container-view.ts';
import { graceMsOf, type PodEnd } from './pod-end.ts';
import {
  type PodAction,
  type PodState,
  type StopProgress,
  type StopReason,
  type StopSignal,
  stopSignals,
  type WaitingOn,
} from './pod-state.ts';

export type StopDecision = {
  readonly actions: readonly PodAction[];
  readonly waitingOn: readonly WaitingOn[];
};

const NOTHING: StopDecision = { actions: [], waitingOn: [] };

/**
 * The next step of stopping what has to stop: preStop, then the stop signal, then SIGKILL at the end of the grace period.
 * Main containers stop side by side; sidecars after them, one at a time, the last one first.
 */
export function decideStops(
  state: PodState,
  views: readonly ContainerView[],
  end: PodEnd | null,
  now: EpochMs,
): StopDecision {
  const running = views.filter((view) => view.running);
  const decisions = running.map((view) => {
    const { current } = view;
    if (current === null) return NOTHING;
    const progress = state.memory.stops.get(current.id);
    if (end !== null && mayEnd(view, running)) {
      const graceMs = Math.max(leastGraceMs(view), end.killAtMs - now);
      if (progress === undefined) return begin(view, current, end.cause, graceMs);
    }
    if (progress !== undefined) {
      return goOn({ view, run: current, progress, killAtMs: killAtOf(view, progress, end), now });
    }
    const cause = end === null ? causeOf(state, view, current) : null;
    return cause === null ? NOTHING : begin(view, current, cause, graceOf(state, view, cause));
  });
  return {
    actions: decisions.flatMap(({ actions }) => actions),
    waitingOn: decisions.flatMap(({ waitingOn }) => waitingOn),
  };
}

/** Whether it is this container's turn: a sidecar's comes when nothing but earlier sidecars runs. */
function mayEnd(view: ContainerView, running: readonly ContainerView[]): boolean {
  return view.role !== 'sidecar' || running.at(-1) === view;
}

/** Why one container alone has to stop, if it has to. */
function causeOf(state: PodState, view: ContainerView, run: Run): StopReason | null {
  const probes = state.probes.get(run.id);
  if (state.memory.postStart.get(run.id) === 'failed') return 'post-start';
  if (probes?.startup === 'failure') return 'startup';
  if (probes?.liveness === 'failure') return 'liveness';
  const image = state.memory.images.get(run.id)?.image ?? imageInStatus(state, view.spec.name, run);
  return image !== undefined && image !== view.spec.image && view.role !== 'init' ? 'image-changed' : null;
}

function imageInStatus(state: PodState, container: string, run: Run): string | undefined {
  const status = statusOfContainer(state.pod, container);
  return status?.containerID?.endsWith(`/${run.id}`) === true ? status.image : undefined;
}

/** A probe's own grace period goes before the pod's, for kills by that probe. */
function graceOf(state: PodState, view: ContainerView, cause: StopReason): number {
  const probe =
    cause === 'liveness' ? view.spec.livenessProbe : cause === 'startup' ? view.spec.startupProbe : undefined;
  const own = probe?.terminationGracePeriodSeconds;
  return own === undefined ? graceMsOf(state) : own * secondMs;
}

function begin(view: ContainerView, run: Run, reason: StopReason, graceMs: number): StopDecision {
  const action: PodAction = { type: 'begin-stop', container: view.spec.name, id: run.id, reason, graceMs };
  return { actions: [action], waitingOn: [] };
}

/** A sidecar's turn may come when the grace period is over already. Source: kubelet minimumGracePeriodInSeconds. */
function leastGraceMs(view: ContainerView): number {
  return view.role === 'sidecar' ? timings.gracePeriodLeastMs : 0;
}

/** A later deletion may shorten the grace period of a stop under way; nothing lengthens it. */
function killAtOf(view: ContainerView, progress: StopProgress, end: PodEnd | null): EpochMs {
  const own = progress.beganAtMs + progress.graceMs;
  if (end === null) return own;
  return Math.min(own, Math.max(end.killAtMs, progress.beganAtMs + leastGraceMs(view)));
}

function stopSignalOf(view: ContainerView): StopSignal {
  const wanted = view.spec.lifecycle?.stopSignal;
  return stopSignals.find((signal) => signal === wanted) ?? 'SIGTERM';
}

function goOn(of: {
  readonly view: ContainerView;
  readonly run: Run;
  readonly progress: StopProgress;
  readonly killAtMs: EpochMs;
  readonly now: EpochMs;
}): StopDecision {
  const { view, run, progress, now } = of;
  const { id } = run;
  const container = view.spec.name;
  const wait = (untilMs: EpochMs): StopDecision => ({
    actions: [],
    waitingOn: [{ on: 'stop', container, untilMs }],
  });
  if (progress.termAtMs === null) {
    const hooked = view.spec.lifecycle?.preStop !== undefined && now < of.killAtMs;
    if (hooked && progress.preStop === 'none') {
      return { actions: [{ type: 'pre-stop', container, id }], waitingOn: [] };
    }
    if (hooked && progress.preStop === 'running') return wait(of.killAtMs);
    return { actions: [{ type: 'signal', id, signal: stopSignalOf(view) }], waitingOn: [] };
  }
  const least = progress.preStop === 'none' ? 0 : timings.gracePeriodLeastMs;
  const killAtMs = Math.max(of.killAtMs, progress.termAtMs + least);
  const dueMs = progress.killedAtMs === null ? killAtMs : progress.killedAtMs + timings.killRepeatMs;
  if (now < dueMs) return wait(dueMs);
  return { actions: [{ type: 'signal', id, signal: 'SIGKILL' }], waitingOn: [] };
}

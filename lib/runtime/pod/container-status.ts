import { type EpochMs, secondMs, toRfc3339 } from '../../base/clock.ts';
import type { ContainerState, ContainerStatus } from '../../schema/types.gen.ts';
import { containerIdText, type Run, statusOfContainer } from './container-run.ts';
import type { ContainerView } from './container-view.ts';
import { restartAt } from './decide-start.ts';
import type { PodEnd } from './pod-end.ts';
import type { PodState } from './pod-state.ts';
import { terminatedState } from './terminated-state.ts';

export type StatusContext = { readonly state: PodState; readonly end: PodEnd | null; readonly now: EpochMs };

/** One entry of containerStatuses, initContainerStatuses or ephemeralContainerStatuses. */
export function containerStatus(view: ContainerView, context: StatusContext): ContainerStatus {
  const { spec, current, previous } = view;
  const shown = stateOf(view, context);
  const earlier = shown.waiting !== undefined && current !== null && !view.running ? current : previous;
  const last = earlier === null ? null : terminatedState(earlier, messageOf(context.state, earlier));
  const written = statusOfContainer(context.state.pod, spec.name);
  const same = current !== null && written?.containerID === containerIdText(current.id);
  const started = current === null ? undefined : context.state.memory.images.get(current.id);
  return {
    name: spec.name,
    image: started?.image ?? (same ? written.image : (spec.image ?? '')),
    imageID: started?.imageId ?? (same ? written.imageID : ''),
    ready: view.ready,
    restartCount: view.restartCount,
    ...(view.role === 'ephemeral' ? {} : { started: view.started }),
    state: shown,
    ...(last === null ? {} : { lastState: { terminated: last } }),
    ...(current === null ? {} : { containerID: containerIdText(current.id) }),
  };
}

/** The termination message of a run: as read, else as the status has it; undefined when it was not read yet. */
export function messageOf(state: PodState, run: Run): string | undefined {
  const read = state.memory.messages.get(run.id);
  if (read !== undefined) return read;
  return run.recorded === null ? undefined : (run.recorded.message ?? '');
}

function stateOf(view: ContainerView, context: StatusContext): ContainerState {
  const { state, end, now } = context;
  const { current, spec } = view;
  if (current === null)
    return { waiting: end === null ? firstWait(view, context) : { reason: idleReason(state) } };
  if (current.state.phase === 'running') {
    if (view.hooking) return { waiting: { reason: 'ContainerCreating' } };
    return { running: { startedAt: toRfc3339(current.state.startedAtMs) } };
  }
  if (view.restarts && end === null) {
    const until = restartAt(view);
    if (until !== null && until > now) {
      const delay = `${Math.round((view.backoff?.delayMs ?? 0) / secondMs)}s`;
      const message = `back-off ${delay} restarting failed container=${spec.name} pod=${podText(state)}`;
      return { waiting: { reason: 'CrashLoopBackOff', message } };
    }
    const failure = state.memory.startFailures.get(spec.name);
    if (failure !== undefined) return { waiting: { reason: failure.reason, message: failure.message } };
  }
  return { terminated: terminatedState(current, messageOf(state, current)) ?? { exitCode: 0 } };
}

function firstWait(view: ContainerView, { state }: StatusContext): NonNullable<ContainerState['waiting']> {
  const failure = state.memory.startFailures.get(view.spec.name);
  if (failure !== undefined) return { reason: failure.reason, message: failure.message };
  const { volumes } = state;
  if (volumes.phase === 'failed') return { reason: volumes.reason, message: volumes.message };
  return { reason: idleReason(state) };
}

/** Why a container that nothing is wrong with does not run yet. Source: kubelet's default waiting state. */
function idleReason(state: PodState): string {
  return (state.pod.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating';
}

/** `name_namespace(uid)`, as the kubelet writes pods in messages. */
function podText({ pod }: PodState): string {
  const { name, namespace, uid } = pod.metadata;
  return `${name}_${namespace ?? ''}(${uid ?? ''})`;
}

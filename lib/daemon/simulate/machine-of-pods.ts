import { type EpochMs, fromRfc3339 } from '../../base/clock.ts';
import { containerIdOf } from '../../runtime/driver.ts';
import { behaviourOf } from '../../runtime/simulated/simulated-behaviour.ts';
import {
  type SimulatedContainer,
  type SimulatedState,
  simulatedState,
} from '../../runtime/simulated/simulated-state.ts';
import { staticAnnotations } from '../../schema/mirror-pod.ts';
import { isPodTerminal } from '../../schema/pod-conditions.ts';
import type { ContainerStatus, Pod } from '../../schema/types.gen.ts';
import { assumedBehaviour } from './assumed-behaviour.ts';

/**
 * The simulated machine with the pods on it that run now: what runs goes on as it does, what fails fails on, what has started and is not
 * ready yet becomes so. What runs to its end is taken to run on: nobody can know when it ends.
 */
export function machineOfPods(pods: readonly Pod[], now: EpochMs): SimulatedState {
  const state = simulatedState();
  for (const pod of pods) {
    // A static pod runs under a uid of its own, which its mirror names.
    const uid = pod.metadata.annotations?.[staticAnnotations.mirror] ?? pod.metadata.uid ?? '';
    const { podIP, containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
    if (podIP === undefined || isPodTerminal(pod)) continue;
    const annotation = assumedBehaviour(pod);
    const ports = new Map(
      pod.spec.containers.flatMap(({ ports: of = [] }) =>
        of.map(({ containerPort }) => [containerPort, containerPort]),
      ),
    );
    const { nodeName } = pod.spec;
    const where = nodeName === undefined ? {} : { nodeName };
    state.sandboxes.set(uid, { podUid: uid, podIP, ports, limitations: [], annotation, ...where });
    for (const status of [...initContainerStatuses, ...containerStatuses]) {
      state.serial += 1;
      const run = runOf(uid, status, { annotation, now, pid: state.serial });
      if (run !== null) state.containers.set(run.id, run);
    }
  }
  return state;
}

/** The run that a status tells of; null: there was none. */
function runOf(
  podUid: string,
  status: ContainerStatus,
  as: { readonly annotation: string; readonly now: EpochMs; readonly pid: number },
): SimulatedContainer | null {
  const { name, restartCount, state = {}, lastState = {}, ready } = status;
  const { running } = state;
  const over = state.terminated ?? (running === undefined ? lastState.terminated : undefined);
  if (running === undefined && over === undefined) return null;
  const failed = restartCount > 0 && !ready;
  const assumed = behaviourOf(as.annotation, name, {});
  // It failed before, it is not well now, and nothing of it changes: it goes on so.
  const behaviour = failed
    ? { ...assumed, readyAfterMs: Number.MAX_SAFE_INTEGER, exitAfterMs: 0, exitCode: 1 }
    : assumed;
  const startsAtMs = fromRfc3339((running ?? over)?.startedAt) ?? as.now;
  const { id, attempt } = idOf(podUid, status);
  return {
    ...{ id, podUid, container: name, attempt, pid: as.pid, behaviour, startsAtMs },
    endsAtMs: over === undefined ? Number.POSITIVE_INFINITY : (fromRfc3339(over.finishedAt) ?? as.now),
    exitCode: over?.exitCode ?? 0,
    signal: over?.signal ?? null,
  };
}

/** The status names the run it is about; a status without a name is about the one that its count says. */
function idOf(podUid: string, { name, restartCount, containerID }: ContainerStatus) {
  const digits = /\.([0-9]{1,9})$/.exec(containerID ?? '')?.[1];
  const attempt = digits === undefined ? restartCount : Number(digits);
  return { id: containerIdOf(podUid, name, attempt), attempt };
}

import { assertNever } from '../base/errors.ts';
import { containerOf } from './container/container-spec.ts';
import { runPostStart, runPreStop } from './container/run-hook.ts';
import { startContainer } from './container/start-container.ts';
import { terminationMessage } from './container/termination-message.ts';
import { createSandbox } from './create-sandbox.ts';
import type { ContainerRecord } from './driver.ts';
import { containerIdText, statusOfContainer } from './pod/container-run.ts';
import type { PodAction, StopReason } from './pod/pod-state.ts';
import { type PodTask, tell } from './pod-task.ts';
import { prepareVolumes } from './volume/prepare-volumes.ts';

/**
 * Takes one step. Every one may be repeated: a daemon that dies inside it decides anew, from what the driver and the API
 * have. Hooks are started, not awaited.
 */
export async function performAction(
  task: PodTask,
  action: PodAction,
  records: readonly ContainerRecord[],
): Promise<void> {
  const { edge, memory, pod, sandbox } = task;
  switch (action.type) {
    case 'create-sandbox':
      memory.volumes = { phase: 'unprepared' };
      memory.volumeDigests.clear();
      await createSandbox(task);
      return;
    case 'prepare-volumes':
      if (sandbox !== null) await prepareVolumes({ ...task, sandbox });
      return;
    case 'start': {
      const container = containerOf(pod, action.container);
      if (container !== undefined) await startContainer(task, container, action);
      return;
    }
    case 'post-start': {
      const container = containerOf(pod, action.container);
      if (container !== undefined) void runPostStart(task, container, action.id);
      return;
    }
    case 'pre-stop': {
      const container = containerOf(pod, action.container);
      if (container !== undefined) void runPreStop(task, container, action.id);
      return;
    }
    case 'begin-stop': {
      const { id, reason, graceMs } = action;
      const progress = { reason, beganAtMs: edge.clock.now(), graceMs, termAtMs: null, killedAtMs: null };
      memory.stops.set(id, { ...progress, preStop: 'none' });
      tell(task, 'Normal', 'Killing', killingText(action.container, reason), action.container);
      return;
    }
    case 'signal': {
      await edge.driver.signal(action.id, action.signal);
      const progress = memory.stops.get(action.id);
      if (progress === undefined) return;
      const now = edge.clock.now();
      const sent = progress.termAtMs === null ? { termAtMs: now } : { killedAtMs: now };
      memory.stops.set(action.id, { ...progress, ...sent });
      return;
    }
    case 'read-message': {
      const container = containerOf(pod, action.container);
      const record = records.find(({ id }) => id === action.id);
      if (container === undefined || record === undefined) return;
      memory.messages.set(action.id, await terminationMessage(edge.driver, { pod, container, record }));
      tellOfMemory(task, record);
      return;
    }
    case 'remove-container':
      await edge.driver.removeContainer(action.id);
      return;
    default:
      return assertNever(action);
  }
}

/** Once: what the status has of the run already was told by who was before us. */
function tellOfMemory(task: PodTask, { container, id, state }: ContainerRecord): void {
  if (state.phase !== 'exited' || !state.oomKilled) return;
  const status = statusOfContainer(task.pod, container);
  const told = [status?.state, status?.lastState].map((one) => one?.terminated?.containerID);
  if (told.includes(containerIdText(id))) return;
  tell(task, 'Warning', 'OOMKilled', `Container ${container} was killed for want of memory`, container);
}

function killingText(container: string, reason: StopReason): string {
  switch (reason) {
    case 'liveness':
      return `Container ${container} failed liveness probe, will be restarted`;
    case 'startup':
      return `Container ${container} failed startup probe, will be restarted`;
    case 'post-start':
      return `Container ${container} failed its postStart hook`;
    case 'image-changed':
      return `Container ${container} definition changed, will be restarted`;
    case 'deleted':
    case 'node-ends':
    case 'deadline':
    case 'evicted':
    case 'finished':
      return `Stopping container ${container}`;
  }
}

import { secondMs } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Container } from '../../schema/types.gen.ts';
import type { ContainerId } from '../driver.ts';
import { type PodTask, tell } from '../pod-task.ts';
import { type HandlerResult, runHandler } from '../probe/run-handler.ts';

/** Runs the postStart hook beside the program, and wakes the pod when it is over. Hooks run at least once. */
export async function runPostStart(task: PodTask, container: Container, id: ContainerId): Promise<void> {
  const { memory, edge, sandbox } = task;
  const handler = container.lifecycle?.postStart;
  if (handler === undefined || sandbox === null) return;
  memory.postStart.set(id, 'running');
  const { outcome, message } = await runHandler(
    handler,
    { id, container, sandbox, anyStatus: true },
    timings.postStartMaxMs,
    edge,
  );
  if (outcome === 'unknown') {
    // The driver was away: the hook is run again, after a while.
    edge.clock.setTimer(timings.podRetryMs, () => {
      memory.postStart.delete(id);
      task.wake();
    });
    return;
  }
  memory.postStart.set(id, outcome === 'success' ? 'done' : 'failed');
  if (outcome === 'failure')
    tell(task, 'Warning', 'FailedPostStartHook', failureText(message), container.name);
  task.wake();
}

/** Runs the preStop hook inside the grace period, and wakes the pod when it is over; its failure holds nothing up. */
export async function runPreStop(task: PodTask, container: Container, id: ContainerId): Promise<void> {
  const { memory, edge, sandbox } = task;
  const handler = container.lifecycle?.preStop;
  const progress = memory.stops.get(id);
  if (handler === undefined || progress === undefined) return;
  memory.stops.set(id, { ...progress, preStop: 'running' });
  const timeoutMs = Math.max(secondMs, progress.graceMs);
  const result: HandlerResult =
    sandbox === null
      ? { outcome: 'unknown', message: '' }
      : await runHandler(handler, { id, container, sandbox, anyStatus: true }, timeoutMs, edge);
  const now = memory.stops.get(id);
  if (now !== undefined) memory.stops.set(id, { ...now, preStop: 'done' });
  if (result.outcome === 'failure')
    tell(task, 'Warning', 'FailedPreStopHook', failureText(result.message), container.name);
  task.wake();
}

function failureText(message: string): string {
  return `The hook failed: ${message.slice(0, limits.eventMessageCharsMax / 2)}`;
}

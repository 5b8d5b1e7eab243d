import type { Pod } from '../schema/types.gen.ts';
import { containerFieldPath } from './container/container-field-path.ts';
import type { Sandbox } from './driver.ts';
import type { WorkingMemory } from './pod/pod-memory.ts';
import type { Eviction } from './pod/pod-state.ts';
import type { RuntimeEdge } from './runtime-edge.ts';

/** What every step for a pod is given. */
export type PodTask = {
  readonly edge: RuntimeEdge;
  readonly pod: Pod;
  readonly sandbox: Sandbox | null;
  readonly memory: WorkingMemory;
  /** Something that was waited for is there: look again. */
  readonly wake: () => void;
};

/** `container`: the one of the pod's that it is about; unset: the pod. */
export function tell(
  task: PodTask,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  container?: string,
): void {
  const fieldPath = container === undefined ? undefined : containerFieldPath(task.pod, container);
  task.edge.events.record(task.pod, { type, reason, message, fieldPath });
}

/** The pod has to go, for good: what runs of it is ended, and its status says why. */
export function dismiss(task: PodTask, reason: Eviction['reason'], message: string): void {
  if (task.memory.eviction !== null) return;
  task.memory.eviction = { reason, message, atMs: task.edge.clock.now() };
  tell(task, 'Warning', reason, message);
}

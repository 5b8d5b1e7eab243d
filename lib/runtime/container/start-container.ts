import { timings } from '../../base/limits.ts';
import type { Container } from '../../schema/types.gen.ts';
import { containerIdOf, type ImageVerdict } from '../driver.ts';
import { addLimitations } from '../pod/pod-memory.ts';
import type { PodAction } from '../pod/pod-state.ts';
import { imageRule, raiseBackoff } from '../pod/restart-backoff.ts';
import { type PodTask, tell } from '../pod-task.ts';
import { containerSpecOf } from './container-spec.ts';

type Start = Extract<PodAction, { readonly type: 'start' }>;

/**
 * Starts one run, or remembers why it could not be started and when to try again. Idempotent by the run's id: a daemon that
 * dies in here finds the run in the driver's records, or starts it then.
 */
export async function startContainer(task: PodTask, container: Container, start: Start): Promise<void> {
  const { edge, memory, pod, sandbox } = task;
  if (sandbox === null) return;
  const image = container.image ?? '';
  const verdict = await edge.driver.image(image, container.imagePullPolicy ?? 'IfNotPresent');
  if (!verdict.ok) return imageFailed(task, container, start.attempt, verdict);
  memory.imageBackoffs.delete(container.name);

  const { hostIP, nodeName, allocatable, references } = edge;
  const facts = { podIP: sandbox.podIP, hostIP, nodeName, allocatable };
  const spec = containerSpecOf({ pod, container, ports: sandbox.ports, facts, references }, start.attempt);
  if (!spec.ok) {
    const retryAtMs = edge.clock.now() + timings.configRetryMs;
    const failure = { attempt: start.attempt, reason: 'CreateContainerConfigError', message: spec.message };
    memory.startFailures.set(container.name, { ...failure, retryAtMs });
    tell(task, 'Warning', 'Failed', `Error: ${spec.message}`);
    return;
  }
  const id = containerIdOf(pod.metadata.uid ?? '', container.name, start.attempt);
  memory.images.set(id, { image, imageId: verdict.imageId });
  if (start.backoff !== null) memory.backoffs.set(container.name, start.backoff);
  // CRASH: from here on the run exists for the driver; its record, not our memory, says so.
  const { limitations, failed } = await edge.driver.startContainer(spec.value);
  memory.startFailures.delete(container.name);
  addLimitations(memory, limitations);
  tell(task, 'Normal', 'Created', `Created container: ${container.name}`);
  if (failed === undefined) tell(task, 'Normal', 'Started', `Started container ${container.name}`);
  else tell(task, 'Warning', 'Failed', `Error: failed to start container ${container.name}: ${failed}`);
}

/** ErrImagePull at first, then ImagePullBackOff; other reasons stay as the driver gives them. */
function imageFailed(
  task: PodTask,
  container: Container,
  attempt: number,
  verdict: Extract<ImageVerdict, { readonly ok: false }>,
): void {
  const { memory, edge } = task;
  const now = edge.clock.now();
  const before = memory.imageBackoffs.get(container.name) ?? null;
  const backoff = raiseBackoff(before, { failedAtMs: now, now }, imageRule);
  memory.imageBackoffs.set(container.name, backoff);
  const again = verdict.reason === 'ErrImagePull' && before !== null;
  const reason = again ? 'ImagePullBackOff' : verdict.reason;
  const message = again
    ? `Back-off pulling image "${container.image ?? ''}": ${verdict.message}`
    : verdict.message;
  memory.startFailures.set(container.name, { attempt, reason, message, retryAtMs: now + backoff.delayMs });
  tell(task, 'Warning', again ? 'BackOff' : 'Failed', message);
}

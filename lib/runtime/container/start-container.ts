import { timings } from '../../base/limits.ts';
import type { Container } from '../../schema/types.gen.ts';
import { containerIdOf, type ImageVerdict, type StartRefusal } from '../driver.ts';
import { addLimitations } from '../pod/pod-memory.ts';
import type { PodAction } from '../pod/pod-state.ts';
import { imageRule, raiseBackoff } from '../pod/restart-backoff.ts';
import { type PodTask, tell } from '../pod-task.ts';
import { containerImage } from './container-image.ts';
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
  // It is started when another one's image is there: one after the other.
  if (memory.pulling !== null) return;
  const verdict = await containerImage(task, container);
  if (verdict === null) return;
  if (!verdict.ok) return imageFailed(task, container, start.attempt, verdict);
  memory.imageBackoffs.delete(container.name);

  const { hostIP, nodeName, allocatable, references } = edge;
  const facts = { podIP: sandbox.podIP, hostIP, nodeName, allocatable };
  const input = { pod, container, ports: sandbox.ports, facts, references };
  const { memoryCapacityBytes } = edge;
  const spec = containerSpecOf({ ...input, memoryCapacityBytes }, start.attempt);
  const reason = 'CreateContainerConfigError';
  if (!spec.ok) return refused(task, container, start.attempt, { reason, message: spec.message });
  const id = containerIdOf(pod.metadata.uid ?? '', container.name, start.attempt);
  memory.images.set(id, { image, imageId: verdict.imageId });
  const backoffBefore = memory.backoffs.get(container.name);
  if (start.backoff !== null) memory.backoffs.set(container.name, start.backoff);
  // CRASH: from here on the run exists for the driver; its record, not our memory, says so.
  const outcome = await edge.driver.startContainer(spec.value);
  const { limitations, failed } = outcome;
  if (outcome.refused !== undefined) {
    // There was no run: nothing is to be told of its image, and the wait before it has not grown.
    memory.images.delete(id);
    if (backoffBefore === undefined) memory.backoffs.delete(container.name);
    else memory.backoffs.set(container.name, backoffBefore);
    return refused(task, container, start.attempt, outcome.refused);
  }
  memory.startFailures.delete(container.name);
  addLimitations(memory, limitations);
  tell(task, 'Normal', 'Created', `Created container: ${container.name}`, container.name);
  const [type, word, text] =
    failed === undefined
      ? (['Normal', 'Started', `Started container ${container.name}`] as const)
      : (['Warning', 'Failed', `Error: failed to start container ${container.name}: ${failed}`] as const);
  tell(task, type, word, text, container.name);
}

/** Nothing was started: it is tried again after a while, for what it lacks may be there then. */
function refused(
  task: PodTask,
  container: Container,
  attempt: number,
  { reason, message }: StartRefusal,
): void {
  const { memory, edge } = task;
  const retryAtMs = edge.clock.now() + timings.configRetryMs;
  memory.startFailures.set(container.name, { attempt, reason, message, retryAtMs });
  tell(task, 'Warning', 'Failed', `Error: ${message}`, container.name);
}

/**
 * ErrImagePull at first, then ImagePullBackOff; other reasons stay as the driver gives them. Events as a kubelet's: what went wrong,
 * the reason, and that it waits.
 */
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
  const image = JSON.stringify(container.image ?? '');
  const pullFailed = verdict.reason === 'ErrImagePull';
  const again = pullFailed && before !== null;
  const reason = again ? 'ImagePullBackOff' : verdict.reason;
  const message = again
    ? `Back-off pulling image ${image}: ErrImagePull: ${verdict.message}`
    : verdict.message;
  memory.startFailures.set(container.name, { attempt, reason, message, retryAtMs: now + backoff.delayMs });
  if (verdict.reason === 'ErrImageNeverPull') tell(task, 'Warning', 'ErrImageNeverPull', verdict.message);
  else if (verdict.reason === 'InvalidImageName') tell(task, 'Warning', 'InspectFailed', verdict.message);
  else tell(task, 'Warning', 'Failed', `Failed to pull image ${image}: ${verdict.message}`);
  tell(task, 'Warning', 'Failed', `Error: ${reason}`);
  if (again) tell(task, 'Normal', 'BackOff', `Back-off pulling image ${image}`);
}

import { limits, timings } from '../../base/limits.ts';
import type { Container } from '../../schema/types.gen.ts';
import { containerIdOf, type ImageVerdict, type StartRefusal } from '../driver.ts';
import { addLimitations } from '../pod/pod-memory.ts';
import type { PodAction } from '../pod/pod-state.ts';
import { imageRule, raiseBackoff } from '../pod/restart-backoff.ts';
import { type PodTask, tell } from '../pod-task.ts';
import { containerSpecOf } from './container-spec.ts';
import { pullConfigs } from './pull-configs.ts';

type Start = Extract<PodAction, { readonly type: 'start' }>;

/**
 * Starts one run, or remembers why it could not be started and when to try again. Idempotent by the run's id: a daemon that
 * dies in here finds the run in the driver's records, or starts it then.
 */
export async function startContainer(task: PodTask, container: Container, start: Start): Promise<void> {
  const { edge, memory, pod, sandbox } = task;
  if (sandbox === null) return;
  const image = container.image ?? '';
  const verdict = await imageOf(task, container);
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

function imageOf(task: PodTask, container: Container): Promise<ImageVerdict> {
  const { edge, pod } = task;
  const image = container.image ?? '';
  const policy = container.imagePullPolicy ?? 'IfNotPresent';
  if ((pod.spec.imagePullSecrets ?? []).length === 0) return edge.driver.image(image, policy);
  const { dockerConfigs, missing } = pullConfigs(pod, edge.references);
  if (missing.length > 0) {
    const names = missing.slice(0, limits.missingPullSecretsTold).join(', ');
    const message = `Unable to retrieve some image pull secrets (${names}); attempting to pull the image may not succeed.`;
    tell(task, 'Warning', 'FailedToRetrieveImagePullSecret', message);
  }
  return edge.driver.image(image, policy, { dockerConfigs });
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
  tell(task, 'Warning', again ? 'BackOff' : 'Failed', message, container.name);
}

import { secondMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { nextTurn } from '../../base/turn.ts';
import type { Container } from '../../schema/types.gen.ts';
import type { ImageVerdict } from '../driver.ts';
import { type PodTask, tell } from '../pod-task.ts';
import { pullConfigs } from './pull-configs.ts';

/**
 * Whether a container's image is there. null: it is being pulled, which may take an hour, and the pod is woken when that is over; until
 * then it can be deleted, and what runs of it is tended.
 */
export async function containerImage(task: PodTask, container: Container): Promise<ImageVerdict | null> {
  const { memory } = task;
  const { name, image = '' } = container;
  const ended = memory.pulled.get(name);
  memory.pulled.delete(name);
  if (ended !== undefined && ended.image === image) return toldOf(task, image, ended.outcome());
  const asked = askDriver(task, container);
  const atOnce = await Promise.race([asked, nextTurn().then(() => null)]);
  if (atOnce !== null) return toldOf(task, image, atOnce);
  memory.pulling = name;
  tell(task, 'Normal', 'Pulling', `Pulling image ${JSON.stringify(image)}`);
  const over = (outcome: () => ImageVerdict): void => {
    memory.pulling = null;
    memory.pulled.set(name, { image, outcome });
    task.wake();
  };
  asked.then(
    (verdict) => over(() => verdict),
    (thrown: unknown) =>
      over(() => {
        throw thrown;
      }),
  );
  return null;
}

function askDriver(
  task: PodTask,
  { image = '', imagePullPolicy: policy = 'IfNotPresent' }: Container,
): Promise<ImageVerdict> {
  const { edge, pod } = task;
  if ((pod.spec.imagePullSecrets ?? []).length === 0) return edge.driver.image(image, policy);
  const { dockerConfigs, missing } = pullConfigs(pod, edge.references);
  if (missing.length > 0) {
    const names = missing.slice(0, limits.missingPullSecretsTold).join(', ');
    const message = `Unable to retrieve some image pull secrets (${names}); attempting to pull the image may not succeed.`;
    tell(task, 'Warning', 'FailedToRetrieveImagePullSecret', message);
  }
  return edge.driver.image(image, policy, { dockerConfigs });
}

/** Events in a kubelet's words. */
function toldOf(task: PodTask, image: string, verdict: ImageVerdict): ImageVerdict {
  if (!verdict.ok || verdict.pulled === undefined) return verdict;
  const name = JSON.stringify(image);
  if (verdict.pulled === null)
    tell(task, 'Normal', 'Pulled', `Container image ${name} already present on machine`);
  else {
    const { durationMs, sizeBytes } = verdict.pulled;
    const took = `${(durationMs / secondMs).toFixed(3)}s`;
    const message = `Successfully pulled image ${name} in ${took} (${took} including waiting). Image size: ${sizeBytes} bytes.`;
    tell(task, 'Normal', 'Pulled', message);
  }
  return verdict;
}

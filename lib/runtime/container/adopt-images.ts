import type { Pod } from '../../schema/types.gen.ts';
import type { ContainerRecord } from '../driver.ts';
import { containerIdText, statusOfContainer } from '../pod/container-run.ts';
import type { WorkingMemory } from '../pod/pod-memory.ts';
import type { RuntimeEdge } from '../runtime-edge.ts';
import { containerOf } from './container-spec.ts';

/**
 * Runs of a daemon that died between starting them and telling of it: neither memory nor the pod's status knows their image,
 * so the driver is asked once more.
 */
export async function adoptImages(
  { driver }: Pick<RuntimeEdge, 'driver'>,
  pod: Pod,
  task: { readonly memory: WorkingMemory; readonly containers: readonly ContainerRecord[] },
): Promise<void> {
  for (const { id, container: name } of task.containers) {
    const container = containerOf(pod, name);
    if (container === undefined || task.memory.images.has(id)) continue;
    if (statusOfContainer(pod, name)?.containerID === containerIdText(id)) continue;
    const image = container.image ?? '';
    const verdict = await driver.image(image, 'Never');
    task.memory.images.set(id, { image, imageId: verdict.ok ? verdict.imageId : '' });
  }
}

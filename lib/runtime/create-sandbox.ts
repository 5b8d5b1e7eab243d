import { WorldError } from '../base/errors.ts';
import { sandboxSpecOf } from './pod/sandbox-spec.ts';
import { dismiss, type PodTask, tell } from './pod-task.ts';

/** Makes the pod's sandbox, or tells why there is none; the pod's worker tries again. */
export async function createSandbox(task: PodTask): Promise<void> {
  const { edge, pod } = task;
  const failed = (why: string): void =>
    tell(task, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${why}`);
  const spec = sandboxSpecOf(pod, edge.dns);
  if (!spec.ok) {
    failed(spec.message);
    throw new WorldError('SANDBOX_REFUSED', spec.message);
  }
  try {
    await edge.driver.createSandbox(spec.value);
  } catch (thrown) {
    // It is refused whenever it is asked for. Source: kubelet, whose admission fails such a pod.
    if (thrown instanceof WorldError && thrown.code === 'SYSCTL_FORBIDDEN')
      return dismiss(task, 'SysctlForbidden', thrown.message);
    // An agent that is away says nothing of this pod.
    if (thrown instanceof WorldError && thrown.code !== 'AGENT_DOWN') failed(thrown.message);
    throw thrown;
  }
}

import type { Caller, Client } from '../../api/client.ts';
import type { EpochMs } from '../../base/clock.ts';
import { setCondition } from '../../schema/conditions.ts';
import { refOf } from '../../schema/object.ts';
import { isPodTerminal } from '../../schema/pod-conditions.ts';
import type { Pod } from '../../schema/types.gen.ts';

/** Takes a pod whose node is no more out of the API: nobody is there who could end it. */
export async function forgetPod(
  pod: Pod,
  { client, caller, now }: { readonly client: Client; readonly caller: Caller; readonly now: EpochMs },
): Promise<void> {
  // CRASH: the pod is Failed, and the next look deletes it.
  if (!isPodTerminal(pod)) {
    const why = {
      ...{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC' },
      message: 'PodGC: node no longer exists',
    };
    const conditions = setCondition(pod.status?.conditions, why, now);
    const status = { ...pod.status, phase: 'Failed', conditions };
    await client.update<Pod>({ ...pod, status }, caller, { subresource: 'status' });
  }
  const preconditions = { uid: pod.metadata.uid ?? '' };
  await client.delete(refOf(pod), { gracePeriodSeconds: 0, preconditions }, caller);
}

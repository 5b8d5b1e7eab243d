import { PORTS_ANNOTATION } from '../api/annotations.ts';
import { isApiError } from '../api/api-error.ts';
import { deepEqual } from '../base/json.ts';
import { type ObjectRef, refOf } from '../schema/object.ts';
import type { Pod, PodStatus } from '../schema/types.gen.ts';
import type { Sandbox } from './driver.ts';
import type { RuntimeEdge } from './runtime-edge.ts';

/**
 * Writes what the API is to know of a pod. Each answers the pod as the API has it then, or null when it has it no more.
 * Conflicts reject: the caller looks again at the newer pod.
 */
export type PodWriter = {
  /** Not written when the API has it already, or was given it before and keeps it otherwise. */
  writeStatus(pod: Pod, status: PodStatus): Promise<Pod | null>;
  /** Where container ports really listen, when that is elsewhere. */
  writePorts(pod: Pod, sandbox: Sandbox): Promise<Pod | null>;
  /** The last step of a graceful deletion. False: the object stays, held by finalizers. */
  finishDeletion(pod: Pod): Promise<boolean>;
};

export function podWriter({ client, caller }: RuntimeEdge): PodWriter {
  let wrote: { readonly status: PodStatus; readonly resourceVersion: string | undefined } | null = null;
  const orNull = async (write: Promise<Pod>): Promise<Pod | null> => {
    try {
      return await write;
    } catch (failure) {
      if (isApiError(failure, 'NotFound')) return null;
      throw failure;
    }
  };
  return {
    async writeStatus(pod, status) {
      if (deepEqual(status, pod.status)) return pod;
      const kept = wrote !== null && wrote.resourceVersion === pod.metadata.resourceVersion;
      if (kept && deepEqual(wrote?.status, status)) return pod;
      const written = await orNull(client.update<Pod>({ ...pod, status }, caller, { subresource: 'status' }));
      wrote = written === null ? null : { status, resourceVersion: written.metadata.resourceVersion };
      return written;
    },
    async writePorts(pod, sandbox) {
      const moved = [...sandbox.ports].filter(([port, listening]) => port !== listening);
      if (moved.length === 0) return pod;
      const text = JSON.stringify(Object.fromEntries(moved.map(([port, at]) => [String(port), at])));
      if (pod.metadata.annotations?.[PORTS_ANNOTATION] === text) return pod;
      const patch = { metadata: { annotations: { [PORTS_ANNOTATION]: text } } };
      const preconditions = pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid };
      return orNull(client.patch<Pod>(refOf(pod), { type: 'merge', patch }, caller, { preconditions }));
    },
    async finishDeletion(pod) {
      const ref: ObjectRef = refOf(pod);
      const preconditions = pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid };
      try {
        const left = await client.delete(ref, { gracePeriodSeconds: 0, preconditions }, caller);
        return left === null;
      } catch (failure) {
        // Gone already, or another pod of its name is there.
        if (isApiError(failure, 'NotFound', 'Conflict')) return true;
        throw failure;
      }
    },
  };
}

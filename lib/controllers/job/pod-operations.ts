import type { Operation } from '../../api/client.ts';
import type { JsonPatchOperation } from '../../schema/json-patch-operation.ts';
import { refOf } from '../../schema/object.ts';
import { ownerReferenceTo } from '../../schema/owner.ts';
import type { Job, Pod } from '../../schema/types.gen.ts';
import { podNames, TRACKING_FINALIZER } from './names.ts';
import { isTracked } from './pods-of-job.ts';

/** Each carries the resourceVersion that was decided on: what has changed since is looked at again, and never counted twice. */

/** It is the Job's, and held until it is counted. */
export function adopt(pod: Pod, job: Job): Operation {
  const owners = [...(pod.metadata.ownerReferences ?? []), ownerReferenceTo(job)];
  const held = [...otherFinalizers(pod), TRACKING_FINALIZER];
  return change(pod, [set('ownerReferences', owners), set('finalizers', held)]);
}

/** It is the Job's no more, and lives on. */
export function release(pod: Pod, job: Job): Operation {
  const owners = (pod.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== job.metadata.uid);
  return change(pod, [set('ownerReferences', owners), ...unhold(pod)]);
}

/** Nothing of ours holds it any more. */
export function letGo(pod: Pod): Operation {
  return change(pod, unhold(pod));
}

/** Deletes it so that nobody counts it. */
export function takeAway(pod: Pod): readonly Operation[] {
  const annotations = { ...pod.metadata.annotations, [podNames.takenAway]: 'true' };
  return [change(pod, [set('annotations', annotations), ...unhold(pod)]), stop(pod)];
}

/** Deletes it, and it is counted once it has ended. */
export function stop(pod: Pod): Operation {
  const { uid = '' } = pod.metadata;
  return { op: 'delete', ref: refOf(pod), options: { preconditions: { uid } } };
}

function otherFinalizers({ metadata }: Pod): readonly string[] {
  return (metadata.finalizers ?? []).filter((finalizer) => finalizer !== TRACKING_FINALIZER);
}

function unhold(pod: Pod): readonly JsonPatchOperation[] {
  if (!isTracked(pod)) return [];
  const others = otherFinalizers(pod);
  return others.length > 0 ? [set('finalizers', others)] : [{ op: 'remove', path: '/metadata/finalizers' }];
}

type Changed = Pick<Pod['metadata'], 'ownerReferences' | 'finalizers' | 'annotations'>;

function set<Field extends keyof Changed>(
  field: Field,
  value: NonNullable<Changed[Field]>,
): JsonPatchOperation {
  return { op: 'add', path: `/metadata/${field}`, value };
}

function change(pod: Pod, operations: readonly JsonPatchOperation[]): Operation {
  const { uid = '', resourceVersion = '' } = pod.metadata;
  return {
    op: 'patch',
    ref: refOf(pod),
    patch: { type: 'json', operations },
    preconditions: { uid, resourceVersion },
  };
}

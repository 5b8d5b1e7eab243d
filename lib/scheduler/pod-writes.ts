import type { Operation } from '../api/client.ts';
import type { EpochMs } from '../base/clock.ts';
import { setCondition } from '../schema/conditions.ts';
import type { JsonPatchOperation } from '../schema/json-patch-operation.ts';
import { SELECTED_NODE } from '../schema/local-volume.ts';
import { type ObjectRef, refOf } from '../schema/object.ts';
import type { PersistentVolumeClaim, Pod, PodStatus } from '../schema/types.gen.ts';
import { type Binding, scheduledStatus, type Unschedulable } from './decide.ts';
import { PREEMPTED } from './preemption/decide-preemption.ts';

/** The node's name and the condition that says so, together. Only for the very pod that was decided on. */
export function bindOperations({ pod, nodeName }: Binding, now: EpochMs): readonly Operation[] {
  const status = scheduledStatus(pod, { bound: true }, now);
  return [
    {
      op: 'patch',
      ref: refOf(pod),
      patch: { type: 'json', operations: [{ op: 'add', path: '/spec/nodeName', value: nodeName }] },
      preconditions: preconditionsOf(pod),
    },
    statusPatch(pod, { ...status, nominatedNodeName: undefined }),
  ];
}

/** The status that says why the pod waits, and for which node. */
export function waitingStatus(
  { pod, reason, message, preemption, keepsNomination }: Unschedulable,
  now: EpochMs,
): PodStatus {
  const status = scheduledStatus(pod, { bound: false, reason, message }, now);
  if (keepsNomination) return status;
  const { nominatedNodeName: _before, ...rest } = status;
  return preemption === null ? rest : { ...rest, nominatedNodeName: preemption.nodeName };
}

export function statusOperations(pod: Pod, status: PodStatus): readonly Operation[] {
  return [{ ...statusPatch(pod, status), preconditions: preconditionsOf(pod) }];
}

/** Conditions and nominated node; all else of the status is the node's to write. */
function statusPatch(pod: Pod, status: PodStatus): Operation & { readonly op: 'patch' } {
  const { conditions = [], nominatedNodeName } = status;
  const operations: JsonPatchOperation[] = [{ op: 'add', path: '/status/conditions', value: conditions }];
  const path = '/status/nominatedNodeName';
  if (nominatedNodeName !== undefined) operations.push({ op: 'add', path, value: nominatedNodeName });
  else if (pod.status?.nominatedNodeName !== undefined) operations.push({ op: 'remove', path });
  return { op: 'patch', ref: refOf(pod), patch: { type: 'json', operations }, subresource: 'status' };
}

/** A pod that has to make room: its condition says why, and it goes with the grace that it asked for. */
export function evictOperations(victim: Pod, now: EpochMs): readonly Operation[] {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: PREEMPTED,
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  } as const;
  const { uid = '' } = victim.metadata;
  const conditions = setCondition(victim.status?.conditions, condition, now);
  return [
    { ...statusPatch(victim, { ...victim.status, conditions }), preconditions: { uid } },
    { op: 'delete', ref: refOf(victim), options: { preconditions: { uid } } },
  ];
}

/** The claim is to have its volume for this node. */
export function selectNodeOperation(claim: PersistentVolumeClaim, nodeName: string): Operation {
  const { uid = '' } = claim.metadata;
  const ref: ObjectRef = refOf(claim);
  return {
    op: 'patch',
    ref,
    patch: { type: 'merge', patch: { metadata: { annotations: { [SELECTED_NODE]: nodeName } } } },
    preconditions: { uid },
  };
}

function preconditionsOf({ metadata: { uid = '', resourceVersion = '' } }: Pod) {
  return { uid, resourceVersion };
}

import { isApiError } from '../../api/api-error.ts';
import type { Operation } from '../../api/client.ts';
import type { Informers } from '../../api/informers.ts';
import { deepEqual } from '../../base/json.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import { type ObjectRef, refOf } from '../../schema/object.ts';
import { controllerOf, ownerReferenceTo } from '../../schema/owner.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '../../schema/types.gen.ts';
import { adoption, release } from '../harness/claim.ts';
import {
  againAt,
  type Context,
  type Controller,
  done,
  type Result,
  watching,
} from '../harness/controller.ts';
import { keyOf } from '../harness/object-key.ts';
import { orphansIn } from '../harness/orphans.ts';
import { slowStartBatches } from '../harness/slow-start.ts';
import { decideReplicaSet, type ReplicaSetAction, withReplicaFailure } from './decide.ts';
import { newPod } from './new-pod.ts';

const REPLICA_SET = { group: 'apps', kind: 'ReplicaSet' } as const;
const POD = { group: '', kind: 'Pod' } as const;

/** Keeps as many pods of a ReplicaSet as it asks for. */
export function replicaSetController(): Controller {
  return {
    name: 'replicaset-controller',
    kind: REPLICA_SET,
    watches: [watching<Pod>(POD, replicaSetsOf)],
    reconcile,
  };
}

/** Its own ReplicaSet; for a pod of nobody, those that would take it. */
function replicaSetsOf(pod: Pod, informers: Informers): readonly string[] {
  const controller = controllerOf(pod);
  const { namespace = '', labels } = pod.metadata;
  if (controller !== undefined) {
    return controller.kind === REPLICA_SET.kind ? [`${namespace}/${controller.name}`] : [];
  }
  return informers
    .of<ReplicaSet>(REPLICA_SET)
    .inNamespace(namespace)
    .filter(({ spec }) => matchesLabelSelector(spec.selector, labels))
    .map(keyOf);
}

async function reconcile(ref: ObjectRef, context: Context): Promise<Result> {
  const replicaSet = context.informers.of<ReplicaSet>(REPLICA_SET).get(ref);
  if (replicaSet === undefined) return done;
  const pods = context.informers.of<Pod>(POD);
  const own = pods.ownedBy(replicaSet.metadata.uid ?? '');
  const decision = decideReplicaSet(
    {
      replicaSet,
      candidates: [...own, ...orphansIn(pods, ref.namespace)],
      related: relatedPods(replicaSet, own, context.informers),
    },
    context.now,
  );
  const { actions, status } = decision;
  if (actions.length === 0 && deepEqual(status, replicaSet.status)) return againAt(decision.requeueAtMs);
  try {
    const updated = await changePods(withStatus(replicaSet, status), actions, context);
    await createPods(updated, createCount(actions), context);
  } catch (failure) {
    // The template is refused. Nothing we watch tells when it would not be (a ServiceAccount may come, a quota be raised).
    if (!isApiError(failure, 'Forbidden', 'Invalid', 'BadRequest')) throw failure;
    await reportFailure(replicaSet, { status, actions, message: failure.message }, context);
    return { is: 'retry' };
  }
  return againAt(decision.requeueAtMs);
}

function relatedPods(replicaSet: ReplicaSet, own: readonly Pod[], informers: Informers): readonly Pod[] {
  const owner = controllerOf(replicaSet);
  if (owner === undefined) return own;
  const pods = informers.of<Pod>(POD);
  const siblings = informers.of<ReplicaSet>(REPLICA_SET).ownedBy(owner.uid);
  return siblings.flatMap(({ metadata }) => pods.ownedBy(metadata.uid ?? ''));
}

function withStatus(replicaSet: ReplicaSet, status: ReplicaSetStatus): ReplicaSet {
  return { ...replicaSet, status };
}

function createCount(actions: readonly ReplicaSetAction[]): number {
  return actions.reduce((sum, action) => sum + (action.do === 'create' ? action.count : 0), 0);
}

/**
 * The status carries the resourceVersion that was decided on: on a ReplicaSet that has changed since, nothing is done at all.
 */
function guard(replicaSet: ReplicaSet): Operation {
  return { op: 'update', object: replicaSet, subresource: 'status' };
}

/** Adopts, releases, deletes and reports, in one transaction. The ReplicaSet as it is then. */
async function changePods(
  replicaSet: ReplicaSet,
  actions: readonly ReplicaSetAction[],
  { client, caller, events }: Context,
): Promise<ReplicaSet> {
  const deleted = actions.flatMap((action) => (action.do === 'delete' ? [action.pod] : []));
  const changes = actions.flatMap((action) => operationOf(action, replicaSet));
  // Before pods that are to come nothing is written on its own: the first batch carries the status.
  if (changes.length === 0 && createCount(actions) > 0) return replicaSet;
  const [updated] = await client.transact([guard(replicaSet), ...changes], caller);
  for (const { metadata } of deleted) {
    events.record(replicaSet, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${metadata.name}`,
    });
  }
  return current(replicaSet, updated);
}

function operationOf(action: ReplicaSetAction, replicaSet: ReplicaSet): readonly Operation[] {
  switch (action.do) {
    case 'adopt':
      return [adoption(action.pod, ownerReferenceTo(replicaSet))];
    case 'release':
      return [release(action.pod, replicaSet.metadata.uid ?? '')];
    case 'delete': {
      const { uid = '' } = action.pod.metadata;
      return [{ op: 'delete', ref: refOf(action.pod), options: { preconditions: { uid } } }];
    }
    case 'create':
      return [];
  }
}

/** CRASH: between two batches the pods of the first are there and owned; the next look creates what is still missing. */
async function createPods(replicaSet: ReplicaSet, count: number, context: Context): Promise<void> {
  const { template } = replicaSet.spec;
  if (template === undefined) return;
  let latest = replicaSet;
  for (const batch of slowStartBatches(count)) {
    const creates = Array.from(
      { length: batch },
      (): Operation => ({ op: 'create', object: newPod(replicaSet, template) }),
    );
    const [updated, ...pods] = await context.client.transact([guard(latest), ...creates], context.caller);
    latest = current(latest, updated);
    for (const pod of pods) {
      const message = `Created pod: ${pod?.metadata.name}`;
      context.events.record(replicaSet, { type: 'Normal', reason: 'SuccessfulCreate', message });
    }
  }
}

/** `before` at the resourceVersion of what a write left. */
function current(
  before: ReplicaSet,
  after: { readonly metadata: ReplicaSet['metadata'] } | null | undefined,
): ReplicaSet {
  return after === null || after === undefined ? before : { ...before, metadata: after.metadata };
}

async function reportFailure(
  replicaSet: ReplicaSet,
  failed: {
    readonly status: ReplicaSetStatus;
    readonly actions: readonly ReplicaSetAction[];
    readonly message: string;
  },
  { client, caller, events, now }: Context,
): Promise<void> {
  const reason = createCount(failed.actions) > 0 ? 'FailedCreate' : 'FailedDelete';
  const message = failed.message;
  const status = withReplicaFailure(failed.status, { reason, message }, { before: replicaSet.status, now });
  const verb = reason === 'FailedCreate' ? 'creating' : 'deleting';
  events.record(replicaSet, { type: 'Warning', reason, message: `Error ${verb}: ${message}` });
  if (deepEqual(status, replicaSet.status)) return;
  // Batches that went well have changed it: without a resourceVersion. Only this controller writes its status.
  const { resourceVersion: _resourceVersion, ...metadata } = replicaSet.metadata;
  await client.update({ ...replicaSet, metadata, status }, caller, { subresource: 'status' });
}

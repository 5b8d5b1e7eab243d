import { isApiError } from '../../api/api-error.ts';
import type { Operation } from '../../api/client.ts';
import type { Informers } from '../../api/informers.ts';
import { deepEqual } from '../../base/json.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import { type KindRef, type KubeObject, type ObjectRef, refOf } from '../../schema/object.ts';
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

const POD = { group: '', kind: 'Pod' } as const;

/** A kind that keeps a number of pods of one template. */
export type ReplicasKind<T extends KubeObject> = {
  /** The controller's name. */
  readonly name: string;
  readonly kind: KindRef;
  /** The object as a ReplicaSet; what names it (apiVersion, kind, metadata) stays its own. */
  readonly asReplicaSet: (object: T) => ReplicaSet;
};

/** Keeps as many pods of an object as it asks for. */
export function replicasController<T extends KubeObject>(of: ReplicasKind<T>): Controller {
  return {
    name: of.name,
    kind: of.kind,
    watches: [watching<Pod>(POD, (pod, informers) => ownersOf(of, pod, informers))],
    reconcile: (ref, context) => reconcile(of, ref, context),
  };
}

/** Its own controller, if that is of the kind; for a pod of nobody, those that would take it. */
function ownersOf<T extends KubeObject>(
  { kind, asReplicaSet }: ReplicasKind<T>,
  pod: Pod,
  informers: Informers,
): readonly string[] {
  const controller = controllerOf(pod);
  const { namespace = '', labels } = pod.metadata;
  if (controller !== undefined) {
    return controller.kind === kind.kind ? [`${namespace}/${controller.name}`] : [];
  }
  return informers
    .of<T>(kind)
    .inNamespace(namespace)
    .filter((object) => matchesLabelSelector(asReplicaSet(object).spec.selector, labels))
    .map(keyOf);
}

async function reconcile<T extends KubeObject>(
  { kind, asReplicaSet }: ReplicasKind<T>,
  ref: ObjectRef,
  context: Context,
): Promise<Result> {
  const object = context.informers.of<T>(kind).get(ref);
  if (object === undefined) return done;
  const replicaSet = asReplicaSet(object);
  const pods = context.informers.of<Pod>(POD);
  const own = pods.ownedBy(replicaSet.metadata.uid ?? '');
  const decision = decideReplicaSet(
    {
      replicaSet,
      candidates: [...own, ...orphansIn(pods, ref.namespace)],
      related: relatedPods(kind, { replicaSet, own }, context.informers),
    },
    context.now,
  );
  const { actions, status } = decision;
  if (actions.length === 0 && deepEqual(status, replicaSet.status)) return againAt(decision.requeueAtMs);
  try {
    const guarded: Guarded = { object, replicaSet, status };
    const updated = await changePods(guarded, actions, context);
    await createPods(updated, createCount(actions), context);
  } catch (failure) {
    // The template is refused. Nothing we watch tells when it would not be (a ServiceAccount may come, a quota be raised).
    if (!isApiError(failure, 'Forbidden', 'Invalid', 'BadRequest')) throw failure;
    await reportFailure({ object, replicaSet, status }, { actions, message: failure.message }, context);
    return { is: 'retry' };
  }
  return againAt(decision.requeueAtMs);
}

/** The pods of all that the same owner controls; its own where it has none. */
function relatedPods(
  kind: KindRef,
  { replicaSet, own }: { readonly replicaSet: ReplicaSet; readonly own: readonly Pod[] },
  informers: Informers,
): readonly Pod[] {
  const owner = controllerOf(replicaSet);
  if (owner === undefined) return own;
  const pods = informers.of<Pod>(POD);
  const siblings = informers.of(kind).ownedBy(owner.uid);
  return siblings.flatMap(({ metadata }) => pods.ownedBy(metadata.uid ?? ''));
}

/** What is written under the resourceVersion that was decided on. */
type Guarded = {
  /** As the API has it: what is written back. */
  readonly object: KubeObject;
  readonly replicaSet: ReplicaSet;
  readonly status: ReplicaSetStatus;
};

function createCount(actions: readonly ReplicaSetAction[]): number {
  return actions.reduce((sum, action) => sum + (action.do === 'create' ? action.count : 0), 0);
}

/** The status carries the resourceVersion that was decided on: on an object that has changed since, nothing is done at all. */
function guard({ object, status }: Guarded): Operation {
  return { op: 'update', object: { ...object, status }, subresource: 'status' };
}

/** Adopts, releases, deletes and reports, in one transaction. The object as it is then. */
async function changePods(
  guarded: Guarded,
  actions: readonly ReplicaSetAction[],
  { client, caller, events }: Context,
): Promise<Guarded> {
  const deleted = actions.flatMap((action) => (action.do === 'delete' ? [action.pod] : []));
  const changes = actions.flatMap((action) => operationOf(action, guarded.replicaSet));
  // Before pods that are to come nothing is written on its own: the first batch carries the status.
  if (changes.length === 0 && createCount(actions) > 0) return guarded;
  const [updated] = await client.transact([guard(guarded), ...changes], caller);
  for (const { metadata } of deleted) {
    const message = `Deleted pod: ${metadata.name}`;
    events.record(guarded.object, { type: 'Normal', reason: 'SuccessfulDelete', message });
  }
  return current(guarded, updated);
}

function operationOf(action: ReplicaSetAction, owner: ReplicaSet): readonly Operation[] {
  switch (action.do) {
    case 'adopt':
      return [adoption(action.pod, ownerReferenceTo(owner))];
    case 'release':
      return [release(action.pod, owner.metadata.uid ?? '')];
    case 'delete': {
      const { uid = '' } = action.pod.metadata;
      return [{ op: 'delete', ref: refOf(action.pod), options: { preconditions: { uid } } }];
    }
    case 'create':
      return [];
  }
}

/** CRASH: between two batches the pods of the first are there and owned; the next look creates what is still missing. */
async function createPods(guarded: Guarded, count: number, context: Context): Promise<void> {
  const { replicaSet } = guarded;
  const { template } = replicaSet.spec;
  if (template === undefined) return;
  let latest = guarded;
  for (const batch of slowStartBatches(count)) {
    const creates = Array.from(
      { length: batch },
      (): Operation => ({ op: 'create', object: newPod(replicaSet, template) }),
    );
    const [updated, ...pods] = await context.client.transact([guard(latest), ...creates], context.caller);
    latest = current(latest, updated);
    for (const pod of pods) {
      const message = `Created pod: ${pod?.metadata.name}`;
      context.events.record(guarded.object, { type: 'Normal', reason: 'SuccessfulCreate', message });
    }
  }
}

/** `before` at the resourceVersion of what a write left. */
function current(before: Guarded, after: KubeObject | null | undefined): Guarded {
  if (after === null || after === undefined) return before;
  return { ...before, object: { ...before.object, metadata: after.metadata } };
}

async function reportFailure(
  { object, replicaSet, status: decided }: Guarded,
  failed: { readonly actions: readonly ReplicaSetAction[]; readonly message: string },
  { client, caller, events, now }: Context,
): Promise<void> {
  const reason = createCount(failed.actions) > 0 ? 'FailedCreate' : 'FailedDelete';
  const message = failed.message;
  const status = withReplicaFailure(decided, { reason, message }, { before: replicaSet.status, now });
  const verb = reason === 'FailedCreate' ? 'creating' : 'deleting';
  events.record(object, { type: 'Warning', reason, message: `Error ${verb}: ${message}` });
  if (deepEqual(status, replicaSet.status)) return;
  // Batches that went well have changed it: without a resourceVersion. Only this controller writes its status.
  const { resourceVersion: _resourceVersion, ...metadata } = object.metadata;
  await client.update({ ...object, metadata, status }, caller, { subresource: 'status' });
}

import { isApiError } from '../../api/api-error.ts';
import type { Operation } from '../../api/client.ts';
import type { Informers } from '../../api/informers.ts';
import { deepEqual } from '../../base/json.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import { type KubeObject, type ObjectRef, refOf } from '../../schema/object.ts';
import { controllerOf, ownerReferenceTo } from '../../schema/owner.ts';
import type { ControllerRevision, DaemonSet, Node, Pod } from '../../schema/types.gen.ts';
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
import { isRevisionAction, type RevisionAction, revisionOperation } from '../revisions/revision-action.ts';
import { type DaemonSetAction, type DaemonSetDecision, decideDaemonSet } from './decide.ts';
import { type FailedPods, failedPods } from './failed-pods.ts';
import { newPod } from './new-pod.ts';
import { nodeChanges } from './node-changes.ts';
import { targetNodeOf } from './target-node.ts';

const DAEMON_SET = { group: 'apps', kind: 'DaemonSet' } as const;
const REVISION = { group: 'apps', kind: 'ControllerRevision' } as const;
const NODE = { group: '', kind: 'Node' } as const;
const POD = { group: '', kind: 'Pod' } as const;

/** Keeps one pod of a DaemonSet on every node it is meant for, and rolls its template out. */
export function daemonSetController(): Controller {
  const failed = failedPods();
  return {
    name: 'daemonset-controller',
    kind: DAEMON_SET,
    watches: [
      watching<Pod>(POD, daemonSetsOf),
      watching<ControllerRevision>(REVISION, daemonSetsOf),
      nodeChanges((informers) => [...informers.of<DaemonSet>(DAEMON_SET).objects.values()].map(keyOf)),
    ],
    reconcile: (ref, context) => reconcile(ref, context, failed),
  };
}

/** Its own DaemonSet; for an object of nobody, those that would take it. */
function daemonSetsOf(object: KubeObject, informers: Informers): readonly string[] {
  const controller = controllerOf(object);
  const { namespace = '', labels } = object.metadata;
  if (controller !== undefined) {
    return controller.kind === DAEMON_SET.kind ? [`${namespace}/${controller.name}`] : [];
  }
  return informers
    .of<DaemonSet>(DAEMON_SET)
    .inNamespace(namespace)
    .filter(({ spec }) => matchesLabelSelector(spec.selector, labels))
    .map(keyOf);
}

async function reconcile(ref: ObjectRef, context: Context, failed: FailedPods): Promise<Result> {
  const { informers, now } = context;
  const daemonSet = informers.of<DaemonSet>(DAEMON_SET).get(ref);
  if (daemonSet === undefined) return done;
  const pods = informers.of<Pod>(POD);
  const revisions = informers.of<ControllerRevision>(REVISION);
  const { uid = '' } = daemonSet.metadata;
  const decision = decideDaemonSet(
    {
      daemonSet,
      nodes: [...informers.of<Node>(NODE).objects.values()],
      candidates: [...pods.ownedBy(uid), ...orphansIn(pods, ref.namespace)],
      revisions: [...revisions.ownedBy(uid), ...orphansIn(revisions, ref.namespace)],
      isRevisionNameTaken: (name) => revisions.get({ namespace: ref.namespace, name }) !== undefined,
      retryAt: (node, hash) => failed.retryAt(backOffKey(uid, hash, node)),
    },
    now,
  );
  const { actions, status, hash } = decision;
  if (actions.length === 0 && deepEqual(status, daemonSet.status)) return againAt(decision.requeueAtMs);
  try {
    await carryOut(daemonSet, decision, context);
  } catch (failure) {
    // The template is refused. Nothing we watch tells when it would not be (a ServiceAccount may come, a quota be raised).
    if (!isApiError(failure, 'Forbidden', 'Invalid', 'BadRequest')) throw failure;
    const message = `Error creating: ${failure.message}`;
    context.events.record(daemonSet, { type: 'Warning', reason: 'FailedCreate', message });
    await reportStatus(daemonSet, decision, context);
    return { is: 'retry' };
  }
  for (const action of actions) {
    if (action.do !== 'delete' || action.because !== 'failed') continue;
    failed.replaced(backOffKey(uid, hash, targetNodeOf(action.pod) ?? ''), now);
  }
  return againAt(decision.requeueAtMs);
}

function backOffKey(uid: string, hash: string, node: string): string {
  return `${uid}/${hash}/${node}`;
}

/**
 * Everything but what is created in one transaction, then the pods in batches. Each carries the status, and with it the
 * resourceVersion that was decided on: on a DaemonSet that has changed since, nothing is done.
 *
 * CRASH: between two of them what is written stands; the next look finds which nodes still lack a pod.
 */
async function carryOut(
  daemonSet: DaemonSet,
  { actions, status, hash }: DaemonSetDecision,
  { client, caller, events }: Context,
): Promise<void> {
  const creates = actions.flatMap((action) => (action.do === 'create' ? [action.node] : []));
  const changes = actions.filter((action) => action.do !== 'create');
  let latest: DaemonSet = { ...daemonSet, status };
  const write = async (operations: readonly Operation[]): Promise<readonly (KubeObject | null)[]> => {
    const guard: Operation = { op: 'update', object: latest, subresource: 'status' };
    const [updated, ...rest] = await client.transact([guard, ...operations], caller);
    if (updated !== null && updated !== undefined) latest = { ...latest, metadata: updated.metadata };
    return rest;
  };
  if (changes.length > 0 || creates.length === 0) {
    await write(changes.map((action) => operationOf(action, daemonSet)));
    for (const action of changes) tellDeletion(action, daemonSet, events);
  }
  let begun = 0;
  for (const batch of slowStartBatches(creates.length)) {
    const nodes = creates.slice(begun, begun + batch);
    begun += batch;
    const pods = await write(
      nodes.map((node): Operation => ({ op: 'create', object: newPod(daemonSet, { node, hash }) })),
    );
    for (const pod of pods) {
      const message = `Created pod: ${pod?.metadata.name}`;
      events.record(daemonSet, { type: 'Normal', reason: 'SuccessfulCreate', message });
    }
  }
}

function operationOf(
  action: Exclude<DaemonSetAction, { do: 'create' }> | RevisionAction,
  daemonSet: DaemonSet,
): Operation {
  if (isRevisionAction(action)) return revisionOperation(action, daemonSet);
  switch (action.do) {
    case 'adopt':
      return adoption(action.pod, ownerReferenceTo(daemonSet));
    case 'release':
      return release(action.pod, daemonSet.metadata.uid ?? '');
    case 'delete': {
      const { uid = '' } = action.pod.metadata;
      return { op: 'delete', ref: refOf(action.pod), options: { preconditions: { uid } } };
    }
  }
}

function tellDeletion(
  action: DaemonSetAction | RevisionAction,
  daemonSet: DaemonSet,
  events: Context['events'],
): void {
  if (action.do !== 'delete') return;
  const { name } = action.pod.metadata;
  const on = `${name} on node ${targetNodeOf(action.pod) ?? ''}`;
  if (action.because === 'failed') {
    const message = `Found failed daemon pod ${on}, will try to kill it`;
    events.record(daemonSet, { type: 'Warning', reason: 'FailedDaemonPod', message });
  }
  if (action.because === 'succeeded') {
    const message = `Found succeeded daemon pod ${on}, will try to delete it`;
    events.record(daemonSet, { type: 'Normal', reason: 'SucceededDaemonPod', message });
  }
  events.record(daemonSet, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` });
}

/** Without a resourceVersion: batches that went well have changed it, and only this controller writes the status. */
async function reportStatus(
  daemonSet: DaemonSet,
  { status }: DaemonSetDecision,
  { client, caller }: Context,
): Promise<void> {
  if (deepEqual(status, daemonSet.status)) return;
  const { resourceVersion: _resourceVersion, ...metadata } = daemonSet.metadata;
  await client.update({ ...daemonSet, metadata, status }, caller, { subresource: 'status' });
}

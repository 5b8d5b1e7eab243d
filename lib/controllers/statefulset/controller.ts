import { isApiError } from '../../api/api-error.ts';
import type { Operation } from '../../api/client.ts';
import type { Informers } from '../../api/informers.ts';
import { deepEqual } from '../../base/json.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import { type KubeObject, type ObjectRef, refOf } from '../../schema/object.ts';
import { controllerOf, ownerReferenceTo } from '../../schema/owner.ts';
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '../../schema/types.gen.ts';
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
import { isRevisionAction, type RevisionAction, revisionOperation } from '../revisions/revision-action.ts';
import type { OwnClaim } from './claim-owners.ts';
import { decideStatefulSet, type StatefulSetAction, type StatefulSetDecision } from './decide.ts';
import { ordinalOf, POD_INDEX_LABEL, POD_NAME_LABEL, podNameOf } from './identity.ts';
import { newClaims, newPod } from './new-pod.ts';

const STATEFUL_SET = { group: 'apps', kind: 'StatefulSet' } as const;
const REVISION = { group: 'apps', kind: 'ControllerRevision' } as const;
const CLAIM = { group: '', kind: 'PersistentVolumeClaim' } as const;
const POD = { group: '', kind: 'Pod' } as const;

/** Keeps the pods of a StatefulSet, each with a name and claims of its own, in their order. */
export function statefulSetController(): Controller {
  return {
    name: 'statefulset-controller',
    kind: STATEFUL_SET,
    watches: [
      watching<Pod>(POD, statefulSetsOf),
      watching<ControllerRevision>(REVISION, statefulSetsOf),
      watching<PersistentVolumeClaim>(CLAIM, statefulSetsOfClaim),
    ],
    reconcile,
  };
}

/** Its own StatefulSet; for an object of nobody, those that would take it. */
function statefulSetsOf(object: KubeObject, informers: Informers): readonly string[] {
  const controller = controllerOf(object);
  const { namespace = '', labels } = object.metadata;
  if (controller !== undefined) {
    return controller.kind === STATEFUL_SET.kind ? [`${namespace}/${controller.name}`] : [];
  }
  return informers
    .of<StatefulSet>(STATEFUL_SET)
    .inNamespace(namespace)
    .filter(({ spec }) => matchesLabelSelector(spec.selector, labels))
    .map(keyOf);
}

/** By its name: whoever would mount it waits until one that goes is gone. */
function statefulSetsOfClaim({ metadata }: PersistentVolumeClaim, informers: Informers): readonly string[] {
  return informers
    .of<StatefulSet>(STATEFUL_SET)
    .inNamespace(metadata.namespace ?? '')
    .filter(({ metadata: { name }, spec }) =>
      spec.volumeClaimTemplates?.some((template) =>
        metadata.name.startsWith(`${template.metadata.name}-${name}-`),
      ),
    )
    .map(keyOf);
}

async function reconcile(ref: ObjectRef, context: Context): Promise<Result> {
  const { informers, now, events } = context;
  const statefulSet = informers.of<StatefulSet>(STATEFUL_SET).get(ref);
  if (statefulSet === undefined) return done;
  const pods = informers.of<Pod>(POD);
  const revisions = informers.of<ControllerRevision>(REVISION);
  const { uid = '' } = statefulSet.metadata;
  const decision = decideStatefulSet(
    {
      statefulSet,
      candidates: [...pods.ownedBy(uid), ...orphansIn(pods, ref.namespace)],
      revisions: [...revisions.ownedBy(uid), ...orphansIn(revisions, ref.namespace)],
      isRevisionNameTaken: (name) => revisions.get({ namespace: ref.namespace, name }) !== undefined,
      claimOf: (name) => informers.of<PersistentVolumeClaim>(CLAIM).get({ namespace: ref.namespace, name }),
    },
    now,
  );
  try {
    await carryOut(statefulSet, decision, context);
  } catch (failure) {
    // Refused, or a pod of its name that is not its own stands in the way. Nothing we watch tells when that is over.
    if (!isApiError(failure, 'Forbidden', 'Invalid', 'BadRequest', 'AlreadyExists')) throw failure;
    events.record(statefulSet, { type: 'Warning', reason: 'FailedCreate', message: failure.message });
    await reportStatus(statefulSet, decision, context);
    return { is: 'retry' };
  }
  return againAt(decision.requeueAtMs);
}

/** One transaction for the whole step; its status write carries the resourceVersion that was decided on. */
async function carryOut(
  statefulSet: StatefulSet,
  decision: StatefulSetDecision,
  { client, caller, events, informers }: Context,
): Promise<void> {
  const { actions, status } = decision;
  if (actions.length === 0 && deepEqual(status, statefulSet.status)) return;
  const guard: Operation = { op: 'update', object: { ...statefulSet, status }, subresource: 'status' };
  const claims = informers.of<PersistentVolumeClaim>(CLAIM);
  const isMissing = ({ metadata: { namespace = '', name } }: PersistentVolumeClaim): boolean =>
    claims.get({ namespace, name }) === undefined;
  const operations = actions.flatMap((action): readonly Operation[] => {
    if (action.do !== 'create') return [operationOf(action, statefulSet)];
    const { ordinal, revision } = action;
    const pod = newPod(statefulSet, { ordinal, revision, template: decision.templateOf(revision) });
    const missing = newClaims(statefulSet, ordinal).filter(isMissing);
    return [...missing, pod].map((object) => ({ op: 'create', object }));
  });
  await client.transact([guard, ...operations], caller);
  for (const action of actions) tell(action, statefulSet, events);
}

function operationOf(
  action: Exclude<StatefulSetAction, { do: 'create' }> | RevisionAction,
  statefulSet: StatefulSet,
): Operation {
  if (isRevisionAction(action)) return revisionOperation(action, statefulSet);
  if (action.do === 'own-claim') return ownClaim(action);
  const { pod } = action;
  switch (action.do) {
    case 'identify':
      return identify(pod, statefulSet);
    case 'adopt':
      return adoption(pod, ownerReferenceTo(statefulSet));
    case 'release':
      return release(pod, statefulSet.metadata.uid ?? '');
    case 'delete':
      return { op: 'delete', ref: refOf(pod), options: { preconditions: { uid: pod.metadata.uid ?? '' } } };
  }
}

/** With the resourceVersion that was decided on. */
function ownClaim({ claim, owners }: OwnClaim): Operation {
  const { apiVersion = 'v1', kind = 'PersistentVolumeClaim', metadata } = claim;
  return {
    op: 'update',
    object: { ...claim, apiVersion, kind, metadata: { ...metadata, ownerReferences: owners } },
  };
}

function identify(pod: Pod, statefulSet: StatefulSet): Operation {
  const { uid = '', name, labels } = pod.metadata;
  const own = { [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: String(ordinalOf(statefulSet, pod)) };
  return {
    op: 'patch',
    ref: refOf(pod),
    patch: {
      type: 'json',
      operations: [{ op: 'add', path: '/metadata/labels', value: { ...labels, ...own } }],
    },
    preconditions: { uid },
  };
}

function tell(
  action: StatefulSetAction | RevisionAction,
  statefulSet: StatefulSet,
  events: Context['events'],
): void {
  const { name } = statefulSet.metadata;
  const note = (reason: string, message: string): void =>
    events.record(statefulSet, { type: 'Normal', reason, message });
  if (action.do === 'create') {
    const pod = podNameOf(statefulSet, action.ordinal);
    note('SuccessfulCreate', `create Pod ${pod} in StatefulSet ${name} successful`);
  } else if (action.do === 'delete') {
    note('SuccessfulDelete', `delete Pod ${action.pod.metadata.name} in StatefulSet ${name} successful`);
  }
}

/** Without a resourceVersion: only this controller writes the status. */
async function reportStatus(
  statefulSet: StatefulSet,
  { status }: StatefulSetDecision,
  { client, caller }: Context,
): Promise<void> {
  if (deepEqual(status, statefulSet.status)) return;
  const { resourceVersion: _resourceVersion, ...metadata } = statefulSet.metadata;
  await client.update({ ...statefulSet, metadata, status }, caller, { subresource: 'status' });
}

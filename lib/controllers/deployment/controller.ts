import type { Operation, Patch } from '../../api/client.ts';
import type { Informers } from '../../api/informers.ts';
import { assertNever } from '../../base/errors.ts';
import { deepEqual } from '../../base/json.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import { type ObjectRef, refOf } from '../../schema/object.ts';
import { controllerOf, ownerReferenceTo } from '../../schema/owner.ts';
import type { Deployment, Pod, ReplicaSet } from '../../schema/types.gen.ts';
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
import { annotations } from './annotations.ts';
import { type DeploymentAction, type DeploymentDecision, decideDeployment } from './decide.ts';

const DEPLOYMENT = { group: 'apps', kind: 'Deployment' } as const;
const REPLICA_SET = { group: 'apps', kind: 'ReplicaSet' } as const;
const POD = { group: '', kind: 'Pod' } as const;

/** Rolls Deployments out through their ReplicaSets. */
export function deploymentController(): Controller {
  return {
    name: 'deployment-controller',
    kind: DEPLOYMENT,
    watches: [
      watching<ReplicaSet>(REPLICA_SET, deploymentsOf),
      // Only a pod that goes can be waited for (by Recreate); what pods are like is told by their ReplicaSets.
      watching<Pod>(POD, (pod, informers) =>
        informers.of<Pod>(POD).get(podRef(pod)) === undefined ? deploymentsOfPod(pod, informers) : [],
      ),
    ],
    reconcile,
  };
}

function podRef({ metadata }: Pod): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

/** Its own Deployment; for a ReplicaSet of nobody, those that would take it. */
function deploymentsOf(replicaSet: ReplicaSet, informers: Informers): readonly string[] {
  const controller = controllerOf(replicaSet);
  const { namespace = '', labels } = replicaSet.metadata;
  if (controller !== undefined) {
    return controller.kind === DEPLOYMENT.kind ? [`${namespace}/${controller.name}`] : [];
  }
  return informers
    .of<Deployment>(DEPLOYMENT)
    .inNamespace(namespace)
    .filter(({ spec }) => matchesLabelSelector(spec.selector, labels))
    .map(keyOf);
}

function deploymentsOfPod(pod: Pod, informers: Informers): readonly string[] {
  const controller = controllerOf(pod);
  if (controller?.kind !== REPLICA_SET.kind) return [];
  const at = { namespace: pod.metadata.namespace ?? '', name: controller.name };
  const replicaSet = informers.of<ReplicaSet>(REPLICA_SET).get(at);
  return replicaSet === undefined ? [] : deploymentsOf(replicaSet, informers);
}

async function reconcile(ref: ObjectRef, context: Context): Promise<Result> {
  const { informers, now, watchingSinceMs } = context;
  const deployment = informers.of<Deployment>(DEPLOYMENT).get(ref);
  if (deployment === undefined) return done;
  const replicaSets = informers.of<ReplicaSet>(REPLICA_SET);
  const pods = informers.of<Pod>(POD);
  const own = replicaSets.ownedBy(deployment.metadata.uid ?? '');
  const decision = decideDeployment(
    {
      deployment,
      candidates: [...own, ...orphansIn(replicaSets, ref.namespace)],
      podsOf: ({ metadata }) => pods.ownedBy(metadata.uid ?? ''),
      isNameTaken: (name) => replicaSets.get({ namespace: ref.namespace, name }) !== undefined,
      watchingSinceMs,
    },
    now,
  );
  await carryOut(deployment, decision, context);
  return againAt(decision.requeueAtMs);
}

/**
 * One transaction for the whole step. Its status write carries the resourceVersion that was decided on, so that of two
 * decisions on the same Deployment only one is carried out, whatever the informers showed.
 */
async function carryOut(
  deployment: Deployment,
  decision: DeploymentDecision,
  { client, caller, events }: Context,
): Promise<void> {
  const { actions, status, notes } = decision;
  if (actions.length === 0 && deepEqual(status, deployment.status)) return;
  const guard: Operation = { op: 'update', object: { ...deployment, status }, subresource: 'status' };
  await client.transact([guard, ...actions.map((action) => operationOf(action, deployment))], caller);
  for (const note of notes) events.record(deployment, note);
}

function operationOf(action: DeploymentAction, deployment: Deployment): Operation {
  switch (action.do) {
    case 'create':
      return { op: 'create', object: action.replicaSet };
    case 'change':
      // With the resourceVersion that was decided on: pods that came or went meanwhile change the arithmetic.
      return { op: 'update', object: action.after };
    case 'delete': {
      const { uid = '', resourceVersion = '' } = action.replicaSet.metadata;
      const options = { preconditions: { uid, resourceVersion } };
      return { op: 'delete', ref: refOf(action.replicaSet), options };
    }
    case 'adopt':
      return adoption(action.replicaSet, ownerReferenceTo(deployment));
    case 'release':
      return release(action.replicaSet, deployment.metadata.uid ?? '');
    case 'set-revision':
      return { op: 'patch', ref: refOf(deployment), patch: revisionPatch(deployment, action.revision) };
    default:
      return assertNever(action);
  }
}

function revisionPatch({ metadata }: Deployment, revision: string): Patch {
  const value = { ...metadata.annotations, [annotations.revision]: revision };
  return { type: 'json', operations: [{ op: 'add', path: '/metadata/annotations', value }] };
}

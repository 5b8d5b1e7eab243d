import { conditionOf } from './conditions.ts';
import type { DaemonSet, Deployment, StatefulSet } from './types.gen.ts';

/** How far a rollout is. `failed`: it will not end by waiting. The texts are those `kubectl rollout status` prints. */
export type RolloutStatus =
  | { readonly state: 'done' | 'waiting'; readonly message: string }
  | {
      readonly state: 'failed';
      readonly code: 'PROGRESS_DEADLINE_EXCEEDED' | 'NOT_ROLLING_UPDATE';
      readonly message: string;
    };

const waiting = (message: string): RolloutStatus => ({ state: 'waiting', message: `${message}...\n` });
const done = (message: string): RolloutStatus => ({ state: 'done', message: `${message}\n` });

/** Of a Deployment, DaemonSet or StatefulSet, as its status has it. Source: kubectl rollout_status. */
export function rolloutStatus(workload: Deployment | DaemonSet | StatefulSet): RolloutStatus {
  switch (workload.kind) {
    case 'Deployment':
      return deploymentStatus(workload as Deployment);
    case 'DaemonSet':
      return daemonSetStatus(workload as DaemonSet);
    default:
      return statefulSetStatus(workload as StatefulSet);
  }
}

/** The controller has seen the spec as it is now. */
function isObserved(workload: Deployment | DaemonSet | StatefulSet): boolean {
  return (workload.metadata.generation ?? 0) <= (workload.status?.observedGeneration ?? 0);
}

function deploymentStatus(deployment: Deployment): RolloutStatus {
  const { status = {} } = deployment;
  const quoted = `"${deployment.metadata.name}"`;
  if (!isObserved(deployment)) return waiting('Waiting for deployment spec update to be observed');
  if (conditionOf(status.conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded')
    return {
      state: 'failed',
      code: 'PROGRESS_DEADLINE_EXCEEDED',
      message: `deployment ${quoted} exceeded its progress deadline`,
    };
  const rollout = `Waiting for deployment ${quoted} rollout to finish:`;
  const { replicas = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = status;
  const wanted = deployment.spec.replicas ?? 0;
  if (updated < wanted)
    return waiting(`${rollout} ${updated} out of ${wanted} new replicas have been updated`);
  if (replicas > updated)
    return waiting(`${rollout} ${replicas - updated} old replicas are pending termination`);
  if (available < updated)
    return waiting(`${rollout} ${available} of ${updated} updated replicas are available`);
  return done(`deployment ${quoted} successfully rolled out`);
}

function notRolling(kind: string, type: string): RolloutStatus {
  return {
    state: 'failed',
    code: 'NOT_ROLLING_UPDATE',
    message: `a ${kind} with update strategy ${type} does not roll out`,
  };
}

function daemonSetStatus(daemonSet: DaemonSet): RolloutStatus {
  const type = daemonSet.spec.updateStrategy?.type ?? 'RollingUpdate';
  if (type !== 'RollingUpdate') return notRolling('DaemonSet', type);
  if (!isObserved(daemonSet)) return waiting('Waiting for daemon set spec update to be observed');
  const quoted = `"${daemonSet.metadata.name}"`;
  const rollout = `Waiting for daemon set ${quoted} rollout to finish:`;
  const wanted = daemonSet.status?.desiredNumberScheduled ?? 0;
  const updated = daemonSet.status?.updatedNumberScheduled ?? 0;
  const available = daemonSet.status?.numberAvailable ?? 0;
  if (updated < wanted) return waiting(`${rollout} ${updated} out of ${wanted} new pods have been updated`);
  if (available < wanted) return waiting(`${rollout} ${available} of ${wanted} updated pods are available`);
  return done(`daemon set ${quoted} successfully rolled out`);
}

function statefulSetStatus(statefulSet: StatefulSet): RolloutStatus {
  const { spec, status } = statefulSet;
  const type = spec.updateStrategy?.type ?? 'RollingUpdate';
  if (type !== 'RollingUpdate') return notRolling('StatefulSet', type);
  if (!isObserved(statefulSet) || (status?.observedGeneration ?? 0) === 0)
    return waiting('Waiting for statefulset spec update to be observed');
  const wanted = spec.replicas ?? 0;
  const {
    readyReplicas: ready = 0,
    updatedReplicas: updated = 0,
    currentReplicas: current = 0,
  } = status ?? {};
  if (ready < wanted) return waiting(`Waiting for ${wanted - ready} pods to be ready`);
  const partition = spec.updateStrategy?.rollingUpdate?.partition;
  if (partition !== undefined) {
    if (updated < wanted - partition)
      return waiting(
        `Waiting for partitioned roll out to finish: ${updated} out of ${wanted - partition} new pods have been updated`,
      );
    return done(`partitioned roll out complete: ${updated} new pods have been updated...`);
  }
  if (status?.updateRevision !== status?.currentRevision)
    return waiting(
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${status?.updateRevision ?? ''}`,
    );
  return done(
    `statefulset rolling update complete ${current} pods at revision ${status?.currentRevision ?? ''}...`,
  );
}

import type { Draft } from '../draft.ts';
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  PersistentVolumeClaim,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../types.gen.ts';
import { defaultPodTemplate } from './pod-defaults.ts';

/** So many failures as never come. */
const NO_LIMIT = 2 ** 31 - 1;

/** Sources: apps/v1 and batch/v1 defaults.go, core/v1 for the ReplicationController. */
export function defaultDeployment({ spec }: Draft<Deployment>): void {
  if (spec === undefined) return;
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ??= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  defaultPodTemplate(spec.template);
}

export function defaultReplicaSet({ spec }: Draft<ReplicaSet>): void {
  if (spec === undefined) return;
  spec.replicas ??= 1;
  defaultPodTemplate(spec.template);
}

export function defaultReplicationController({ metadata, spec }: Draft<ReplicationController>): void {
  if (spec === undefined) return;
  spec.replicas ??= 1;
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined) {
    spec.selector ??= { ...labels };
    metadata.labels ??= { ...labels };
  }
  defaultPodTemplate(spec.template);
}

export function defaultDaemonSet({ spec }: Draft<DaemonSet>): void {
  if (spec === undefined) return;
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  defaultPodTemplate(spec.template);
}

export function defaultStatefulSet({ spec }: Draft<StatefulSet>): void {
  if (spec === undefined) return;
  spec.replicas ??= 1;
  spec.podManagementPolicy ??= 'OrderedReady';
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain';
  spec.revisionHistoryLimit ??= 10;
  spec.volumeClaimTemplates?.forEach(defaultClaim);
  defaultPodTemplate(spec.template);
}

export function defaultClaim(claim: Draft<PersistentVolumeClaim>): void {
  if (claim.spec !== undefined) claim.spec.volumeMode ??= 'Filesystem';
}

export function defaultJob({ metadata, spec }: Draft<Job>): void {
  if (spec === undefined) return;
  // Without completions the Job is a work queue, unless both are left out.
  if (spec.parallelism === undefined) spec.completions ??= 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : NO_LIMIT;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ??= 'True';
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined) metadata.labels ??= { ...labels };
  defaultPodTemplate(spec.template);
}

export function defaultCronJob({ spec }: Draft<CronJob>): void {
  if (spec === undefined) return;
  spec.concurrencyPolicy ??= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  // The Job gets its own defaults when it is made; only its pods have theirs already.
  defaultPodTemplate(spec.jobTemplate?.spec?.template);
}

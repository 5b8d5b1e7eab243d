import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { builtinSchema } from '../schema/builtin-schema.ts';
import type { KubeObject } from '../schema/object.ts';
import { tries } from '../testing/thoroughness.ts';
import { healthOf } from './health.ts';
import { type HealthContext, type HealthState, healthStates, worst } from './health-state.ts';

/** fixtures/health/<name>.yaml: an object, and after it the pods it has. State, reason. */
const expected: Readonly<Record<string, readonly [HealthState, string]>> = {
  'autoscaler-active': ['Healthy', ''],
  'autoscaler-new': ['Progressing', 'Pending'],
  'autoscaler-off': ['Suspended', 'ScalingDisabled'],
  'autoscaler-without-metrics': ['Progressing', 'FailedGetResourceMetric'],
  'autoscaler-without-target': ['Degraded', 'FailedGetScale'],
  'budget-kept': ['Healthy', ''],
  'budget-new': ['Progressing', 'NotCounted'],
  'budget-not-counted': ['Degraded', 'SyncFailed'],
  'budget-short': ['Progressing', 'InsufficientPods'],
  'claim-bound': ['Healthy', ''],
  'claim-growing': ['Progressing', 'Resizing'],
  'claim-lost': ['Degraded', 'Lost'],
  'claim-pending': ['Progressing', 'Pending'],
  'claim-waiting-for-a-pod': ['Suspended', 'WaitForFirstConsumer'],
  'configmap-there': ['Healthy', ''],
  'cronjob-scheduled': ['Healthy', ''],
  'cronjob-suspended': ['Suspended', 'Suspended'],
  'customresource-named-as-a-pod': ['Healthy', 'NotRun'],
  'customresource-not-observed': ['Progressing', 'NotObserved'],
  'customresource-not-ready': ['Progressing', 'Provisioning'],
  'customresource-ready': ['Healthy', ''],
  'customresource-stalled': ['Degraded', 'NoSuchZone'],
  'daemonset-for-no-node': ['Healthy', ''],
  'daemonset-healthy': ['Healthy', ''],
  'daemonset-kept-as-it-is': ['Healthy', ''],
  'daemonset-not-seen-yet': ['Progressing', 'RollingOut'],
  'daemonset-pods-crash': ['Degraded', 'CrashLoopBackOff'],
  'daemonset-rolling-out': ['Progressing', 'RollingOut'],
  'definition-established': ['Healthy', ''],
  'definition-names-taken': ['Degraded', 'KindConflict'],
  'definition-new': ['Progressing', 'NotEstablished'],
  'deployment-cannot-create-pods': ['Degraded', 'FailedCreate'],
  'deployment-deadline-of-before': ['Progressing', 'RollingOut'],
  'deployment-healthy': ['Healthy', ''],
  'deployment-new': ['Progressing', 'RollingOut'],
  'deployment-not-seen-yet': ['Progressing', 'RollingOut'],
  'deployment-of-nonsense': ['Progressing', 'RollingOut'],
  'deployment-old-pods-left': ['Progressing', 'RollingOut'],
  'deployment-past-its-deadline': ['Degraded', 'ProgressDeadlineExceeded'],
  'deployment-paused': ['Suspended', 'DeploymentPaused'],
  'deployment-paused-when-done': ['Healthy', ''],
  'deployment-pods-crash': ['Degraded', 'CrashLoopBackOff'],
  'deployment-rolling-out': ['Progressing', 'RollingOut'],
  'deployment-scaled-to-nothing': ['Healthy', ''],
  'ingress-stored': ['Healthy', 'NotRun'],
  'job-complete': ['Healthy', 'Completed'],
  'job-failed': ['Degraded', 'BackoffLimitExceeded'],
  'job-pods-crash': ['Degraded', 'CreateContainerConfigError'],
  'job-running': ['Progressing', 'Running'],
  'job-suspended': ['Suspended', 'Suspended'],
  'namespace-active': ['Healthy', ''],
  'namespace-kept-by-finalizers': ['Progressing', 'SomeFinalizersRemain'],
  'namespace-stuck': ['Degraded', 'ContentDeletionFailed'],
  'namespace-terminating': ['Progressing', 'Terminating'],
  'node-cordoned': ['Suspended', 'Cordoned'],
  'node-lost': ['Degraded', 'NodeStatusUnknown'],
  'node-new': ['Progressing', 'NotRegistered'],
  'node-ready': ['Healthy', ''],
  'node-short-of-memory': ['Degraded', 'MemoryPressure'],
  'pod-deadline': ['Degraded', 'DeadlineExceeded'],
  'pod-failed': ['Degraded', 'Failed'],
  'pod-gated': ['Suspended', 'SchedulingGated'],
  'pod-image-refused': ['Degraded', 'ErrImageNeverPull'],
  'pod-init-crashes': ['Degraded', 'CrashLoopBackOff'],
  'pod-new': ['Progressing', 'Pending'],
  'pod-not-ready': ['Progressing', 'ContainersNotReady'],
  'pod-ready': ['Healthy', ''],
  'pod-running-to-its-end': ['Progressing', 'Running'],
  'pod-starting': ['Progressing', 'ContainersNotReady'],
  'pod-succeeded': ['Healthy', 'Completed'],
  'pod-terminating': ['Progressing', 'Terminating'],
  'pod-unschedulable': ['Degraded', 'Unschedulable'],
  'pod-waits-for-its-claims': ['Progressing', 'Unschedulable'],
  'quota-exceeded': ['Degraded', 'OverQuota'],
  'quota-kept': ['Healthy', ''],
  'quota-new': ['Progressing', 'NotCounted'],
  'replicaset-cannot-create-pods': ['Degraded', 'FailedCreate'],
  'replicaset-healthy': ['Healthy', ''],
  'replicaset-pods-unschedulable': ['Degraded', 'Unschedulable'],
  'replicaset-scaling': ['Progressing', 'Scaling'],
  'replicationcontroller-scaling': ['Progressing', 'Scaling'],
  'service-answered': ['Healthy', ''],
  'service-by-hand': ['Healthy', ''],
  'service-external': ['Healthy', ''],
  'service-not-listened-at': ['Degraded', 'ListenFailed'],
  'service-without-pods': ['Progressing', 'NoReadyEndpoints'],
  'signing-request-denied': ['Degraded', 'Denied'],
  'signing-request-new': ['Suspended', 'NotApproved'],
  'signing-request-signed': ['Healthy', ''],
  'statefulset-healthy': ['Healthy', ''],
  'statefulset-kept-as-it-is': ['Healthy', ''],
  'statefulset-on-a-lost-node': ['Progressing', 'NodeLost'],
  'statefulset-partitioned': ['Healthy', ''],
  'statefulset-pods-crash': ['Degraded', 'CrashLoopBackOff'],
  'statefulset-rolling-out': ['Progressing', 'RollingOut'],
  'statefulset-waits-for-claims': ['Progressing', 'Unschedulable'],
  'statefulset-scaling-down': ['Progressing', 'RollingOut'],
  'volume-available': ['Healthy', ''],
  'volume-failed': ['Degraded', 'Failed'],
};

const root = join(import.meta.dirname, '../../fixtures/health');
const schema = builtinSchema();

function contextOf(pods: readonly KubeObject[]): HealthContext {
  return {
    now: 0,
    podsOf: () => pods,
    readyEndpoints: ({ spec }) => (JSON.stringify(spec).includes('nobody') ? 0 : 2),
    runs: (object) => schema.kindOf(object.apiVersion, object.kind)?.runs ?? false,
    waitsForConsumer: ({ spec }) => JSON.stringify(spec ?? {}).includes('when-used'),
    custom: ({ apiVersion }) => apiVersion === 'example.com/v1',
  };
}

test('every fixture is expected to be something, and every expectation has one', (t) => {
  const files = readdirSync(root).map((file) => file.replace('.yaml', ''));
  t.deepEqual(files.sort(), Object.keys(expected).sort());
});

for (const [name, [state, reason]] of Object.entries(expected)) {
  test(`fixtures/health/${name} is ${state}`, (t) => {
    const [object, ...pods] = loadAll(
      readFileSync(join(root, `${name}.yaml`), 'utf8'),
    ) as readonly KubeObject[];
    t.assert(object !== undefined);
    if (object === undefined) return;
    const health = healthOf(object, contextOf(pods));
    t.deepEqual([health.state, health.reason], [state, reason]);
    if (state !== 'Healthy') t.not(health.message, '', 'what is not healthy says why');
  });
}

test('what a pod says of its trouble is in the workload that has it', (t) => {
  const [object, ...pods] = loadAll(
    readFileSync(join(root, 'deployment-pods-crash.yaml'), 'utf8'),
  ) as readonly KubeObject[];
  const message = object === undefined ? '' : healthOf(object, contextOf(pods)).message;
  for (const part of ['web-1', 'container web', '4 restarts']) t.true(message.includes(part), message);
});

test('whatever an object says, it has a health', (t) => {
  const kinds = fc.constantFrom(
    'Pod',
    'Deployment',
    'ReplicaSet',
    'Job',
    'CronJob',
    'Service',
    'Namespace',
    'HorizontalPodAutoscaler',
    'PersistentVolumeClaim',
    'ResourceQuota',
    'Node',
    'PodDisruptionBudget',
    'CustomResourceDefinition',
    'Widget',
  );
  const versions = fc.constantFrom(
    'v1',
    'apps/v1',
    'batch/v1',
    'autoscaling/v2',
    'policy/v1',
    'apiextensions.k8s.io/v1',
    'example.com/v1',
  );
  const anything = fc.jsonValue();
  fc.assert(
    fc.property(
      kinds,
      versions,
      anything,
      anything,
      fc.array(anything),
      (kind, apiVersion, spec, status, conditions) => {
        for (const said of [status, { conditions, containerStatuses: conditions, phase: status }]) {
          const object = { apiVersion, kind, metadata: { name: 'a' }, spec, status: said } as KubeObject;
          t.true(healthStates.includes(healthOf(object, contextOf([object])).state));
        }
      },
    ),
    { numRuns: tries(300) },
  );
});

test('the worst of many decides', (t) => {
  t.is(worst([]), 'Healthy');
  t.is(worst(['Healthy', 'Progressing', 'Suspended']), 'Progressing');
  t.is(worst(['Missing', 'Degraded', 'Healthy']), 'Degraded');
});

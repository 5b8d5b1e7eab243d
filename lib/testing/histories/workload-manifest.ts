import { BEHAVIOUR_ANNOTATION } from '../../runtime/simulated/simulated-behaviour.ts';
import type { Workload } from './history.ts';

/** A workload as a file of the repository, with its budget. JSON is YAML. */
export function workloadManifest(workload: Workload): string {
  const documents = [objectOf(workload), ...budgetOf(workload)];
  return documents.map((document) => JSON.stringify(document)).join('\n---\n');
}

function objectOf(workload: Workload): object {
  const { kind, name } = workload;
  const metadata = { name, namespace: 'default' };
  const selector = { matchLabels: { app: name } };
  const template = templateOf(workload);
  switch (kind) {
    case 'Deployment': {
      const { replicas, rolling, minReadySeconds } = workload;
      const strategy =
        rolling === null ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate: rolling };
      const spec = {
        replicas,
        selector,
        template,
        strategy,
        minReadySeconds,
        progressDeadlineSeconds: 3_600,
      };
      return { apiVersion: 'apps/v1', kind, metadata, spec };
    }
    case 'StatefulSet': {
      const { replicas, partition } = workload;
      const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition } };
      const podManagementPolicy = workload.parallel ? 'Parallel' : 'OrderedReady';
      const spec = { serviceName: name, replicas, selector, template, updateStrategy, podManagementPolicy };
      return { apiVersion: 'apps/v1', kind, metadata, spec };
    }
    case 'DaemonSet':
      return { apiVersion: 'apps/v1', kind, metadata, spec: { selector, template } };
    case 'Job': {
      const { completions, parallelism, indexed } = workload;
      const completionMode = indexed ? 'Indexed' : 'NonIndexed';
      const spec = { completions, parallelism, completionMode, backoffLimit: 4, template };
      return { apiVersion: 'batch/v1', kind, metadata, spec };
    }
  }
}

function templateOf(workload: Workload): object {
  const { kind, name, program, cpuMillis } = workload;
  const version = 'version' in workload ? `${workload.version}` : '';
  const probe = { readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1 } };
  return {
    metadata: { labels: { app: name }, annotations: { [BEHAVIOUR_ANNOTATION]: JSON.stringify(program) } },
    spec: {
      restartPolicy: kind === 'Job' ? 'Never' : 'Always',
      terminationGracePeriodSeconds: 3,
      containers: [
        {
          ...{ name: 'main', image: 'host', env: [{ name: 'VERSION', value: version }] },
          resources: { requests: { cpu: `${cpuMillis}m` } },
          ...(kind === 'Job' ? {} : probe),
        },
      ],
    },
  };
}

function budgetOf(workload: Workload): readonly object[] {
  if (!('minAvailable' in workload) || workload.minAvailable === null) return [];
  const { name, minAvailable } = workload;
  const spec = { minAvailable, selector: { matchLabels: { app: name } } };
  return [
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace: 'default' }, spec },
  ];
}

import test from 'ava';
import fc from 'fast-check';
import type { JsonObject } from '../base/json.ts';
import { arbitraryObject } from '../testing/arbitrary-object.ts';
import { tries } from '../testing/thoroughness.ts';
import { builtinSchema } from './builtin-schema.ts';
import { checkRules } from './check-rules.ts';
import { checkShape } from './check-shape.ts';
import { applyDefaults } from './defaults.ts';
import { fieldPathText } from './finding.ts';
import type { KubeObject } from './object.ts';
import { rules } from './rules.ts';

const schema = builtinSchema();
const container = { name: 'web', image: 'host' };
const metadata = { name: 'web' };

function make(apiVersion: string, kind: string, rest: JsonObject): JsonObject {
  return { apiVersion, kind, metadata, ...rest };
}
const pod = (spec: JsonObject) => make('v1', 'Pod', { spec: { containers: [container], ...spec } });
const one = (fields: JsonObject) => pod({ containers: [{ ...container, ...fields }] });
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };
const selector = { matchLabels: { app: 'web' } };
const deployment = (spec: JsonObject) =>
  make('apps/v1', 'Deployment', { spec: { selector, template, ...spec } });
const ending = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
const job = (spec: JsonObject) => make('batch/v1', 'Job', { spec: { template: ending, ...spec } });
const indexed = { completionMode: 'Indexed', completions: 3 };
const ends = (restartPolicy: string): JsonObject => ({ ...ending, spec: { ...ending.spec, restartPolicy } });
const cronJob = (spec: JsonObject) =>
  make('batch/v1', 'CronJob', {
    spec: { schedule: '@hourly', jobTemplate: { spec: { template: ending } }, ...spec },
  });
const service = (spec: JsonObject) => make('v1', 'Service', { spec: { ports: [{ port: 80 }], ...spec } });
const autoscaler = (spec: JsonObject) =>
  make('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' }, ...spec },
  });
const named = (kind: string, name: string, apiVersion = 'v1') =>
  make(apiVersion, kind, { metadata: { name } });

type Case = { object: JsonObject; expected: readonly (readonly [string, string])[] };
const cases: Record<string, Case> = {
  'a good Pod': { object: pod({}), expected: [] },
  'a good Deployment': { object: deployment({}), expected: [] },
  'a good Job': { object: job({}), expected: [] },
  'a good CronJob': { object: cronJob({}), expected: [] },
  'a good Service': { object: service({}), expected: [] },
  'a good autoscaler': { object: autoscaler({}), expected: [] },
  // Names and labels.
  'capitals in a name': { object: named('ConfigMap', 'Web'), expected: [['invalid-name', 'metadata.name']] },
  'a Service that begins with a digit': {
    object: make('v1', 'Service', { metadata: { name: '1web' }, spec: { ports: [{ port: 80 }] } }),
    expected: [['invalid-name', 'metadata.name']],
  },
  'a Role may be called almost anything': {
    object: named('Role', 'system:Web', 'rbac.authorization.k8s.io/v1'),
    expected: [],
  },
  'a dotted Namespace': { object: named('Namespace', 'a.b'), expected: [['invalid-name', 'metadata.name']] },
  'a CronJob whose Jobs would have too long a name': {
    object: { ...cronJob({}), metadata: { name: 'a'.repeat(53) } },
    expected: [['invalid-name', 'metadata.name']],
  },
  'a prefix that ends in a dash': {
    object: make('v1', 'ConfigMap', { metadata: { generateName: 'a-' } }),
    expected: [],
  },
  'a namespace for what has none': {
    object: make('v1', 'Namespace', { metadata: { name: 'a', namespace: 'b' } }),
    expected: [['wrong-scope', 'metadata.namespace']],
  },
  'bad labels and annotations': {
    object: make('v1', 'ConfigMap', {
      metadata: { name: 'a', labels: { 'a b': 'x', c: '-' }, annotations: { '/x': 'anything at all' } },
    }),
    expected: [
      ['invalid-label', 'metadata.labels[a b]'],
      ['invalid-label', 'metadata.labels.c'],
      ['invalid-annotation', 'metadata.annotations[/x]'],
    ],
  },
  'annotations beyond 256 KiB': {
    object: make('v1', 'ConfigMap', { metadata: { name: 'a', annotations: { a: 'x'.repeat(262_144) } } }),
    expected: [['too-large', 'metadata.annotations']],
  },
  // Pods.
  'no image': {
    object: pod({ containers: [{ name: 'a' }] }),
    expected: [['missing-field', 'spec.containers[0].image']],
  },
  'blanks in an image': {
    object: one({ image: 'nginx latest' }),
    expected: [['invalid-image', 'spec.containers[0].image']],
  },
  'two containers of one name': {
    object: pod({ containers: [container, container], initContainers: [container] }),
    expected: [
      ['duplicate-entry', 'spec.containers[0].name'],
      ['duplicate-entry', 'spec.containers[1].name'],
      ['duplicate-entry', 'spec.containers[1]'],
    ],
  },
  'a mount of no volume': {
    object: one({ volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
    expected: [['unknown-volume', 'spec.containers[0].volumeMounts[0].name']],
  },
  'a mount of a claim template': {
    object: {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: {
            containers: [
              {
                ...container,
                volumeMounts: [
                  { name: 'data', mountPath: '/data' },
                  { name: 'none', mountPath: '/none' },
                ],
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    },
    expected: [['unknown-volume', 'spec.template.spec.containers[0].volumeMounts[1].name']],
  },
  'two mounts at one path': {
    object: pod({
      volumes: [{ name: 'a', emptyDir: {} }],
      containers: [
        {
          ...container,
          volumeMounts: [
            { name: 'a', mountPath: '/x' },
            { name: 'a', mountPath: '/x' },
          ],
        },
      ],
    }),
    expected: [['duplicate-entry', 'spec.containers[0].volumeMounts[1]']],
  },
  'a volume of two sources, and a second of its name': {
    object: pod({ volumes: [{ name: 'a', emptyDir: {}, hostPath: { path: '/../x' } }, { name: 'a' }] }),
    expected: [
      ['one-of', 'spec.volumes[0]'],
      ['invalid-path', 'spec.volumes[0].hostPath.path'],
      ['duplicate-entry', 'spec.volumes[1]'],
    ],
  },
  'sub paths and items that lead out': {
    object: pod({
      volumes: [{ name: 'a', configMap: { name: 'c', items: [{ key: 'k', path: '../x' }] } }],
      containers: [{ ...container, volumeMounts: [{ name: 'a', mountPath: '/x', subPath: '../y' }] }],
    }),
    expected: [
      ['invalid-path', 'spec.containers[0].volumeMounts[0].subPath'],
      ['invalid-path', 'spec.volumes[0].configMap.items[0].path'],
    ],
  },
  'ports out of range, of one name': {
    object: one({
      ports: [
        { containerPort: 70000, name: 'a' },
        { containerPort: 1, name: 'a' },
        { containerPort: 2, name: 'A_' },
      ],
    }),
    expected: [
      ['invalid-port', 'spec.containers[0].ports[0].containerPort'],
      ['duplicate-entry', 'spec.containers[0].ports[1].name'],
      ['invalid-port', 'spec.containers[0].ports[2].name'],
    ],
  },
  'a variable set twice only warns': {
    object: one({
      env: [
        { name: 'A', value: 'x' },
        { name: 'A', value: 'y' },
      ],
    }),
    expected: [['duplicate-entry', 'spec.containers[0].env[1]']],
  },
  'variables from two places, from none, and badly named': {
    object: one({
      env: [
        { name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'B', valueFrom: {} },
        { name: 'C=D', value: 'x' },
        { name: 'E', valueFrom: { fieldRef: { fieldPath: 'spec.nodename' } } },
      ],
      envFrom: [{}],
    }),
    expected: [
      ['conflicting-fields', 'spec.containers[0].env[0].valueFrom'],
      ['one-of', 'spec.containers[0].env[1].valueFrom'],
      ['invalid-env', 'spec.containers[0].env[2].name'],
      ['invalid-env', 'spec.containers[0].env[3].valueFrom.fieldRef.fieldPath'],
      ['one-of', 'spec.containers[0].envFrom[0]'],
    ],
  },
  'requests over limits, negative amounts, unknown resources': {
    object: one({
      resources: { limits: { cpu: '500m', memory: '-1' }, requests: { cpu: 1, disk: '1Gi' } },
    }),
    expected: [
      ['out-of-range', 'spec.containers[0].resources.limits.memory'],
      ['invalid-resource', 'spec.containers[0].resources.requests.disk'],
      ['requests-over-limits', 'spec.containers[0].resources.requests.cpu'],
    ],
  },
  'equal requests and limits in other words': {
    object: one({
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1024Mi' } },
    }),
    expected: [],
  },
  'probes that cannot work': {
    object: one({
      livenessProbe: { successThreshold: 2, httpGet: { port: 0 } },
      readinessProbe: { periodSeconds: -1, tcpSocket: { port: '8080' }, terminationGracePeriodSeconds: 1 },
      startupProbe: {},
      lifecycle: { preStop: { exec: {} } },
    }),
    expected: [
      ['invalid-probe', 'spec.containers[0].livenessProbe.successThreshold'],
      ['invalid-port', 'spec.containers[0].livenessProbe.httpGet.port'],
      ['out-of-range', 'spec.containers[0].readinessProbe.periodSeconds'],
      ['invalid-probe', 'spec.containers[0].readinessProbe.terminationGracePeriodSeconds'],
      ['invalid-port', 'spec.containers[0].readinessProbe.tcpSocket.port'],
      ['one-of', 'spec.containers[0].startupProbe'],
      ['missing-field', 'spec.containers[0].lifecycle.preStop.exec.command'],
    ],
  },
  'probes and hooks of an init container': {
    object: pod({
      initContainers: [
        { name: 'i', image: 'host', lifecycle: {} },
        {
          name: 's',
          image: 'host',
          restartPolicy: 'Always',
          readinessProbe: { exec: { command: ['true'] } },
        },
      ],
    }),
    expected: [['conflicting-fields', 'spec.initContainers[0].lifecycle']],
  },
  'times of a pod': {
    object: pod({ activeDeadlineSeconds: 0, terminationGracePeriodSeconds: -1 }),
    expected: [
      ['out-of-range', 'spec.activeDeadlineSeconds'],
      ['out-of-range', 'spec.terminationGracePeriodSeconds'],
    ],
  },
  tolerations: {
    object: pod({
      tolerations: [
        { operator: 'Exists' },
        { key: 'a', operator: 'Exists', value: 'x' },
        { operator: 'Equal' },
        { key: 'a', tolerationSeconds: 1 },
      ],
    }),
    expected: [
      ['conflicting-fields', 'spec.tolerations[1].value'],
      ['missing-field', 'spec.tolerations[2].key'],
      ['conflicting-fields', 'spec.tolerations[3].tolerationSeconds'],
    ],
  },
  affinity: {
    object: pod({
      affinity: {
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }] },
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a b' }] },
      },
    }),
    expected: [
      [
        'out-of-range',
        'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight',
      ],
      [
        'invalid-key',
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey',
      ],
    ],
  },
  // Workloads.
  'a selector that does not select': {
    object: deployment({ selector: { matchLabels: { app: 'api' } } }),
    expected: [['selector-mismatch', 'spec.selector']],
  },
  'an empty selector': {
    object: deployment({ selector: {} }),
    expected: [['invalid-selector', 'spec.selector']],
  },
  'a requirement without values': {
    object: deployment({ selector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }),
    expected: [['invalid-selector', 'spec.selector.matchExpressions[0]']],
  },
  'numbers of a Deployment': {
    object: deployment({ replicas: -1, minReadySeconds: 700, revisionHistoryLimit: -1 }),
    expected: [
      ['out-of-range', 'spec.replicas'],
      ['out-of-range', 'spec.revisionHistoryLimit'],
      ['out-of-range', 'spec.progressDeadlineSeconds'],
    ],
  },
  'a strategy that cannot move': {
    object: deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }),
    expected: [['invalid-strategy', 'spec.strategy.rollingUpdate.maxUnavailable']],
  },
  'a strategy of both sorts, and amounts that are none': {
    object: deployment({ strategy: { type: 'Recreate', rollingUpdate: {} } }),
    expected: [['invalid-strategy', 'spec.strategy.rollingUpdate']],
  },
  'amounts that are none': {
    object: deployment({ strategy: { rollingUpdate: { maxSurge: '1', maxUnavailable: '200%' } } }),
    expected: [
      ['invalid-strategy', 'spec.strategy.rollingUpdate.maxSurge'],
      ['out-of-range', 'spec.strategy.rollingUpdate.maxUnavailable'],
    ],
  },
  'a Deployment whose pods end': {
    object: deployment({ template: ending }),
    expected: [['invalid-restart-policy', 'spec.template.spec.restartPolicy']],
  },
  'a DaemonSet that surges and lacks': {
    object: make('apps/v1', 'DaemonSet', {
      spec: { selector, template, updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
    }),
    expected: [['invalid-strategy', 'spec.updateStrategy.rollingUpdate.maxSurge']],
  },
  // Jobs.
  'a Job whose pods never end': {
    object: job({ template }),
    expected: [['invalid-restart-policy', 'spec.template.spec.restartPolicy']],
  },
  'numbers of a Job': {
    object: job({
      parallelism: -1,
      backoffLimit: -2,
      completions: -3,
      ttlSecondsAfterFinished: -4,
      activeDeadlineSeconds: -5,
    }),
    expected: [
      ['out-of-range', 'spec.parallelism'],
      ['out-of-range', 'spec.completions'],
      ['out-of-range', 'spec.backoffLimit'],
      ['out-of-range', 'spec.ttlSecondsAfterFinished'],
      ['out-of-range', 'spec.activeDeadlineSeconds'],
    ],
  },
  'an indexed Job without an end': {
    object: job({ completionMode: 'Indexed', parallelism: 2 }),
    expected: [['missing-field', 'spec.completions']],
  },
  'an indexed Job of one': { object: job({ completionMode: 'Indexed' }), expected: [] },
  'limits per index without indexes': {
    object: job({ backoffLimitPerIndex: 1 }),
    expected: [['conflicting-fields', 'spec.backoffLimitPerIndex']],
  },
  'limits per index of pods that are restarted in place': {
    object: job({ ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 4, template: ends('OnFailure') }),
    expected: [
      ['invalid-restart-policy', 'spec.template.spec.restartPolicy'],
      ['out-of-range', 'spec.maxFailedIndexes'],
    ],
  },
  'failed indexes that nothing counts': {
    object: job({ ...indexed, maxFailedIndexes: 1 }),
    expected: [['missing-field', 'spec.backoffLimitPerIndex']],
  },
  'exit codes of a failure policy': {
    object: job({
      template: ends('Never'),
      podFailurePolicy: {
        rules: [
          { action: 'Count', onExitCodes: { operator: 'NotIn', values: [] } },
          { action: 'Count', onExitCodes: { operator: 'NotIn', values: [2, 1] } },
          { action: 'Count', onExitCodes: { operator: 'NotIn', values: [1, 1], containerName: 'none' } },
          { action: 'Count', onExitCodes: { operator: 'In', values: [1, 42] } },
        ],
      },
    }),
    expected: [
      ['missing-field', 'spec.podFailurePolicy.rules[0].onExitCodes.values'],
      ['out-of-range', 'spec.podFailurePolicy.rules[1].onExitCodes.values'],
      ['duplicate-entry', 'spec.podFailurePolicy.rules[2].onExitCodes.values'],
      ['unknown-container', 'spec.podFailurePolicy.rules[2].onExitCodes.containerName'],
    ],
  },
  'a success policy without rules': {
    object: job({ ...indexed, successPolicy: { rules: [] } }),
    expected: [['missing-field', 'spec.successPolicy.rules']],
  },
  'rules of a success policy': {
    object: job({
      ...indexed,
      successPolicy: {
        rules: [
          {},
          { succeededIndexes: '0,2' },
          { succeededIndexes: '0-1', succeededCount: 3 },
          { succeededIndexes: '2,1' },
          { succeededIndexes: '1-3' },
          { succeededIndexes: 'a' },
          { succeededCount: 4 },
          { succeededCount: 3 },
        ],
      },
    }),
    expected: [
      ['one-of', 'spec.successPolicy.rules[0]'],
      ['out-of-range', 'spec.successPolicy.rules[2].succeededCount'],
      ['out-of-range', 'spec.successPolicy.rules[3].succeededIndexes'],
      ['out-of-range', 'spec.successPolicy.rules[4].succeededIndexes'],
      ['out-of-range', 'spec.successPolicy.rules[5].succeededIndexes'],
      ['out-of-range', 'spec.successPolicy.rules[6].succeededCount'],
    ],
  },
  'a Job that somebody else manages': {
    object: job({ managedBy: 'example.com/controller' }),
    expected: [],
  },
  'a manager that is no name': {
    object: job({ managedBy: 'me' }),
    expected: [['invalid-name', 'spec.managedBy']],
  },
  'an indexed Job whose pods get no host names': {
    object: { ...job(indexed), metadata: { name: 'a'.repeat(62) } },
    expected: [['invalid-name', 'metadata.name']],
  },
  'a schedule that is none': {
    object: cronJob({ schedule: '61 * * * *' }),
    expected: [['invalid-schedule', 'spec.schedule']],
  },
  'a schedule of six fields': {
    object: cronJob({ schedule: '* * * * * *' }),
    expected: [['invalid-schedule', 'spec.schedule']],
  },
  'a zone in the schedule': {
    object: cronJob({ schedule: 'TZ=Europe/Berlin 0 4 * * *' }),
    expected: [['invalid-schedule', 'spec.schedule']],
  },
  'a zone nobody knows': {
    object: cronJob({ timeZone: 'Europe/Berln' }),
    expected: [['invalid-time-zone', 'spec.timeZone']],
  },
  // Services and autoscalers.
  'a Service without ports': { object: service({ ports: [] }), expected: [['missing-field', 'spec.ports']] },
  'a headless Service needs none': { object: service({ ports: [], clusterIP: 'None' }), expected: [] },
  'several ports without names, twice the same': {
    object: service({ ports: [{ port: 80 }, { port: 80, name: 'b', targetPort: '80' }] }),
    expected: [
      ['missing-field', 'spec.ports[0].name'],
      ['invalid-port', 'spec.ports[1].targetPort'],
      ['duplicate-entry', 'spec.ports[1]'],
    ],
  },
  'the same port over two protocols': {
    object: service({
      ports: [
        { port: 53, name: 'a' },
        { port: 53, name: 'b', protocol: 'UDP' },
      ],
    }),
    expected: [],
  },
  'a node port out of range, and one on a ClusterIP': {
    object: service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
    expected: [['invalid-port', 'spec.ports[0].nodePort']],
  },
  'a node port on a ClusterIP Service': {
    object: service({ ports: [{ port: 80, nodePort: 30080 }] }),
    expected: [['invalid-service', 'spec.ports[0].nodePort']],
  },
  'an address that is none': {
    object: service({ clusterIP: '10.0.0' }),
    expected: [['invalid-address', 'spec.clusterIP']],
  },
  'an ExternalName without a name': {
    object: service({ type: 'ExternalName', ports: [] }),
    expected: [['missing-field', 'spec.externalName']],
  },
  'more at least than at most': {
    object: autoscaler({ minReplicas: 5 }),
    expected: [['out-of-range', 'spec.minReplicas']],
  },
  'metrics that are not whole': {
    object: autoscaler({
      metrics: [
        { type: 'Resource' },
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Value', value: '1' } } },
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } },
        },
        { type: 'Pods', pods: { metric: { name: 'x' }, target: { type: 'AverageValue' } } },
      ],
    }),
    expected: [
      ['invalid-metric', 'spec.metrics[0]'],
      ['invalid-metric', 'spec.metrics[1].resource.target.type'],
      ['invalid-metric', 'spec.metrics[2].resource.target.averageUtilization'],
      ['invalid-metric', 'spec.metrics[3].pods.target'],
    ],
  },
  'behaviour out of range': {
    object: autoscaler({
      behavior: {
        scaleDown: {
          stabilizationWindowSeconds: 4000,
          policies: [{ type: 'Pods', value: 0, periodSeconds: 2000 }],
        },
      },
    }),
    expected: [
      ['out-of-range', 'spec.behavior.scaleDown.stabilizationWindowSeconds'],
      ['out-of-range', 'spec.behavior.scaleDown.policies[0].value'],
      ['out-of-range', 'spec.behavior.scaleDown.policies[0].periodSeconds'],
    ],
  },
  // Configuration.
  'keys that are no file names': {
    object: make('v1', 'ConfigMap', { data: { 'a/b': 'x', '..': 'y', ok: 'z' }, binaryData: { ok: 'AAAA' } }),
    expected: [
      ['invalid-key', 'data[a/b]'],
      ['invalid-key', 'data[..]'],
      ['duplicate-entry', 'binaryData.ok'],
    ],
  },
  'more than a mebibyte': {
    object: make('v1', 'ConfigMap', { data: { a: 'x'.repeat(1_048_577) } }),
    expected: [['too-large', 'data']],
  },
  'a TLS Secret without its key': {
    object: make('v1', 'Secret', { type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x' } }),
    expected: [['invalid-secret', 'data[tls.key]']],
  },
  'a budget of both sorts': {
    object: make('policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: 1, maxUnavailable: '200%' } }),
    expected: [
      ['conflicting-fields', 'spec.maxUnavailable'],
      ['out-of-range', 'spec.maxUnavailable'],
    ],
  },
  'a quota whose scopes exclude each other': {
    object: make('v1', 'ResourceQuota', {
      spec: { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
    }),
    expected: [['conflicting-fields', 'spec.scopes']],
  },
  'a quota of what its scope cannot be said of': {
    object: make('v1', 'ResourceQuota', { spec: { hard: { cpu: '1' }, scopes: ['BestEffort'] } }),
    expected: [['invalid-resource', 'spec.scopes']],
  },
  'a quota with scopes': {
    object: make('v1', 'ResourceQuota', {
      spec: { hard: { pods: '1', 'requests.cpu': '1' }, scopes: ['NotTerminating', 'NotBestEffort'] },
    }),
    expected: [],
  },
  'expressions of a quota': {
    object: make('v1', 'ResourceQuota', {
      spec: {
        hard: { pods: '1' },
        scopeSelector: {
          matchExpressions: [
            { scopeName: 'Terminating', operator: 'In', values: ['a'] },
            { scopeName: 'PriorityClass', operator: 'In' },
            { scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] },
            { scopeName: 'PriorityClass', operator: 'NotIn', values: ['a'] },
          ],
        },
      },
    }),
    expected: [
      ['invalid-selector', 'spec.scopeSelector.matchExpressions[0].operator'],
      ['invalid-selector', 'spec.scopeSelector.matchExpressions[1].values'],
      ['invalid-selector', 'spec.scopeSelector.matchExpressions[2].values'],
    ],
  },
  'limits in order': {
    object: make('v1', 'LimitRange', {
      spec: {
        limits: [
          {
            type: 'Container',
            min: { cpu: '100m' },
            defaultRequest: { cpu: '200m' },
            default: { cpu: '500m' },
            max: { cpu: '1' },
            maxLimitRequestRatio: { cpu: '10' },
          },
          { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
        ],
      },
    }),
    expected: [],
  },
  'limits out of order': {
    object: make('v1', 'LimitRange', {
      spec: {
        limits: [
          { type: 'Container', min: { cpu: '2' }, max: { memory: '1Gi' }, defaultRequest: { memory: '2Gi' } },
          { type: 'Container', default: { cpu: '1' }, maxLimitRequestRatio: { memory: '500m' } },
          { type: 'Pod', default: { cpu: '1' } },
          { type: 'PersistentVolumeClaim', min: { cpu: '1' } },
        ],
      },
    }),
    expected: [
      ['duplicate-entry', 'spec.limits[1].type'],
      ['out-of-range', 'spec.limits[0].defaultRequest.memory'],
      ['out-of-range', 'spec.limits[0].defaultRequest.memory'],
      ['out-of-range', 'spec.limits[1].maxLimitRequestRatio.memory'],
      ['conflicting-fields', 'spec.limits[2].default'],
      ['missing-field', 'spec.limits[3]'],
    ],
  },
  'a ratio that no pod can have': {
    object: make('v1', 'LimitRange', {
      spec: {
        limits: [{ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }],
      },
    }),
    expected: [['out-of-range', 'spec.limits[0].maxLimitRequestRatio.cpu']],
  },
  'a class above the system': {
    object: make('scheduling.k8s.io/v1', 'PriorityClass', { value: 1_000_000_001 }),
    expected: [['out-of-range', 'value']],
  },
  "a class of the system's name": {
    object: make('scheduling.k8s.io/v1', 'PriorityClass', { metadata: { name: 'system-own' }, value: 1 }),
    expected: [['invalid-name', 'metadata.name']],
  },
  'a StatefulSet that may lack none': {
    object: make('apps/v1', 'StatefulSet', {
      spec: { selector, template, updateStrategy: { rollingUpdate: { maxUnavailable: '0%' } } },
    }),
    expected: [['out-of-range', 'spec.updateStrategy.rollingUpdate.maxUnavailable']],
  },
  'an Ingress with a path that is none': {
    object: make('networking.k8s.io/v1', 'Ingress', {
      spec: {
        rules: [
          {
            host: 'a_b',
            http: {
              paths: [{ path: 'x', pathType: 'Prefix', backend: { service: { name: 'a', port: {} } } }],
            },
          },
        ],
      },
    }),
    expected: [
      ['one-of', 'spec.rules[0].http.paths[0].backend.service.port'],
      ['invalid-path', 'spec.rules[0].http.paths[0].path'],
      ['invalid-name', 'spec.rules[0].host'],
      ['not-enforced', 'spec'],
    ],
  },
  'a ClusterRoleBinding of a Role': {
    object: make('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', {
      roleRef: { kind: 'Role', name: 'a' },
      subjects: [{ kind: 'ServiceAccount', name: 'a' }],
    }),
    expected: [
      ['invalid-reference', 'roleRef.kind'],
      ['missing-field', 'subjects[0].namespace'],
    ],
  },
};
for (const [title, { object, expected }] of Object.entries(cases))
  test(`rules: ${title}`, (t) => {
    t.deepEqual(
      checkShape(schema, object).filter(({ ruleId }) => ruleId !== 'missing-field'),
      [],
      'the case itself has its shape',
    );
    const found = checkRules(schema, object);
    t.deepEqual(
      found.map(({ ruleId, path }) => [ruleId, fieldPathText(path)]).sort(),
      [...expected].map((row) => [...row]).sort(),
    );
    t.true(found.every(({ ruleId, message }) => ruleId in rules && message.endsWith('.')));
  });

test('a rule sees the sound part of what is broken elsewhere', (t) => {
  const broken = deployment({
    replicas: 'three',
    template: { metadata: { labels: 'x' }, spec: { containers: [null, 7, { name: 'A', ports: {} }] } },
  });
  const found = checkRules(schema, broken).map(({ path }) => fieldPathText(path));
  t.true(found.includes('spec.template.spec.containers[2].name'));
});

test('property: any object of the right shape can be checked, and no rule refuses what a default says', (t) => {
  fc.assert(
    fc.property(arbitraryObject(schema), (object) => {
      const ids = (of: JsonObject) => new Set(checkRules(schema, of).map(({ ruleId }) => ruleId));
      const before = ids(object);
      fc.pre(checkShape(schema, object).length === 0 && !before.has('too-many-findings'));
      const added = [...ids(applyDefaults(schema, object as KubeObject))].filter((id) => !before.has(id));
      t.deepEqual(added, [], JSON.stringify(object));
      return true;
    }),
    { numRuns: tries(600) },
  );
});

test('property: never throws on any JSON', (t) => {
  const kinds = fc.constantFrom(...schema.kinds);
  fc.assert(
    fc.property(kinds, fc.jsonValue(), fc.jsonValue(), (kind, spec, meta) => {
      const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
      checkRules(schema, { apiVersion, kind: kind.kind, metadata: meta, spec } as JsonObject);
      return true;
    }),
  );
  t.pass();
});

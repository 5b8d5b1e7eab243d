import test from 'ava';
import fc from 'fast-check';
import type { JsonObject } from '../base/json.ts';
import { arbitraryObject } from '../testing/arbitrary-object.ts';
import { tries } from '../testing/thoroughness.ts';
import { builtinSchema } from './builtin-schema.ts';
import { checkUpdate } from './check-update.ts';
import { applyDefaults } from './defaults.ts';
import { fieldPathText } from './finding.ts';
import type { KubeObject } from './object.ts';

const schema = builtinSchema();
const container = { name: 'a', image: 'host' };
const template = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [container], restartPolicy: 'Never' },
};

type Case = {
  kind: readonly [string, string];
  old: JsonObject;
  changed: JsonObject;
  refused: readonly string[];
};
const pod = ['v1', 'Pod'] as const;
const podOf = (spec: JsonObject): JsonObject => ({ spec: { containers: [container], ...spec } });
const cases: Record<string, Case> = {
  'the selector of a Deployment': {
    kind: ['apps/v1', 'Deployment'],
    old: { spec: { selector: { matchLabels: { app: 'a' } }, template, replicas: 1 } },
    changed: { spec: { selector: { matchLabels: { app: 'b' } }, template, replicas: 2 } },
    refused: ['spec.selector'],
  },
  'the template and completions of a Job': {
    kind: ['batch/v1', 'Job'],
    old: { spec: { template, completions: 1, parallelism: 1 } },
    changed: {
      spec: {
        template: { ...template, metadata: {} },
        completions: 2,
        parallelism: 2,
        activeDeadlineSeconds: 9,
      },
    },
    refused: ['spec.completions', 'spec.template'],
  },
  'an indexed Job may grow': {
    kind: ['batch/v1', 'Job'],
    old: { spec: { template, completionMode: 'Indexed', completions: 2, parallelism: 2 } },
    changed: { spec: { template, completionMode: 'Indexed', completions: 5, parallelism: 5 } },
    refused: [],
  },
  'a Job that never started may be placed elsewhere, and do nothing else': {
    kind: ['batch/v1', 'Job'],
    old: { spec: { template, suspend: true } },
    changed: {
      spec: {
        suspend: false,
        template: {
          ...template,
          spec: {
            ...template.spec,
            nodeSelector: { a: 'b' },
            containers: [{ ...container, image: 'other' }],
          },
        },
      },
    },
    refused: ['spec.template.spec.containers'],
  },
  'the address of a Service': {
    kind: ['v1', 'Service'],
    old: { spec: { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports: [{ port: 80 }] } },
    changed: { spec: { clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'], ports: [{ port: 81 }] } },
    refused: ['spec.clusterIP', 'spec.clusterIPs[0]'],
  },
  'a Service that becomes a name gives its address back': {
    kind: ['v1', 'Service'],
    old: { spec: { clusterIP: '10.0.0.1', ports: [{ port: 80 }] } },
    changed: { spec: { type: 'ExternalName', externalName: 'a.example.com' } },
    refused: [],
  },
  'the image of a pod may change, its command may not': {
    kind: pod,
    old: podOf({}),
    changed: podOf({ containers: [{ ...container, image: 'other:1', command: ['x'] }] }),
    refused: ['spec.containers[0].command'],
  },
  'the rest of a pod': {
    kind: pod,
    old: podOf({
      hostname: 'a',
      activeDeadlineSeconds: 5,
      tolerations: [{ key: 'a' }],
      terminationGracePeriodSeconds: 5,
    }),
    changed: podOf({
      hostname: 'b',
      activeDeadlineSeconds: 6,
      tolerations: [{ key: 'b' }],
      terminationGracePeriodSeconds: 6,
      nodeSelector: { a: 'b' },
    }),
    refused: [
      'spec.hostname',
      'spec.nodeSelector',
      'spec.activeDeadlineSeconds',
      'spec.tolerations',
      'spec.terminationGracePeriodSeconds',
    ],
  },
  'a container more': {
    kind: pod,
    old: podOf({}),
    changed: podOf({ containers: [container, { name: 'b', image: 'host' }] }),
    refused: ['spec.containers'],
  },
  'what a pod may do': {
    kind: pod,
    old: podOf({ activeDeadlineSeconds: 9, tolerations: [{ key: 'a', operator: 'Exists' }] }),
    changed: podOf({
      activeDeadlineSeconds: 5,
      nodeName: 'n',
      tolerations: [
        { key: 'a', operator: 'Exists', tolerationSeconds: 3 },
        { key: 'b', operator: 'Exists' },
      ],
    }),
    refused: [],
  },
  'a pod of one node to another': {
    kind: pod,
    old: podOf({ nodeName: 'n' }),
    changed: podOf({ nodeName: 'm' }),
    refused: ['spec.nodeName'],
  },
  'an immutable ConfigMap keeps its data, not its labels': {
    kind: ['v1', 'ConfigMap'],
    old: { immutable: true, data: { a: 'x' } },
    changed: { metadata: { name: 'a', labels: { b: 'c' } }, data: { a: 'y' } },
    refused: ['immutable', 'data'],
  },
  'a ConfigMap becomes immutable': {
    kind: ['v1', 'ConfigMap'],
    old: { data: { a: 'x' } },
    changed: { immutable: true, data: { a: 'y' } },
    refused: [],
  },
  'the type of a Secret': {
    kind: ['v1', 'Secret'],
    old: { type: 'Opaque' },
    changed: { type: 'example.com/x' },
    refused: ['type'],
  },
  'a bound claim grows, its class stays': {
    kind: ['v1', 'PersistentVolumeClaim'],
    old: {
      status: { phase: 'Bound' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'a',
        resources: { requests: { storage: '1Gi' } },
      },
    },
    changed: {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'b',
        resources: { requests: { storage: '2Gi' } },
      },
    },
    refused: ['spec.storageClassName'],
  },
  'a claim without its volume does not grow': {
    kind: ['v1', 'PersistentVolumeClaim'],
    old: { spec: { resources: { requests: { storage: '1Gi' } } } },
    changed: { spec: { resources: { requests: { storage: '2Gi' } } } },
    refused: ['spec.resources.requests.storage'],
  },
  'a StatefulSet': {
    kind: ['apps/v1', 'StatefulSet'],
    old: { spec: { serviceName: 'a', template, selector: {} } },
    changed: { spec: { serviceName: 'b', template: {}, selector: {}, replicas: 3 } },
    refused: ['spec.serviceName'],
  },
  'the role of a binding': {
    kind: ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
    old: { roleRef: { kind: 'Role', name: 'a' } },
    changed: { roleRef: { kind: 'Role', name: 'b' }, subjects: [] },
    refused: ['roleRef'],
  },
  'the name itself': {
    kind: ['v1', 'ConfigMap'],
    old: {},
    changed: { metadata: { name: 'b' } },
    refused: ['metadata.name'],
  },
};
for (const [title, { kind, old, changed, refused }] of Object.entries(cases))
  test(`update: ${title}`, (t) => {
    const [apiVersion, kindName] = kind;
    const whole = (object: JsonObject): KubeObject =>
      applyDefaults(schema, { metadata: { name: 'a' }, ...object, apiVersion, kind: kindName } as KubeObject);
    const findings = checkUpdate(schema, { old: whole(old), new: whole(changed) });
    t.deepEqual(
      findings.map(({ path }) => fieldPathText(path)),
      [...refused],
    );
    t.true(findings.every(({ ruleId, severity }) => ruleId === 'immutable-field' && severity === 'error'));
  });

test('property: an object may always stay as it is', (t) => {
  fc.assert(
    fc.property(arbitraryObject(schema), (object) => {
      const whole = applyDefaults(schema, object as KubeObject);
      return checkUpdate(schema, { old: whole, new: structuredClone(whole) }).length === 0;
    }),
    { numRuns: tries(300) },
  );
  t.pass();
});

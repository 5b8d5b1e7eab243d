import test from 'ava';
import fc from 'fast-check';
import type { JsonObject } from '../base/json.ts';
import { tries } from '../testing/thoroughness.ts';
import { builtinSchema } from './builtin-schema.ts';
import { checkShape } from './check-shape.ts';
import { convertToStored, servedVersions } from './conversion.ts';

const schema = builtinSchema();
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'a', image: 'host' }] },
};
const selector = { matchLabels: { app: 'web' } };
const metadata = { name: 'web', labels: { own: 'label' } };
const NEVER = 2147483647;

type Case = { written: JsonObject; stored: string; fields: JsonObject; warns: readonly string[] };
const cases: Record<string, Case> = {
  'a Deployment of extensions/v1beta1': {
    written: { apiVersion: 'extensions/v1beta1', kind: 'Deployment', metadata, spec: { template } },
    stored: 'apps/v1',
    fields: {
      spec: {
        template,
        selector,
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
        revisionHistoryLimit: NEVER,
        progressDeadlineSeconds: NEVER,
      },
    },
    warns: ['deprecated-api-version'],
  },
  'what an old Deployment says itself stays': {
    written: {
      apiVersion: 'extensions/v1beta1',
      kind: 'Deployment',
      metadata,
      spec: {
        template,
        selector: { matchLabels: { app: 'x' } },
        strategy: { type: 'Recreate' },
        revisionHistoryLimit: 0,
        progressDeadlineSeconds: 5,
      },
    },
    stored: 'apps/v1',
    fields: {
      spec: {
        template,
        selector: { matchLabels: { app: 'x' } },
        strategy: { type: 'Recreate' },
        revisionHistoryLimit: 0,
        progressDeadlineSeconds: 5,
      },
    },
    warns: ['deprecated-api-version'],
  },
  'a Deployment of apps/v1beta1 keeps two revisions; its rollbackTo is lost': {
    written: {
      apiVersion: 'apps/v1beta1',
      kind: 'Deployment',
      metadata,
      spec: { template, rollbackTo: { revision: 2 } },
    },
    stored: 'apps/v1',
    fields: { spec: { template, selector, revisionHistoryLimit: 2 } },
    warns: ['deprecated-api-version', 'lost-in-conversion'],
  },
  'a Deployment of apps/v1beta2 is today’s': {
    written: { apiVersion: 'apps/v1beta2', kind: 'Deployment', metadata, spec: { template } },
    stored: 'apps/v1',
    fields: { spec: { template } },
    warns: ['deprecated-api-version'],
  },
  'labels of an old object come from its template': {
    written: {
      apiVersion: 'extensions/v1beta1',
      kind: 'ReplicaSet',
      metadata: { name: 'web' },
      spec: { template },
    },
    stored: 'apps/v1',
    fields: { metadata: { name: 'web', labels: { app: 'web' } }, spec: { template, selector } },
    warns: ['deprecated-api-version'],
  },
  'a DaemonSet of extensions/v1beta1 updates on delete': {
    written: { apiVersion: 'extensions/v1beta1', kind: 'DaemonSet', metadata, spec: { template } },
    stored: 'apps/v1',
    fields: { spec: { template, selector, updateStrategy: { type: 'OnDelete' } } },
    warns: ['deprecated-api-version'],
  },
  'an HPA of autoscaling/v1, which is still served': {
    written: {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 90 },
    },
    stored: 'autoscaling/v2',
    fields: {
      spec: {
        maxReplicas: 3,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 90 } },
          },
        ],
      },
    },
    warns: [],
  },
  'metrics of autoscaling/v2beta1': {
    written: {
      apiVersion: 'autoscaling/v2beta1',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: {
        metrics: [
          { type: 'Resource', resource: { name: 'memory', targetAverageValue: '10Mi' } },
          { type: 'Pods', pods: { metricName: 'rps', targetAverageValue: '5', selector } },
          {
            type: 'Object',
            object: { target: { kind: 'Service', name: 'a' }, metricName: 'hits', targetValue: '100' },
          },
          { type: 'External', external: { metricName: 'queue', metricSelector: selector, targetValue: '7' } },
        ],
      },
    },
    stored: 'autoscaling/v2',
    fields: {
      spec: {
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '10Mi' } },
          },
          {
            type: 'Pods',
            pods: { metric: { name: 'rps', selector }, target: { type: 'AverageValue', averageValue: '5' } },
          },
          {
            type: 'Object',
            object: {
              metric: { name: 'hits' },
              target: { type: 'Value', value: '100' },
              describedObject: { kind: 'Service', name: 'a' },
            },
          },
          {
            type: 'External',
            external: { metric: { name: 'queue', selector }, target: { type: 'Value', value: '7' } },
          },
        ],
      },
    },
    warns: ['deprecated-api-version'],
  },
  'an Ingress of extensions/v1beta1': {
    written: {
      apiVersion: 'extensions/v1beta1',
      kind: 'Ingress',
      metadata,
      spec: {
        backend: { serviceName: 'a', servicePort: 80 },
        rules: [
          {
            host: 'x.example.com',
            http: { paths: [{ path: '/', backend: { serviceName: 'b', servicePort: 'web' } }] },
          },
        ],
      },
    },
    stored: 'networking.k8s.io/v1',
    fields: {
      spec: {
        defaultBackend: { service: { name: 'a', port: { number: 80 } } },
        rules: [
          {
            host: 'x.example.com',
            http: {
              paths: [
                {
                  path: '/',
                  backend: { service: { name: 'b', port: { name: 'web' } } },
                  pathType: 'ImplementationSpecific',
                },
              ],
            },
          },
        ],
      },
    },
    warns: ['deprecated-api-version'],
  },
  'a budget whose empty selector selected nothing': {
    written: {
      apiVersion: 'policy/v1beta1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 1, selector: {} },
    },
    stored: 'policy/v1',
    fields: { spec: { minAvailable: 1 } },
    warns: ['deprecated-api-version', 'lost-in-conversion'],
  },
  'an Event of its own group': {
    written: {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata,
      regarding: { kind: 'Pod', name: 'a' },
      note: 'n',
      deprecatedCount: 2,
    },
    stored: 'v1',
    fields: { involvedObject: { kind: 'Pod', name: 'a' }, message: 'n', count: 2 },
    warns: [],
  },
  'a CronJob of batch/v1beta1': {
    written: { apiVersion: 'batch/v1beta1', kind: 'CronJob', metadata, spec: { schedule: '@hourly' } },
    stored: 'batch/v1',
    fields: { spec: { schedule: '@hourly' } },
    warns: ['deprecated-api-version'],
  },
};
for (const [title, { written, stored, fields, warns }] of Object.entries(cases))
  test(`converts ${title}`, (t) => {
    const { object, findings } = convertToStored(schema, written);
    const kept = Object.fromEntries(Object.entries(written).filter(([name]) => !MOVED.has(name)));
    t.deepEqual<unknown, unknown>(object, { ...kept, ...fields, apiVersion: stored });
    t.deepEqual(
      findings.map(({ ruleId }) => ruleId),
      [...warns],
    );
    t.true(findings.every(({ severity }) => severity === 'warning'));
  });

/** Fields at the root that go elsewhere. */
const MOVED: ReadonlySet<string> = new Set(['regarding', 'note', 'deprecatedCount']);

test('the warning says exactly what to write', (t) => {
  const [warning] = convertToStored(
    schema,
    cases['a Deployment of apps/v1beta1 keeps two revisions; its rollbackTo is lost']?.written ?? {},
  ).findings;
  t.is(warning?.suggestion, 'apps/v1');
  t.regex(warning?.message ?? '', /spec\.selector: \{"matchLabels":\{"app":"web"\}\}/);
  t.regex(warning?.message ?? '', /spec\.revisionHistoryLimit: 2/);
});

type Unknown = { written: JsonObject; expected: readonly (readonly [string, string, string?])[] };
const unknown: Record<string, Unknown> = {
  'a kind in a group that has it not': {
    written: { apiVersion: 'v1', kind: 'ReplicaSet' },
    expected: [['unknown-api-version', 'apiVersion', 'apps/v1']],
  },
  'a misspelt group': {
    written: { apiVersion: 'app/v1', kind: 'Deployment' },
    expected: [['unknown-api-version', 'apiVersion', 'apps/v1']],
  },
  'a version that never was': {
    written: { apiVersion: 'apps/v2', kind: 'Deployment' },
    expected: [['unknown-api-version', 'apiVersion', 'apps/v1']],
  },
  'a misspelt kind': {
    written: { apiVersion: 'apps/v1', kind: 'deploymnet' },
    expected: [['unknown-kind', 'kind', 'Deployment']],
  },
  'a kind nobody knows': {
    written: { apiVersion: 'example.com/v1', kind: 'Sprocket' },
    expected: [['unknown-kind', 'kind']],
  },
  'a kind that was removed': {
    written: { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy' },
    expected: [['unknown-kind', 'kind']],
  },
  'a misspelt apiVersion field': {
    written: { apiVersiopn: 'v1', kind: 'Pod' },
    expected: [['unknown-field', 'apiVersiopn', 'apiVersion']],
  },
  'neither field': {
    written: { metadata: { name: 'a' } },
    expected: [
      ['missing-field', 'apiVersion'],
      ['missing-field', 'kind'],
    ],
  },
  'fields of another type': {
    written: { apiVersion: 1, kind: ['Pod'] },
    expected: [
      ['wrong-type', 'apiVersion'],
      ['wrong-type', 'kind'],
    ],
  },
};
for (const [title, { written, expected }] of Object.entries(unknown))
  test(`cannot place ${title}`, (t) => {
    const converted = convertToStored(schema, written);
    t.is(converted.object, undefined);
    t.deepEqual(
      converted.findings.map(({ ruleId, path, suggestion }) =>
        suggestion === undefined ? [ruleId, path[0]] : [ruleId, path[0], suggestion],
      ),
      expected as readonly (readonly string[])[],
    );
  });

test('an object in its stored version is handed through as it is', (t) => {
  const written = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  t.is(convertToStored(schema, written).object, written);
});

test('discovery is told of served versions only', (t) => {
  const versions = (group: string, kind: string) => {
    const row = schema.kind({ group, kind });
    return row && servedVersions(row);
  };
  t.deepEqual(versions('autoscaling', 'HorizontalPodAutoscaler'), ['v2', 'v1']);
  t.deepEqual(versions('apps', 'Deployment'), ['v1']);
});

test('every old version in the table of kinds has a conversion', (t) => {
  for (const kind of schema.kinds)
    for (const version of kind.versions.slice(1)) {
      const apiVersion = `${kind.group}/${version}`;
      const { object, findings } = convertToStored(schema, { apiVersion, kind: kind.kind, metadata: {} });
      t.is(object?.apiVersion, `${kind.group}/${kind.version}`);
      const served = servedVersions(kind).includes(version);
      t.is(findings.length, served ? 0 : 1, apiVersion);
    }
});

test('property: any shape of an old object converts, and what comes out can be checked', (t) => {
  const old = fc.constantFrom(
    ...schema.kinds.flatMap(({ group, kind, versions }) =>
      versions.slice(1).map((version) => ({ apiVersion: `${group}/${version}`, kind })),
    ),
    { apiVersion: 'extensions/v1beta1', kind: 'Ingress' },
    { apiVersion: 'events.k8s.io/v1', kind: 'Event' },
  );
  const part = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, 1, 'x', [], {}),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(
        fc.constantFrom(
          'template',
          'metadata',
          'labels',
          'selector',
          'strategy',
          'metrics',
          'resource',
          'pods',
          'rules',
          'http',
          'paths',
          'backend',
          'webhooks',
          'versions',
          'validation',
          'topology',
          'endpoints',
        ),
        tie('value'),
        { maxKeys: 5 },
      ),
    ),
  })).value;
  fc.assert(
    fc.property(old, part, part, (head, spec, rest) => {
      const written = { ...(typeof rest === 'object' ? rest : {}), ...head, spec } as JsonObject;
      const { object } = convertToStored(schema, written);
      if (object !== undefined) checkShape(schema, object);
      return object !== undefined;
    }),
    { numRuns: tries(500) },
  );
  t.pass();
});

import test from 'ava';
import type { JsonObject } from '../../base/json.ts';
import { builtinSchema } from '../builtin-schema.ts';
import { checkRules } from '../check-rules.ts';
import { fieldPathText } from '../finding.ts';

const schema = builtinSchema();
const podWith = (ephemeral: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    containers: [{ name: 'main', image: 'host' }],
    initContainers: [{ name: 'first', image: 'host' }],
    volumes: [{ name: 'data', emptyDir: {} }],
    ephemeralContainers: [{ name: 'debugger', image: 'host', ...ephemeral }],
  },
});
const at = 'spec.ephemeralContainers[0]';
const probe = { exec: { command: ['true'] } };

const rows: readonly {
  readonly title: string;
  readonly ephemeral: JsonObject;
  readonly expected: readonly (readonly [string, string])[];
}[] = [
  { title: 'what kubectl debug adds', ephemeral: { resources: {}, stdin: true, tty: true }, expected: [] },
  {
    title: 'an empty probe, which defaults would fill',
    ephemeral: { startupProbe: {} },
    expected: [['conflicting-fields', `${at}.startupProbe`]],
  },
  { title: 'a target that is there', ephemeral: { targetContainerName: 'main' }, expected: [] },
  { title: 'an init container as target', ephemeral: { targetContainerName: 'first' }, expected: [] },
  {
    title: 'a target that is not',
    ephemeral: { targetContainerName: 'other' },
    expected: [['unknown-container', `${at}.targetContainerName`]],
  },
  {
    title: 'a name that another container has',
    ephemeral: { name: 'main' },
    expected: [['duplicate-entry', `${at}.name`]],
  },
  {
    title: 'all that only containers of the pod itself have',
    ephemeral: {
      ports: [{ containerPort: 80 }],
      resources: { limits: { cpu: '1' } },
      livenessProbe: probe,
      readinessProbe: probe,
      startupProbe: probe,
      lifecycle: { preStop: probe },
      restartPolicy: 'Always',
    },
    expected: [
      'ports',
      'resources',
      'restartPolicy',
      'livenessProbe',
      'readinessProbe',
      'startupProbe',
      'lifecycle',
    ].map((field) => ['conflicting-fields', `${at}.${field}`] as const),
  },
  {
    title: 'a mount of the pod, and a part of one',
    ephemeral: {
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'data', mountPath: '/part', subPath: 'part' },
      ],
    },
    expected: [['conflicting-fields', `${at}.volumeMounts[1].subPath`]],
  },
];
for (const { title, ephemeral, expected } of rows) {
  test(`an ephemeral container: ${title}`, (t) => {
    const findings = checkRules(schema, podWith(ephemeral));
    t.deepEqual(
      findings.map(({ ruleId, path }) => [ruleId, fieldPathText(path)] as const).toSorted(),
      [...expected].toSorted(),
    );
  });
}

test('a template has none', (t) => {
  const findings = checkRules(schema, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [{ name: 'main', image: 'host' }],
          ephemeralContainers: [{ name: 'debugger', image: 'host' }],
        },
      },
    },
  });
  t.deepEqual(
    findings.map(({ path }) => fieldPathText(path)),
    ['spec.template.spec.ephemeralContainers'],
  );
});

import test from 'ava';
import fc from 'fast-check';
import type { JsonObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { builtinSchema } from './builtin-schema.ts';
import { checkShape } from './check-shape.ts';
import { fieldPathText } from './finding.ts';

const schema = builtinSchema();
const container = { name: 'web', image: 'host' };
const pod = (spec: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [container], ...spec },
  ...more,
});
const deployment = (spec: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
    ...spec,
  },
  ...more,
});

type Case = { object: JsonObject; expected: readonly (readonly [string, string, string?])[] };
/** Expected: rule, path, suggestion. */
const cases: Record<string, Case> = {
  'a good Pod': { object: pod({}), expected: [] },
  'a good Deployment': { object: deployment({ replicas: 2 }), expected: [] },
  'null stands for absent': {
    object: pod({ volumes: null, nodeName: null }, { status: null }),
    expected: [],
  },
  'a misspelt field': {
    object: deployment({ replica: 3 }),
    expected: [['unknown-field', 'spec.replica', 'replicas']],
  },
  'a field that belongs deeper': {
    object: deployment({ containers: [] }),
    expected: [['unknown-field', 'spec.containers', 'spec.template.spec.containers']],
  },
  'a field of the container in the pod': {
    object: deployment({ image: 'host' }),
    expected: [['unknown-field', 'spec.image', 'spec.template.spec.containers[].image']],
  },
  'a field that belongs to an object around': {
    object: pod({ containers: [{ ...container, volumes: [] }] }),
    expected: [['unknown-field', 'spec.containers[0].volumes', 'spec.volumes']],
  },
  'a field at the root that belongs in spec': {
    object: deployment({}, { replicas: 2 }),
    expected: [['unknown-field', 'replicas', 'spec.replicas']],
  },
  'a field JavaScript objects have': {
    object: pod({ constructor: 1, toString: 'x' }),
    expected: [
      ['unknown-field', 'spec.constructor'],
      ['unknown-field', 'spec.toString'],
    ],
  },
  'a quoted port': {
    object: pod({ containers: [{ ...container, ports: [{ containerPort: '8080' }] }] }),
    expected: [['wrong-type', 'spec.containers[0].ports[0].containerPort', '8080']],
  },
  'a number as the value of a variable': {
    object: pod({ containers: [{ ...container, env: [{ name: 'A', value: 123 }] }] }),
    expected: [['wrong-type', 'spec.containers[0].env[0].value', '"123"']],
  },
  'a truth value as a label': {
    object: pod({}, { metadata: { name: 'web', labels: { on: true } } }),
    expected: [['wrong-type', 'metadata.labels.on', '"true"']],
  },
  'a quoted truth value': {
    object: pod({ hostNetwork: 'yes' }),
    expected: [['wrong-type', 'spec.hostNetwork', 'true']],
  },
  'fields where a list should be': {
    object: pod({ containers: container }),
    expected: [['wrong-type', 'spec.containers']],
  },
  'a text where a list of texts should be': {
    object: pod({ containers: [{ ...container, command: 'sleep 1' }] }),
    expected: [['wrong-type', 'spec.containers[0].command']],
  },
  'a fraction, and a number too large for its field': {
    object: deployment({ replicas: 1.5, minReadySeconds: 2 ** 40 }),
    expected: [
      ['wrong-type', 'spec.replicas'],
      ['wrong-type', 'spec.minReadySeconds'],
    ],
  },
  'a value outside its set': {
    object: pod({ restartPolicy: 'always' }),
    expected: [['unknown-value', 'spec.restartPolicy', 'Always']],
  },
  'an open set': {
    object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, type: 'example.com/own' },
    expected: [],
  },
  'an item that is empty': {
    object: pod({ containers: [container, null] }),
    expected: [['wrong-type', 'spec.containers[1]']],
  },
  'several missing at once': {
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {}, spec: {} },
    expected: [
      ['missing-field', 'spec.selector'],
      ['missing-field', 'spec.template'],
      ['missing-field', 'metadata.name'],
    ],
  },
  'no spec at all': {
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } },
    expected: [['missing-field', 'spec']],
  },
  'no containers': { object: pod({ containers: [] }), expected: [['missing-field', 'spec.containers']] },
  'no metadata': {
    object: { apiVersion: 'v1', kind: 'ConfigMap' },
    expected: [['missing-field', 'metadata']],
  },
  'a name to be made': {
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } },
    expected: [],
  },
  'a quantity in everyday spelling': {
    object: pod({ containers: [{ ...container, resources: { limits: { memory: '128MB' } } }] }),
    expected: [['invalid-quantity', 'spec.containers[0].resources.limits.memory', '128M']],
  },
  'quantities as numbers': {
    object: pod({ containers: [{ ...container, resources: { limits: { cpu: 0.5, memory: 1000000 } } }] }),
    expected: [],
  },
  'base64 that is none, its value unseen': {
    object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { password: 'hunter2!' } },
    expected: [['invalid-base64', 'data.password']],
  },
  'a time that is none': {
    object: pod({}, { metadata: { name: 'web', creationTimestamp: 'yesterday' } }),
    expected: [['invalid-time', 'metadata.creationTimestamp']],
  },
  'a key that must not be copied': {
    object: JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"__proto__":"x"}}',
    ) as JsonObject,
    expected: [['invalid-key', 'data.__proto__']],
  },
  'whatever a status says of missing fields': {
    object: pod({}, { status: { conditions: [{ type: 'Ready' }] } }),
    expected: [],
  },
};
for (const [title, { object, expected }] of Object.entries(cases))
  test(`shape: ${title}`, (t) => {
    const found = checkShape(schema, object).map(({ ruleId, path, suggestion }) =>
      suggestion === undefined ? [ruleId, fieldPathText(path)] : [ruleId, fieldPathText(path), suggestion],
    );
    t.deepEqual(found, expected as readonly (readonly string[])[]);
  });

test('a Secret is never quoted', (t) => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } };
  const findings = [
    ...checkShape(schema, { ...secret, data: { a: 'hunter2!', b: 424242 } }),
    ...checkShape(schema, { ...secret, stringData: { a: 424242, b: true } }),
  ];
  t.is(findings.length, 4);
  t.notRegex(JSON.stringify(findings), /hunter2|424242|true/);
});

test('findings of one object are bounded, and it is said that there are more', (t) => {
  const labels = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, at]));
  const findings = checkShape(schema, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels } });
  t.is(findings.length, limits.objectFindingsMax + 1);
  t.is(findings.at(-1)?.ruleId, 'too-many-findings');
});

test('a recursive type is read to a bound', (t) => {
  let schemaProps: JsonObject = {};
  for (let depth = 0; depth < 5000; depth += 1) schemaProps = { not: schemaProps };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'a.b.c' },
    spec: {
      group: 'b.c',
      scope: 'Namespaced',
      names: { kind: 'A', plural: 'a' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schemaProps } }],
    },
  };
  t.deepEqual(
    checkShape(schema, crd).map(({ ruleId }) => ruleId),
    ['too-deep'],
  );
});

test('property: never throws on any JSON', (t) => {
  const kinds = fc.constantFrom(
    ...schema.kinds.map(({ group, version, kind }) => ({ group, version, kind })),
  );
  fc.assert(
    fc.property(kinds, fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (kind, spec, metadata, data) => {
      const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
      checkShape(schema, { apiVersion, kind: kind.kind, metadata, spec, data } as JsonObject);
      return true;
    }),
  );
  t.pass();
});

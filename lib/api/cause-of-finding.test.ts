import test from 'ava';
import { assert } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { checkRules } from '../schema/check-rules.ts';
import { checkShape } from '../schema/check-shape.ts';
import { checkUpdate } from '../schema/check-update.ts';
import { applyDefaults } from '../schema/defaults.ts';
import type { Finding } from '../schema/finding.ts';
import type { KubeObject } from '../schema/object.ts';
import type { ApiCause } from './api-error.ts';
import { causeOfFinding } from './cause-of-finding.ts';

const schema = builtinSchema();

function causeIn(finding: Finding, object: KubeObject): ApiCause {
  const kind = schema.kindOf(object.apiVersion, object.kind);
  assert(kind !== undefined, `${object.kind} is a kind`);
  return causeOfFinding(finding, { schema, kind, object });
}

function told(object: KubeObject): readonly string[] {
  return [...checkShape(schema, object), ...checkRules(schema, object)]
    .filter(({ severity }) => severity === 'error')
    .map((finding) => causeIn(finding, object))
    .map(({ field, message, reason }) => `${field}: ${message} (${reason})`);
}

const map = (metadata: JsonObject, rest: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default', ...metadata },
  ...rest,
});
const pod = (spec: JsonObject): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const form =
  "lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

const rows: readonly {
  readonly title: string;
  readonly object: KubeObject;
  readonly says: readonly string[];
}[] = [
  {
    title: 'a name',
    object: map({ name: 'A_b' }),
    says: [
      `metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of ${form} (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (FieldValueInvalid)`,
    ],
  },
  {
    title: 'the value of a label, at its map',
    object: map({ labels: { x: 'a b' } }),
    says: [
      `metadata.labels: Invalid value: "a b": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?') (FieldValueInvalid)`,
    ],
  },
  {
    title: 'the key of a label, at its map',
    object: map({ labels: { 'a b': 'x' } }),
    says: [
      `metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') (FieldValueInvalid)`,
    ],
  },
  {
    title: 'a field that is missing',
    object: pod({ containers: [{ name: 'c' }] }),
    says: ['spec.containers[0].image: Required value (FieldValueRequired)'],
  },
  {
    title: 'a value that is none of its set',
    object: pod({ restartPolicy: 'Never ever' }),
    says: [
      'spec.restartPolicy: Unsupported value: "Never ever": supported values: "Always", "Never", "OnFailure" (FieldValueNotSupported)',
    ],
  },
  {
    title: 'a number that is too small',
    object: pod({ terminationGracePeriodSeconds: -1 }),
    says: [
      'spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0 (FieldValueInvalid)',
    ],
  },
];
for (const { title, object, says } of rows)
  test(`in the words of Kubernetes: ${title}`, (t) => t.deepEqual(told(object), says));

test('what a Secret holds is in no answer', (t) => {
  const secret = { ...map({}), kind: 'Secret', data: { 'a b': 'c2VjcmV0', x: 'not base64!' } };
  t.notRegex(told(secret).join(), /c2VjcmV0|not base64!/);
  t.true(told(secret).length > 0);
});

test('fields that cannot change say so, and those of a pod say which can', (t) => {
  const causes = (old: KubeObject, changed: KubeObject): readonly string[] =>
    checkUpdate(schema, { old: applyDefaults(schema, old), new: applyDefaults(schema, changed) })
      .map((finding) => causeIn(finding, changed))
      .map(({ field, message }) => `${field}: ${message}`);
  const frozen = map({}, { immutable: true, data: { a: '1' } });
  t.deepEqual(causes(frozen, map({}, { immutable: true, data: { a: '2' } })), [
    'data: Forbidden: field is immutable when `immutable` is set',
  ]);
  t.regex(
    causes(pod({}), pod({ hostname: 'x' })).join(),
    /^spec: Forbidden: pod updates may not change fields/,
  );
});

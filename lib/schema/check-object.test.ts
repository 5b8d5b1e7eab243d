import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../base/json.ts';
import { builtinSchema } from './builtin-schema.ts';
import { checkObject } from './check-object.ts';
import { fieldPathText } from './finding.ts';

const schema = builtinSchema();
const seeds = new URL('../../fixtures/seed/', import.meta.url);
const BROKEN = 'broken YAML';

/** Files written by hand, by many people, over years. What is not listed here is good. A document a row. */
const expected: Record<string, readonly (typeof BROKEN | readonly string[])[]> = {
  '000-01-deployment-nginx-default.yaml': [
    [
      'deprecated-api-version apiVersion',
      'unknown-field spec.selector.app → spec.selector.matchLabels.app',
      'missing-field spec.template',
      'invalid-selector spec.selector',
      'unknown-field template → spec.template',
    ],
  ],
  '001-02-pod-two-containers.yaml': [BROKEN],
  '001-03-pod-x.yaml': [
    ['missing-field spec', 'missing-field metadata.name'],
    ['missing-field apiVersion', 'missing-field kind'],
  ],
  '002-12-replicaset-frontend.yaml': [['deprecated-api-version apiVersion', 'missing-field spec.template']],
  '002-13-deployment-nginx-deployment.yaml': [['deprecated-api-version apiVersion', 'missing-field spec']],
  '002-14-replicaset-nginx-repset.yaml': [['unknown-api-version apiVersion → apps/v1', 'missing-field spec']],
  '002-15-deployment-frontend.yaml': [['deprecated-api-version apiVersion']],
  '004-29-replicaset-kubia.yaml': [['deprecated-api-version apiVersion']],
  '004-30-daemonset-ssd-monitor.yaml': [['deprecated-api-version apiVersion']],
  '004-33-cronjob-batch-job-every-fifteen-minutes.yaml': [['deprecated-api-version apiVersion']],
  '004-34-cronjob-x.yaml': [
    [
      'unknown-field apiVersiopn → apiVersion',
      'deprecated-api-version apiVersion',
      'missing-field spec.jobTemplate',
      'missing-field metadata.name',
    ],
  ],
};
for (const file of readdirSync(seeds).sort())
  test(`seed: ${file}`, (t) => {
    const documents = parseAllDocuments(readFileSync(new URL(file, seeds), 'utf8'));
    if (!Array.isArray(documents)) return t.fail('an empty file');
    const found = documents.map((document) => {
      if (document.errors.length > 0) return BROKEN;
      return checkObject(schema, document.toJS() as JsonObject).findings.map(
        ({ ruleId, path, suggestion, severity }) =>
          `${ruleId} ${fieldPathText(path)}${suggestion === undefined || severity === 'warning' ? '' : ` → ${suggestion}`}`,
      );
    });
    t.deepEqual<unknown, unknown>(found, expected[file] ?? documents.map(() => []));
  });

test('what an object is may be wrong, and all else is told with it', (t) => {
  const { object, findings } = checkObject(schema, {
    apiVersion: 'app/v1',
    kind: 'Deployment',
    metadata: { name: 'Web' },
    spec: { replica: 1 },
  });
  t.is(object, null);
  t.deepEqual(
    findings.map(({ ruleId }) => ruleId),
    ['unknown-api-version', 'unknown-field', 'missing-field', 'missing-field', 'invalid-name'],
  );
});

test('a good object comes back in its stored version', (t) => {
  const { object, findings } = checkObject(schema, {
    apiVersion: 'batch/v1beta1',
    kind: 'CronJob',
    metadata: { name: 'a' },
    spec: {
      schedule: '@daily',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'host' }] } } },
      },
    },
  });
  t.is(object?.apiVersion, 'batch/v1');
  t.deepEqual(
    findings.map(({ severity }) => severity),
    ['warning'],
  );
});

test('property: never throws on any JSON', (t) => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('apiVersion', 'kind', 'kin', 'metadata', 'spec', 'x'), fc.jsonValue()),
      (written) => {
        checkObject(schema, written as JsonObject);
        return true;
      },
    ),
  );
  t.pass();
});

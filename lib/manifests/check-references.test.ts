import test from 'ava';
import fc from 'fast-check';
import { builtinSchema } from '../schema/builtin-schema.ts';
import type { KubeObject } from '../schema/object.ts';
import { tries } from '../testing/thoroughness.ts';
import { checkReferences } from './check-references.ts';
import type { Problem } from './manifest-set.ts';
import { readManifests } from './read-manifests.ts';
import { referenceModes, referenceSeverity } from './reference-severity.ts';
import { referencesOf } from './references.ts';

const schema = builtinSchema();
const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
const pod = (volumes: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers: [{name: c, image: host}]\n  volumes: [${volumes}]\n`;
const problemsOf = (
  documents: readonly string[],
  mode: 'validate' | 'apply' = 'validate',
): readonly Problem[] => {
  const bytes = new TextEncoder().encode(documents.join('---\n'));
  const options = { schema, defaultNamespace: 'default', allowHostAccess: false };
  const set = readManifests([{ path: 'a.yaml', blob: 'a', bytes }], options);
  return checkReferences(set, schema, { mode });
};
const usesConfig = pod('{name: v, configMap: {name: settings}}');

test('A missing object is an error where the tree declares the namespace, for an apply a warning.', (t) => {
  const severities = (documents: readonly string[], mode?: 'apply'): readonly string[] =>
    problemsOf(documents, mode).map(({ ruleId, severity }) => `${ruleId} ${severity}`);
  t.deepEqual(severities([namespace, usesConfig]), ['missing-reference error']);
  t.deepEqual(severities([usesConfig]), ['missing-reference warning', 'missing-reference warning']);
  t.deepEqual(severities([namespace, usesConfig], 'apply'), ['missing-reference warning']);
});

test('An object that holds errors is there all the same.', (t) => {
  const broken =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {a: 1}\n';
  t.deepEqual(problemsOf([namespace, usesConfig, broken]), []);
});

test('While a document does not parse nobody knows what is missing: only a warning.', (t) => {
  t.deepEqual(
    problemsOf([namespace, usesConfig, 'kind: [\n']).map(({ severity }) => severity),
    ['warning'],
  );
});

test('What is known to exist elsewhere is not missing.', (t) => {
  const bytes = new TextEncoder().encode(`${namespace}---\n${usesConfig}`);
  const options = { schema, defaultNamespace: 'default', allowHostAccess: false };
  const set = readManifests([{ path: 'a.yaml', blob: 'a', bytes }], options);
  const exists = ({ kind }: { readonly kind: string }): boolean => kind === 'ConfigMap';
  t.deepEqual(checkReferences(set, schema, { mode: 'validate', exists }), []);
});

test('More problems than asked for are counted, not placed.', (t) => {
  const pods = Array.from({ length: 4 }, (_, at) => pod(`{name: v, secret: {secretName: keys-${at}}}`));
  const bytes = new TextEncoder().encode(
    pods.map((text, at) => text.replace('name: web', `name: web-${at}`)).join('---\n'),
  );
  const options = { schema, defaultNamespace: 'default', allowHostAccess: false };
  const set = readManifests([{ path: 'a.yaml', blob: 'a', bytes }], options);
  const exists = ({ kind }: { readonly kind: string }): boolean => kind === 'Namespace';
  const problems = checkReferences(set, schema, { mode: 'apply', exists, problemsMax: 1 });
  t.deepEqual(
    problems.map(({ message }) => message.slice(0, 18)),
    ['Secret shop/keys-0', '3 more references '],
  );
});

test('Nothing that an apply finds is an error.', (t) => {
  for (const mode of referenceModes) {
    for (const flags of fc.sample(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), 20)) {
      const [namespaceDeclared, namespaceHasCustomResources, treeComplete] = flags;
      const severity = referenceSeverity({
        mode,
        namespaceDeclared,
        namespaceHasCustomResources,
        treeComplete,
      });
      const mayBeError =
        mode === 'validate' && namespaceDeclared && !namespaceHasCustomResources && treeComplete;
      t.is(severity, mayBeError ? 'error' : 'warning');
    }
  }
});

test('References are read from any shape without throwing.', (t) => {
  const kinds = [
    ['v1', 'Pod'],
    ['v1', 'Service'],
    ['apps/v1', 'StatefulSet'],
    ['networking.k8s.io/v1', 'Ingress'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
    ['policy/v1', 'PodDisruptionBudget'],
  ] as const;
  const names = [
    'spec',
    'template',
    'containers',
    'env',
    'valueFrom',
    'configMapKeyRef',
    'name',
    'key',
    'volumes',
    'selector',
  ];
  const shape = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, 1, 'x', true),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names, 'rules', 'subjects', 'matchLabels', 'ports'), tie('node'), {
        maxKeys: 4,
      }),
    ),
  })).node;
  fc.assert(
    fc.property(fc.constantFrom(...kinds), shape, ([apiVersion, kind], spec) => {
      const object = { apiVersion, kind, metadata: { name: 'x', namespace: 'shop' }, spec, subjects: spec };
      t.true(Array.isArray(referencesOf(object as KubeObject)));
    }),
    { numRuns: tries(500) },
  );
});

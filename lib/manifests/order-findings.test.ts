import test from 'ava';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { checkReferences } from './check-references.ts';
import { readManifests } from './read-manifests.ts';

const schema = builtinSchema();
const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';

/** A ConfigMap whose annotations stand in its fifth and sixth line. */
const settings = (
  name: string,
  order: { readonly dependsOn?: string; readonly wave?: string },
): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: shop
  annotations:
    owner: us
${order.dependsOn === undefined ? '' : `    pintle.dev/depends-on: "${order.dependsOn}"\n`}${order.wave === undefined ? '' : `    pintle.dev/sync-wave: "${order.wave}"\n`}`;

const table: readonly {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly found: readonly string[];
}[] = [
  {
    title: 'what can be kept is no problem',
    files: {
      'a.yaml': settings('a', { dependsOn: 'cm/b', wave: '1' }),
      'b.yaml': settings('b', { wave: '0' }),
    },
    found: [],
  },
  {
    title: 'two that wait for one another are told once',
    files: { 'a.yaml': settings('a', { dependsOn: 'cm/b' }), 'b.yaml': settings('b', { dependsOn: 'cm/a' }) },
    found: ['a.yaml:8 dependency-cycle error'],
  },
  {
    title: 'who waits for itself',
    files: { 'a.yaml': settings('a', { dependsOn: 'cm/a' }) },
    found: ['a.yaml:8 dependency-cycle error'],
  },
  {
    title: 'who waits for a later wave',
    files: { 'a.yaml': settings('a', { dependsOn: 'cm/b' }), 'b.yaml': settings('b', { wave: '2' }) },
    found: ['a.yaml:8 dependency-cycle error'],
  },
  {
    title: 'what is not there, with what may have been meant',
    files: { 'a.yaml': settings('a', { dependsOn: 'cm/settigns' }), 'b.yaml': settings('settings', {}) },
    found: ['a.yaml:8 missing-reference error settings'],
  },
  {
    title: 'what cannot be read',
    files: { 'a.yaml': settings('a', { dependsOn: 'b', wave: 'first' }) },
    found: ['a.yaml:8 invalid-order error', 'a.yaml:9 invalid-order error'],
  },
  {
    title: 'a kind that the tree itself brings',
    files: {
      'a.yaml': settings('a', { dependsOn: 'widget/one' }),
      'd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`,
      'w.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: one}\n',
    },
    found: [],
  },
];

for (const { title, files, found } of table)
  test(`order: ${title}`, (t) => {
    const sources = Object.entries({ ...files, 'n.yaml': namespace }).map(([path, text]) => ({
      path,
      blob: path,
      bytes: new TextEncoder().encode(text),
    }));
    const set = readManifests(sources, { schema, defaultNamespace: 'default', allowHostAccess: false });
    const problems = checkReferences(set, schema, { mode: 'validate' });
    t.deepEqual(
      problems.map(({ file, position, ruleId, severity, suggestion }) =>
        [
          `${file}:${position.line}`,
          ruleId,
          severity,
          ...(suggestion === undefined ? [] : [suggestion]),
        ].join(' '),
      ),
      found,
    );
    const beside = checkReferences(set, schema, { mode: 'apply' });
    t.true(beside.every(({ severity }) => severity === 'warning'));
  });

import test from 'ava';
import type { JsonObject } from '../base/json.ts';
import { builtinSchema } from './builtin-schema.ts';
import { checkObject } from './check-object.ts';
import { servedVersions } from './conversion.ts';
import { withCustomResources } from './custom-resources.ts';
import { applyDefaults } from './defaults.ts';
import type { KubeObject } from './object.ts';

const builtin = builtinSchema();
const definition = (spec: JsonObject): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'sprockets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Sprocket', plural: 'sprockets', shortNames: ['spk'] },
    versions: [
      { name: 'v1beta1', served: true, storage: false },
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: {}, teeth: {} } } },
      },
      { name: 'v0', served: false, storage: false },
    ],
    ...spec,
  },
});
const schema = withCustomResources(builtin, [definition({})]);
const written = { apiVersion: 'example.com/v1beta1', kind: 'Sprocket', metadata: { name: 'a' }, teeth: 3 };

test('a definition brings its kind', (t) => {
  const kind = schema.kind({ group: 'example.com', kind: 'Sprocket' });
  t.like(kind, {
    version: 'v1',
    plural: 'sprockets',
    namespaced: true,
    runs: false,
    subresources: ['status'],
  });
  t.is(schema.kindByPlural('example.com', 'sprockets'), kind);
  t.deepEqual(kind && servedVersions(kind), ['v1', 'v1beta1']);
  t.is(schema.kindOf('v1', 'Pod'), builtin.kindOf('v1', 'Pod'));
});

test('its objects are converted to the stored version, and known by their fields', (t) => {
  const { object, findings } = checkObject(schema, written);
  t.deepEqual<unknown, unknown>(object, { ...written, apiVersion: 'example.com/v1' });
  t.deepEqual(findings, []);
  t.deepEqual<unknown, unknown>(object && applyDefaults(schema, object), {
    ...written,
    apiVersion: 'example.com/v1',
  });
  const stored = { ...written, apiVersion: 'example.com/v1', metadata: { name: 'A' } };
  const misspelt = checkObject(schema, { ...stored, tooth: 1 }).findings;
  t.deepEqual(
    misspelt.map(({ ruleId }) => ruleId),
    ['invalid-name', 'unknown-field'],
  );
});

const nothing: Record<string, JsonObject> = {
  'takes a group there is already': { group: 'apps' },
  'stores no version': { versions: [{ name: 'v1', served: true, storage: false }] },
  'has no names': { names: {} },
  'has names that are none': { names: { kind: '../x', plural: 'a/b' } },
};
for (const [title, spec] of Object.entries(nothing))
  test(`a definition adds nothing when it ${title}`, (t) => {
    t.is(withCustomResources(builtin, [definition(spec)]), builtin);
  });

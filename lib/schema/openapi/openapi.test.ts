import test from 'ava';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { builtinSchema } from '../builtin-schema.ts';
import { withCustomResources } from '../custom-resources.ts';
import { servedGroupVersions, servedResources } from '../discovery/served-resources.ts';
import type { KubeObject } from '../object.ts';
import { openapiGroup, openapiIndex } from './openapi.ts';

const shirts: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'shirts.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Shirt', plural: 'shirts' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { color: { type: 'string' } } } },
          },
        },
      },
      { name: 'v2', served: true, storage: false },
    ],
  },
};
const schema = withCustomResources(builtinSchema(), [shirts]);

/** What stands at a path of names and indexes. */
function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const name of path) found = isObject(found) ? found[name] : undefined;
  return found;
}

function documentOf(group: string, version: string): JsonObject {
  return openapiGroup(schema, { group, version }) ?? {};
}

function schemaIn(group: string, version: string, typeName: string): JsonValue | undefined {
  return at(documentOf(group, version), 'components', 'schemas', typeName);
}

test('the index leads to a document of every version, and changes with it', (t) => {
  const index = openapiIndex(schema, ({ group, version }) => `${group}@${version}`);
  t.deepEqual(at(index, 'paths', 'api/v1'), { serverRelativeURL: '/openapi/v3/api/v1?hash=%40v1' });
  t.deepEqual(at(index, 'paths', 'apis/apps/v1'), {
    serverRelativeURL: '/openapi/v3/apis/apps/v1?hash=apps%40v1',
  });
  t.is(Object.keys(isObject(index.paths) ? index.paths : {}).length, servedGroupVersions(schema).length);
});

test('a version that is not served has no document', (t) => {
  t.is(openapiGroup(schema, { group: 'apps', version: 'v1beta1' }), undefined);
});

test('every reference of every document leads somewhere in it', (t) => {
  const missing: string[] = [];
  for (const { group, version } of servedGroupVersions(schema)) {
    const document = documentOf(group, version);
    const components = at(document, 'components', 'schemas');
    const visit = (value: JsonValue | undefined): void => {
      if (isArray(value)) for (const item of value) visit(item);
      if (!isObject(value)) return;
      const { $ref } = value;
      if (typeof $ref === 'string') {
        const name = $ref.slice('#/components/schemas/'.length);
        if (!isObject(components) || components[name] === undefined)
          missing.push(`${group}/${version} ${name}`);
        if (Object.keys(value).length > 1) missing.push(`${name} has neighbours`);
      }
      for (const member of Object.values(value)) visit(member);
    };
    visit(document);
  }
  t.deepEqual(missing, []);
});

test('every resource that can be patched says so, with its kind and the parameter kubectl looks for', (t) => {
  for (const resource of servedResources(schema)) {
    if (!resource.verbs.includes('patch')) continue;
    const { group, version, kind, plural, namespaced } = resource;
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const path = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`;
    const patch = at(documentOf(group, version), 'paths', path, 'patch');
    t.deepEqual(at(patch, 'x-kubernetes-group-version-kind'), { group, version, kind });
    const parameters = at(patch, 'parameters');
    t.true(isArray(parameters) && parameters.some((row) => at(row, 'name') === 'fieldValidation'), path);
    const content = at(patch, 'requestBody', 'content');
    const strategic = isObject(content) && content['application/strategic-merge-patch+json'] !== undefined;
    t.is(strategic, group !== 'example.com', path);
  }
});

const POD_SPEC = 'io.k8s.api.core.v1.PodSpec';
const properties: Record<string, { type: string; field: string; property: JsonValue }> = {
  'a list that merges by a key': {
    type: POD_SPEC,
    field: 'containers',
    property: {
      type: 'array',
      items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    },
  },
  'a union whose other members go': {
    type: POD_SPEC,
    field: 'volumes',
    property: {
      type: 'array',
      items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Volume' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge,retainKeys',
      'x-kubernetes-patch-merge-key': 'name',
    },
  },
  'a value of a set': {
    type: POD_SPEC,
    field: 'restartPolicy',
    property: { type: 'string', enum: ['Always', 'Never', 'OnFailure'] },
  },
  'a value with a default': {
    type: 'io.k8s.api.core.v1.ContainerPort',
    field: 'protocol',
    property: { type: 'string', default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] },
  },
  'a type of its own': {
    type: POD_SPEC,
    field: 'securityContext',
    property: { $ref: '#/components/schemas/io.k8s.api.core.v1.PodSecurityContext' },
  },
  'a map of quantities': {
    type: 'io.k8s.api.core.v1.ResourceRequirements',
    field: 'limits',
    property: {
      type: 'object',
      additionalProperties: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' },
    },
  },
  'a number of 64 bits': {
    type: POD_SPEC,
    field: 'activeDeadlineSeconds',
    property: { type: 'integer', format: 'int64' },
  },
};
for (const [title, { type, field, property }] of Object.entries(properties))
  test(`${title} is told as Kubernetes tells it`, (t) => {
    t.deepEqual(at(schemaIn('', 'v1', type), 'properties', field), property);
  });

test('types say what they need, what they are, and their special forms', (t) => {
  t.deepEqual(at(schemaIn('', 'v1', POD_SPEC), 'required'), ['containers']);
  t.deepEqual(
    at(schemaIn('apps', 'v1', 'io.k8s.api.apps.v1.Deployment'), 'x-kubernetes-group-version-kind'),
    [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
  );
  t.deepEqual(schemaIn('', 'v1', 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'), {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  });
  t.deepEqual(schemaIn('', 'v1', 'io.k8s.apimachinery.pkg.apis.meta.v1.Time'), {
    type: 'string',
    format: 'date-time',
  });
  t.is(at(schemaIn('', 'v1', 'io.k8s.api.core.v1.LocalObjectReference'), 'x-kubernetes-map-type'), 'atomic');
});

test('descriptions stand where they are known', (t) => {
  const descriptions = {
    types: { [POD_SPEC]: 'What a pod shall be.' },
    fields: { [`${POD_SPEC}#securityContext`]: 'Who it runs as.' },
  };
  const document = openapiGroup(schema, { group: '', version: 'v1' }, { descriptions });
  const spec = at(document, 'components', 'schemas', POD_SPEC);
  t.is(at(spec, 'description'), 'What a pod shall be.');
  t.deepEqual(at(spec, 'properties', 'securityContext'), {
    allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodSecurityContext' }],
    description: 'Who it runs as.',
  });
});

test('a custom resource has the schema of its definition, and what every object has', (t) => {
  const shirt = schemaIn('example.com', 'v1', 'com.example.v1.Shirt');
  t.deepEqual(at(shirt, 'properties', 'spec', 'properties', 'color'), { type: 'string' });
  t.deepEqual(at(shirt, 'properties', 'kind'), { type: 'string' });
  t.deepEqual(schemaIn('example.com', 'v2', 'com.example.v2.Shirt'), {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: {
        allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
      },
    },
    'x-kubernetes-preserve-unknown-fields': true,
    'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v2', kind: 'Shirt' }],
  });
});

test('a subresource of another group has its own kind and type', (t) => {
  const scale = at(
    documentOf('apps', 'v1'),
    'paths',
    '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
    'get',
  );
  t.deepEqual(at(scale, 'x-kubernetes-group-version-kind'), {
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
  });
  t.truthy(schemaIn('apps', 'v1', 'io.k8s.api.autoscaling.v1.Scale'));
});

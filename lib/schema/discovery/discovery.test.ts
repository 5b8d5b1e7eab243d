import test from 'ava';
import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { builtinSchema } from '../builtin-schema.ts';
import { withCustomResources } from '../custom-resources.ts';
import { aggregatedDiscovery, aggregatedMediaType, aggregatedVersions } from './aggregated-discovery.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './discovery.ts';
import { resourcesOf, servedGroupVersions, servedResources } from './served-resources.ts';

const schema = builtinSchema();
const rows = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

test('every group version that kubectl knows is served, the preferred one first', (t) => {
  t.deepEqual(
    servedGroupVersions(schema).map(({ group, version }) => `${group}/${version}`),
    [
      '/v1',
      'apps/v1',
      'batch/v1',
      'autoscaling/v2',
      'autoscaling/v1',
      'policy/v1',
      'discovery.k8s.io/v1',
      'networking.k8s.io/v1',
      'rbac.authorization.k8s.io/v1',
      'scheduling.k8s.io/v1',
      'coordination.k8s.io/v1',
      'node.k8s.io/v1',
      'storage.k8s.io/v1',
      'certificates.k8s.io/v1',
      'admissionregistration.k8s.io/v1',
      'apiextensions.k8s.io/v1',
      'authentication.k8s.io/v1',
      'authorization.k8s.io/v1',
      'events.k8s.io/v1',
      'metrics.k8s.io/v1beta1',
    ],
  );
});

test('a type is known of all that is served, but for what is measured', (t) => {
  for (const { group, typeName } of servedResources(schema))
    if (group !== 'metrics.k8s.io') t.truthy(schema.type(typeName), typeName);
  t.is(
    resourcesOf(schema, { group: 'autoscaling', version: 'v1' })[0]?.typeName,
    'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
  );
});

test("the program's own kinds are not served", (t) => {
  t.false(servedResources(schema).some(({ group }) => group === 'pintle.dev'));
});

test('/api names the core version and where to reach it', (t) => {
  t.deepEqual(apiVersions('127.0.0.1:6443'), {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:6443' }],
  });
});

test('/apis lists every group but the core one, with its versions', (t) => {
  const groups = rows(apiGroupList(schema).groups);
  t.false(groups.some(({ name }) => name === ''));
  t.deepEqual(
    groups.find(({ name }) => name === 'autoscaling'),
    {
      name: 'autoscaling',
      versions: [
        { groupVersion: 'autoscaling/v2', version: 'v2' },
        { groupVersion: 'autoscaling/v1', version: 'v1' },
      ],
      preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
    },
  );
  t.is(apiGroup(schema, 'apps')?.name, 'apps');
  t.is(apiGroup(schema, 'nothing'), undefined);
  t.is(apiGroup(schema, ''), undefined);
});

const resources: Record<
  string,
  { group: string; version: string; name: string; row: JsonObject | undefined }
> = {
  'pods, with short name and category': {
    group: '',
    version: 'v1',
    name: 'pods',
    row: {
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['po'],
      categories: ['all'],
    },
  },
  'the eviction of a pod, of another group': {
    group: '',
    version: 'v1',
    name: 'pods/eviction',
    row: {
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    },
  },
  'the scale of a deployment': {
    group: 'apps',
    version: 'v1',
    name: 'deployments/scale',
    row: {
      name: 'deployments/scale',
      singularName: '',
      namespaced: true,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    },
  },
  'the status of a deployment, of its own group': {
    group: 'apps',
    version: 'v1',
    name: 'deployments/status',
    row: {
      name: 'deployments/status',
      singularName: '',
      namespaced: true,
      kind: 'Deployment',
      verbs: ['get', 'patch', 'update'],
    },
  },
  'a review, which is only asked': {
    group: 'authorization.k8s.io',
    version: 'v1',
    name: 'selfsubjectaccessreviews',
    row: {
      name: 'selfsubjectaccessreviews',
      singularName: 'selfsubjectaccessreview',
      namespaced: false,
      kind: 'SelfSubjectAccessReview',
      verbs: ['create'],
    },
  },
  'what pods use': {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    name: 'pods',
    row: { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  },
  'no collection of namespaces is deleted': {
    group: '',
    version: 'v1',
    name: 'namespaces',
    row: {
      name: 'namespaces',
      singularName: 'namespace',
      namespaced: false,
      kind: 'Namespace',
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['ns'],
    },
  },
};
for (const [title, { group, version, name, row }] of Object.entries(resources))
  test(`a list of resources has ${title}`, (t) => {
    t.deepEqual(
      rows(apiResourceList(schema, { group, version })?.resources).find((found) => found.name === name),
      row,
    );
  });

test('a version that is not served has no list', (t) => {
  t.is(apiResourceList(schema, { group: 'apps', version: 'v1beta1' }), undefined);
});

test('the aggregated documents say what the plain ones say', (t) => {
  for (const version of aggregatedVersions) {
    const plain: string[] = [];
    for (const of of servedGroupVersions(schema))
      for (const row of rows(apiResourceList(schema, of)?.resources))
        plain.push(`${of.group}/${of.version}/${row.name}: ${row.kind} ${rows([row])[0]?.verbs}`);
    const aggregated: string[] = [];
    for (const path of ['/api', '/apis'] as const) {
      const document = aggregatedDiscovery(schema, { path, version });
      t.is(document.apiVersion, `apidiscovery.k8s.io/${version}`);
      for (const group of rows(document.items))
        for (const served of rows(group.versions))
          for (const item of rows(served.resources)) {
            const name = isObject(group.metadata) ? (group.metadata.name ?? '') : '';
            const at = `${name}/${served.version}/${item.resource}`;
            aggregated.push(
              `${at}: ${isObject(item.responseKind) ? item.responseKind.kind : ''} ${item.verbs}`,
            );
            for (const sub of rows(item.subresources))
              aggregated.push(
                `${at}/${sub.subresource}: ${isObject(sub.responseKind) ? sub.responseKind.kind : ''} ${sub.verbs}`,
              );
          }
    }
    t.deepEqual(aggregated, plain);
  }
  t.is(aggregatedMediaType('v2'), 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
});

test('custom resources are discovered', (t) => {
  const custom = withCustomResources(schema, [
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'shirts.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Shirt', plural: 'shirts', shortNames: ['sh'] },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: {
              status: {},
              scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
            },
          },
          { name: 'v1beta1', served: true, storage: false },
        ],
      },
    },
  ]);
  t.deepEqual(
    servedGroupVersions(custom).filter(({ group }) => group === 'example.com'),
    [
      { group: 'example.com', version: 'v1' },
      { group: 'example.com', version: 'v1beta1' },
    ],
  );
  const names = rows(apiResourceList(custom, { group: 'example.com', version: 'v1' })?.resources).map(
    ({ name }) => name,
  );
  t.deepEqual(names, ['shirts', 'shirts/scale', 'shirts/status']);
});

import test from 'ava';
import { builtinSchema } from './builtin-schema.ts';

const schema = builtinSchema();

test('every kind has a type with fields, and a plural of its own in its group', (t) => {
  const plurals = new Set<string>();
  for (const kind of schema.kinds) {
    t.truthy(schema.type(kind.typeName)?.fields, kind.typeName);
    const plural = `${kind.group}/${kind.plural}`;
    t.false(plurals.has(plural), plural);
    plurals.add(plural);
    t.is(kind.versions[0], kind.version);
  }
});

test('every type a field names is there', (t) => {
  const seen = new Set<string>();
  const visit = (typeName: string): void => {
    if (seen.has(typeName)) return;
    seen.add(typeName);
    const type = schema.type(typeName);
    t.truthy(type, typeName);
    for (const field of Object.values(type?.fields ?? {}))
      for (const name of field.type.match(/(io|dev)\.[\w.-]+/g) ?? []) visit(name);
  };
  for (const kind of schema.kinds) visit(kind.typeName);
});

const lookups: Record<string, { apiVersion: string; kind: string; found: string | undefined }> = {
  'the stored version': { apiVersion: 'apps/v1', kind: 'Deployment', found: 'apps/Deployment' },
  'an old version': { apiVersion: 'apps/v1beta2', kind: 'DaemonSet', found: 'apps/DaemonSet' },
  'a group it left': { apiVersion: 'extensions/v1beta1', kind: 'Deployment', found: 'apps/Deployment' },
  'a version the group never had for it': { apiVersion: 'apps/v1beta1', kind: 'DaemonSet', found: undefined },
  'the other group of events': { apiVersion: 'events.k8s.io/v1', kind: 'Event', found: '/Event' },
  'an HPA of another served version': {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    found: 'autoscaling/HorizontalPodAutoscaler',
  },
  'a wrong group': { apiVersion: 'v1', kind: 'ReplicaSet', found: undefined },
  'a name every JavaScript object has': { apiVersion: 'v1', kind: 'constructor', found: undefined },
};
for (const [title, { apiVersion, kind, found }] of Object.entries(lookups))
  test(`kindOf finds ${title}`, (t) => {
    const row = schema.kindOf(apiVersion, kind);
    t.is(row && `${row.group}/${row.kind}`, found);
  });

test('what runs today is what the product says', (t) => {
  t.deepEqual(
    schema.kinds
      .filter((kind) => kind.runs)
      .map((kind) => kind.kind)
      .sort(),
    [
      'CertificateSigningRequest',
      'ClusterRole',
      'ClusterRoleBinding',
      'ConfigMap',
      'ControllerRevision',
      'CronJob',
      'CustomResourceDefinition',
      'DaemonSet',
      'Deployment',
      'EndpointSlice',
      'Endpoints',
      'Event',
      'HorizontalPodAutoscaler',
      'Job',
      'LimitRange',
      'Namespace',
      'Node',
      'PersistentVolume',
      'PersistentVolumeClaim',
      'Pod',
      'PodDisruptionBudget',
      'PodTemplate',
      'PriorityClass',
      'ReplicaSet',
      'ReplicationController',
      'ResourceQuota',
      'Role',
      'RoleBinding',
      'Secret',
      'Service',
      'ServiceAccount',
      'StatefulSet',
      'StorageClass',
    ],
  );
});

test('a kind is found by its plural', (t) => {
  t.is(schema.kindByPlural('', 'pods')?.kind, 'Pod');
  t.is(schema.kindByPlural('extensions', 'deployments')?.group, 'apps');
  t.is(schema.kindByPlural('apps', 'pods'), undefined);
});

test('the inventory kinds are internal and cluster-scoped', (t) => {
  for (const kind of ['Source', 'AppliedObject', 'StoppedNode']) {
    const row = schema.kind({ group: 'pintle.dev', kind });
    t.true(row?.internal);
    t.false(row?.namespaced);
  }
});

import test from 'ava';
import { isObject, type JsonObject } from '../../base/json.ts';
import { builtinSchema } from '../builtin-schema.ts';
import type { KubeObject } from '../object.ts';
import { updateManagedFields } from './update-managed-fields.ts';

const schema = builtinSchema();
const now = Date.parse('2026-01-01T00:00:00Z');
const DEPLOYMENT = 'io.k8s.api.apps.v1.Deployment';
const CONFIG_MAP = 'io.k8s.api.core.v1.ConfigMap';

const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'u', labels: { app: 'web' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'nginx', image: 'nginx', ports: [{ containerPort: 80, protocol: 'TCP' }], resources: {} },
        ],
        dnsPolicy: 'ClusterFirst',
        nodeSelector: { disk: 'ssd' },
        securityContext: {},
      },
    },
  },
};

test('what kubectl creates is owned as on a real server', (t) => {
  const [entry, ...others] = updateManagedFields({
    schema,
    typeName: DEPLOYMENT,
    before: null,
    after: deployment,
    manager: 'kubectl-create',
    subresource: '',
    now,
  });
  t.deepEqual(others, []);
  t.deepEqual(entry, {
    manager: 'kubectl-create',
    operation: 'Update',
    apiVersion: 'apps/v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': {
        'f:replicas': {},
        'f:selector': {},
        'f:strategy': {
          'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
          'f:type': {},
        },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"nginx"}': {
                '.': {},
                'f:image': {},
                'f:name': {},
                'f:ports': {
                  '.': {},
                  'k:{"containerPort":80,"protocol":"TCP"}': {
                    '.': {},
                    'f:containerPort': {},
                    'f:protocol': {},
                  },
                },
                'f:resources': {},
              },
            },
            'f:dnsPolicy': {},
            'f:nodeSelector': {},
            'f:securityContext': {},
          },
        },
      },
    },
  });
});

type Step = { readonly manager: string; readonly object: JsonObject; readonly subresource?: string };
/** managedFields after these writes of a ConfigMap, as `manager: fields`. */
function after(...steps: readonly Step[]): Record<string, unknown> {
  let stored: KubeObject | null = null;
  for (const [at, { manager, object, subresource = '' }] of steps.entries()) {
    const { metadata, ...rest } = object;
    const written: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      ...rest,
      metadata: { name: 'c', ...(isObject(metadata) ? metadata : {}) },
    };
    const managedFields = updateManagedFields({
      schema,
      typeName: CONFIG_MAP,
      before: stored,
      after: written,
      manager,
      subresource,
      now: now + at * 1_000,
    });
    stored = { ...written, metadata: { ...written.metadata, managedFields: [...managedFields] } };
  }
  const entries = stored?.metadata.managedFields ?? [];
  return Object.fromEntries(entries.map((entry) => [String(entry.manager), entry.fieldsV1]));
}

const histories: Record<string, { steps: readonly Step[]; managers: Record<string, unknown> }> = {
  'Whoever changes a value owns it': {
    steps: [
      { manager: 'a', object: { data: { x: '1', y: '1' } } },
      { manager: 'b', object: { data: { x: '2', y: '1' } } },
    ],
    managers: { a: { 'f:data': { '.': {}, 'f:y': {} } }, b: { 'f:data': { 'f:x': {} } } },
  },
  'What is removed belongs to nobody': {
    steps: [
      { manager: 'a', object: { data: { x: '1', y: '1' } } },
      { manager: 'b', object: { data: { x: '1' } } },
    ],
    managers: { a: { 'f:data': { '.': {}, 'f:x': {} } } },
  },
  'A manager of nothing goes': {
    steps: [
      { manager: 'a', object: { data: { x: '1' } } },
      { manager: 'b', object: {} },
    ],
    managers: {},
  },
  'A write that changes nothing owns nothing': {
    steps: [
      { manager: 'a', object: { data: { x: '1' } } },
      { manager: 'b', object: { data: { x: '1' } } },
    ],
    managers: { a: { 'f:data': { '.': {}, 'f:x': {} } } },
  },
  'Finalizers are owned one by one': {
    steps: [
      { manager: 'a', object: { metadata: { finalizers: ['x'] } } },
      { manager: 'b', object: { metadata: { finalizers: ['x', 'y'] } } },
    ],
    managers: {
      a: { 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"x"': {} } } },
      b: { 'f:metadata': { 'f:finalizers': { 'v:"y"': {} } } },
    },
  },
  'One empty entry empties managedFields': {
    steps: [
      { manager: 'a', object: { data: { x: '1' } } },
      { manager: 'b', object: { data: { x: '1' }, metadata: { managedFields: [{}] } } },
    ],
    managers: {},
  },
  'managedFields that are sent count': {
    steps: [
      { manager: 'a', object: { data: { x: '1' } } },
      {
        manager: 'b',
        object: {
          data: { x: '1' },
          metadata: {
            managedFields: [
              { manager: 'c', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:x': {} } } },
            ],
          },
        },
      },
    ],
    managers: { c: { 'f:data': { 'f:x': {} } } },
  },
  'managedFields that cannot be read count as not sent': {
    steps: [
      { manager: 'a', object: { data: { x: '1' } } },
      { manager: 'b', object: { data: { x: '1' }, metadata: { managedFields: [{ manager: 'c' }] } } },
    ],
    managers: { a: { 'f:data': { '.': {}, 'f:x': {} } } },
  },
  'A subresource does not take managedFields': {
    steps: [
      { manager: 'a', object: { data: { x: '1' } } },
      {
        manager: 'b',
        object: { data: { x: '1' }, metadata: { managedFields: [{}] } },
        subresource: 'status',
      },
    ],
    managers: { a: { 'f:data': { '.': {}, 'f:x': {} } } },
  },
};
for (const [title, { steps, managers }] of Object.entries(histories))
  test(`${title}.`, (t) => {
    t.deepEqual(after(...steps), managers);
  });

test('the eldest of many managers become one', (t) => {
  const names = Array.from({ length: 14 }, (_, at) => `m${String(at).padStart(2, '0')}`);
  const data: Record<string, string> = {};
  const steps = names.map((manager) => {
    data[manager] = '1';
    return { manager, object: { data: { ...data } } };
  });
  const managers = after(...steps);
  t.is(Object.keys(managers).length, 10);
  t.deepEqual(managers['ancient-changes'], {
    'f:data': { '.': {}, 'f:m00': {}, 'f:m01': {}, 'f:m02': {}, 'f:m03': {}, 'f:m04': {} },
  });
  t.deepEqual(managers.m13, { 'f:data': { 'f:m13': {} } });
});

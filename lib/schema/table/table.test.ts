import test from 'ava';
import fc from 'fast-check';
import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { tries } from '../../testing/thoroughness.ts';
import { builtinSchema } from '../builtin-schema.ts';
import { servedResources } from '../discovery/served-resources.ts';
import { apiVersionOf, type KubeObject } from '../object.ts';
import { columnsOf, tableOf } from './table.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const creationTimestamp = '2026-01-01T00:00:00Z';

/** The columns and cells of one object by column, as `-o wide` prints them. */
function cellsOf(object: KubeObject, customVersion?: JsonObject): Record<string, JsonValue> {
  const cells = columnsOf(object, customVersion).map((column): [string, JsonValue] => [
    column.name.toUpperCase(),
    column.cell(object, now),
  ]);
  return Object.fromEntries(cells);
}

const metadata = { name: 'x', namespace: 'shop', creationTimestamp };
const rows: Record<string, { object: JsonObject; cells: Record<string, JsonValue> }> = {
  'a Deployment': {
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: {
        replicas: 3,
        selector: {
          matchLabels: { app: 'web' },
          matchExpressions: [{ key: 'a', operator: 'In', values: ['z', 'y'] }],
        },
        template: {
          spec: {
            containers: [
              { name: 'c', image: 'nginx' },
              { name: 'd', image: 'redis' },
            ],
          },
        },
      },
      status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
    },
    cells: {
      NAME: 'x',
      READY: '2/3',
      'UP-TO-DATE': 3,
      AVAILABLE: 1,
      AGE: '60m',
      CONTAINERS: 'c,d',
      IMAGES: 'nginx,redis',
      SELECTOR: 'a in (y,z),app=web',
    },
  },
  'a Service with a node port': {
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      spec: {
        type: 'NodePort',
        clusterIP: '10.0.0.1',
        ports: [
          { port: 80, nodePort: 30080, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
        selector: { b: '2', a: '1' },
      },
    },
    cells: {
      NAME: 'x',
      TYPE: 'NodePort',
      'CLUSTER-IP': '10.0.0.1',
      'EXTERNAL-IP': '<none>',
      'PORT(S)': '80:30080/TCP,53/UDP',
      AGE: '60m',
      SELECTOR: 'a=1,b=2',
    },
  },
  'a Service that waits for its address': {
    object: { apiVersion: 'v1', kind: 'Service', spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } },
    cells: {
      NAME: 'x',
      TYPE: 'LoadBalancer',
      'CLUSTER-IP': '10.0.0.1',
      'EXTERNAL-IP': '<pending>',
      'PORT(S)': '<none>',
      AGE: '60m',
      SELECTOR: '<none>',
    },
  },
  'a Job that is done': {
    object: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: { completions: 2, selector: {}, template: { spec: { containers: [] } } },
      status: {
        succeeded: 2,
        startTime: creationTimestamp,
        completionTime: '2026-01-01T00:00:30Z',
        conditions: [{ type: 'Complete', status: 'True' }],
      },
    },
    cells: {
      NAME: 'x',
      STATUS: 'Complete',
      COMPLETIONS: '2/2',
      DURATION: '30s',
      AGE: '60m',
      CONTAINERS: '',
      IMAGES: '',
      SELECTOR: '<none>',
    },
  },
  'a CronJob that has not run': {
    object: { apiVersion: 'batch/v1', kind: 'CronJob', spec: { schedule: '@daily', suspend: false } },
    cells: {
      NAME: 'x',
      SCHEDULE: '@daily',
      TIMEZONE: '<none>',
      SUSPEND: 'False',
      ACTIVE: 0,
      'LAST SCHEDULE': '<none>',
      AGE: '60m',
      CONTAINERS: '',
      IMAGES: '',
      SELECTOR: '<none>',
    },
  },
  'an autoscaler': {
    object: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        maxReplicas: 10,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
          },
          { type: 'Resource', resource: { name: 'memory', target: { averageValue: '1Gi' } } },
          { type: 'Pods', pods: { target: { averageValue: '5' } } },
        ],
      },
      status: { currentReplicas: 2, currentMetrics: [{ resource: { current: { averageUtilization: 10 } } }] },
    },
    cells: {
      NAME: 'x',
      REFERENCE: 'Deployment/web',
      TARGETS: 'cpu: 10%/80%, memory: <unknown>/1Gi + 1 more...',
      MINPODS: '<unset>',
      MAXPODS: 10,
      REPLICAS: 2,
      AGE: '60m',
    },
  },
  'a Node that is cordoned': {
    object: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n', creationTimestamp, labels: { 'node-role.kubernetes.io/control-plane': '' } },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '10.0.0.9' }],
        nodeInfo: { kubeletVersion: 'v1.32.0', osImage: 'Debian' },
      },
    },
    cells: {
      NAME: 'n',
      STATUS: 'Ready,SchedulingDisabled',
      ROLES: 'control-plane',
      AGE: '60m',
      VERSION: 'v1.32.0',
      'INTERNAL-IP': '10.0.0.9',
      'EXTERNAL-IP': '<none>',
      'OS-IMAGE': 'Debian',
      'KERNEL-VERSION': '<unknown>',
      'CONTAINER-RUNTIME': '<unknown>',
    },
  },
  'an Event that came often': {
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: { kind: 'Pod', name: 'web-1', fieldPath: 'spec.containers{c}' },
      reason: 'BackOff',
      type: 'Warning',
      message: ' Back-off \n',
      source: { component: 'kubelet', host: 'n' },
      firstTimestamp: creationTimestamp,
      lastTimestamp: '2026-01-01T00:59:00Z',
      count: 4,
    },
    cells: {
      'LAST SEEN': '60s',
      TYPE: 'Warning',
      REASON: 'BackOff',
      OBJECT: 'pod/web-1',
      SUBOBJECT: 'spec.containers{c}',
      SOURCE: 'kubelet, n',
      MESSAGE: 'Back-off',
      'FIRST SEEN': '60m',
      COUNT: 4,
      NAME: 'x',
    },
  },
  'Endpoints of many': {
    object: {
      apiVersion: 'v1',
      kind: 'Endpoints',
      subsets: [
        { addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports: [{ port: 80 }, { port: 443 }] },
        { addresses: [{ ip: 'fd00::1' }], ports: [{ port: 80 }] },
      ],
    },
    cells: { NAME: 'x', ENDPOINTS: '10.0.0.1:80,10.0.0.2:80,10.0.0.1:443 + 2 more...', AGE: '60m' },
  },
  'a quota': {
    object: {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      status: { hard: { pods: '10', cpu: '2', 'limits.cpu': '4' }, used: { pods: '3', cpu: '1' } },
    },
    cells: { NAME: 'x', AGE: '60m', REQUEST: 'cpu: 1/2, pods: 3/10', LIMIT: 'limits.cpu: 0/4' },
  },
  'a budget of nothing': {
    object: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { maxUnavailable: 0 }, status: {} },
    cells: {
      NAME: 'x',
      'MIN AVAILABLE': 'N/A',
      'MAX UNAVAILABLE': '0',
      'ALLOWED DISRUPTIONS': 0,
      AGE: '60m',
    },
  },
  'a claim that is not bound': {
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      spec: { volumeMode: 'Filesystem' },
      status: { phase: 'Pending', capacity: { storage: '1Gi' } },
    },
    cells: {
      NAME: 'x',
      STATUS: 'Pending',
      VOLUME: '',
      CAPACITY: '',
      'ACCESS MODES': '',
      STORAGECLASS: '',
      VOLUMEATTRIBUTESCLASS: '<unset>',
      AGE: '60m',
      VOLUMEMODE: 'Filesystem',
    },
  },
  'a RoleBinding': {
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      roleRef: { kind: 'Role', name: 'reader' },
      subjects: [
        { kind: 'User', name: 'ann' },
        { kind: 'User', name: 'bob' },
        { kind: 'ServiceAccount', name: 'bot', namespace: 'shop' },
      ],
    },
    cells: {
      NAME: 'x',
      ROLE: 'Role/reader',
      AGE: '60m',
      USERS: 'ann, bob',
      GROUPS: '',
      SERVICEACCOUNTS: 'shop/bot',
    },
  },
  'an Ingress with TLS': {
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      spec: { ingressClassName: 'nginx', rules: [{ host: 'a.com' }, { host: 'b.com' }], tls: [{}] },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    },
    cells: {
      NAME: 'x',
      CLASS: 'nginx',
      HOSTS: 'a.com,b.com',
      ADDRESS: '1.2.3.4',
      PORTS: '80, 443',
      AGE: '60m',
    },
  },
  'a request that was approved': {
    object: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      spec: { signerName: 's', username: 'ann', expirationSeconds: 86_400 },
      status: { conditions: [{ type: 'Approved', status: 'True' }], certificate: 'x' },
    },
    cells: {
      NAME: 'x',
      AGE: '60m',
      SIGNERNAME: 's',
      REQUESTOR: 'ann',
      REQUESTEDDURATION: '24h',
      CONDITION: 'Approved,Issued',
    },
  },
};
for (const [title, { object, cells }] of Object.entries(rows))
  test(`${title} is printed as Kubernetes prints it`, (t) => {
    t.deepEqual(cellsOf({ metadata, ...object } as KubeObject), cells);
  });

/** Questions that are never listed, and what is measured. */
const WITHOUT_COLUMNS = ['Binding', 'NodeMetrics', 'PodMetrics'];

test('every kind that is listed has columns of its own', (t) => {
  const plain = servedResources(builtinSchema())
    .filter(({ kind, verbs }) => verbs.includes('list') && !WITHOUT_COLUMNS.includes(kind))
    .filter(({ group, version, kind }) => {
      const names = columnsOf({ apiVersion: apiVersionOf(group, version), kind }).map(({ name }) => name);
      return names.length === 2 && names.includes('Age');
    })
    .map(({ kind }) => kind);
  t.deepEqual(plain, []);
});

test('property: no object of any shape breaks its table', (t) => {
  const kinds = servedResources(builtinSchema()).map(({ group, version, kind }) => ({
    apiVersion: apiVersionOf(group, version),
    kind,
  }));
  const members = [
    'spec',
    'status',
    'conditions',
    'containers',
    'subsets',
    'ports',
    'metrics',
    'template',
    'type',
    'name',
    'rules',
  ];
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...members), tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.dictionary(fc.constantFrom(...members), value), (of, body) => {
      const object = { ...body, ...of, metadata: { name: 'x' } } as KubeObject;
      const [row] = tableOf(of, [object], { now }).rows as JsonObject[];
      return Array.isArray(row?.cells) && row.cells.length === columnsOf(of).length;
    }),
    { numRuns: tries(300) },
  );
  t.pass();
});

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', labels: { app: 'web' } },
  spec: {},
};
const podKind = { apiVersion: 'v1', kind: 'Pod' };

test('a table says what its list says, and as much of the objects as was asked for', (t) => {
  const listMetadata = { resourceVersion: '7', continue: 'c' };
  const table = tableOf(podKind, [pod], { now, listMetadata });
  t.like(table, { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: listMetadata });
  const objectOf = (of: JsonObject): JsonValue | undefined => {
    const [row] = Array.isArray(of.rows) ? of.rows : [];
    return isObject(row) ? row.object : undefined;
  };
  t.deepEqual(objectOf(table), {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: pod.metadata as JsonObject,
  });
  t.deepEqual(objectOf(tableOf(podKind, [pod], { now, includeObject: 'Object' })), pod);
  t.is(objectOf(tableOf(podKind, [pod], { now, includeObject: 'None' })), null);
  t.deepEqual(tableOf(podKind, [pod], { now, withoutColumns: true }).columnDefinitions, []);
  t.is(tableOf(podKind, [], { now, tableVersion: 'v1beta1' }).apiVersion, 'meta.k8s.io/v1beta1');
});

test('a custom resource prints what its definition asks for', (t) => {
  const version = (columns: readonly JsonObject[]): JsonObject => ({
    name: 'v1',
    additionalPrinterColumns: columns,
  });
  const shirt: KubeObject = {
    apiVersion: 'example.com/v1',
    kind: 'Shirt',
    metadata,
    spec: { color: 'red', sizes: [1, 2], price: 9.5 },
  };
  const columns = [
    { name: 'Color', type: 'string', jsonPath: '.spec.color' },
    { name: 'Sizes', type: 'string', jsonPath: '.spec.sizes' },
    { name: 'Price', type: 'number', jsonPath: '.spec.price', priority: 1 },
    { name: 'Made', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Nothing', type: 'integer', jsonPath: '.spec.none' },
    { name: 'Unread', type: 'string', jsonPath: 'spec' },
  ];
  t.deepEqual(cellsOf(shirt, version(columns)), {
    NAME: 'x',
    COLOR: 'red',
    SIZES: '[1,2]',
    PRICE: 9.5,
    MADE: '60m',
    NOTHING: null,
    UNREAD: null,
  });
  t.deepEqual(cellsOf(shirt, version([])), { NAME: 'x', AGE: '60m' });
  t.deepEqual(cellsOf(shirt), { NAME: 'x', AGE: '60m' });
});

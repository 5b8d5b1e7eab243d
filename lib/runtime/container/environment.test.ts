import test from 'ava';
import type { ConfigMap, Container, Pod, Secret, Service } from '../../schema/types.gen.ts';
import { containerSpecOf } from './container-spec.ts';
import { environmentOf } from './environment.ts';

const configMap: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop' },
  data: { COLOUR: 'red', 'a=b': 'not a name', TEXT: '$(COLOUR)' },
};
const secret: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys', namespace: 'shop' },
  data: { TOKEN: Buffer.from('s3cret').toString('base64'), COLOUR: Buffer.from('blue').toString('base64') },
};
const service = (name: string, namespace: string, clusterIP: string): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: {
    clusterIP,
    ports: [
      { name: 'web-ui', port: 80 },
      { port: 53, protocol: 'UDP' },
    ],
  },
});
const services = [
  service('kubernetes', 'default', '127.96.0.1'),
  service('other', 'default', '127.96.0.7'),
  service('my-api', 'shop', '127.96.0.9'),
  service('headless', 'shop', 'None'),
];

function inputOf(
  container: Partial<Container>,
  spec: Partial<Pod['spec']> = {},
  ports: Record<number, number> = {},
) {
  const whole = { name: 'web', image: 'host', ...container };
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      uid: 'u1',
      labels: { app: 'web' },
      annotations: { 'x/y': 'z' },
    },
    spec: { containers: [whole], ...spec },
  };
  return {
    pod,
    container: whole,
    ports: new Map(Object.entries(ports).map(([port, at]) => [Number(port), at])),
    facts: {
      podIP: '10.0.0.5',
      hostIP: '192.0.2.1',
      nodeName: 'node-1',
      allocatable: { cpu: '4', memory: '8Gi' },
    },
    references: {
      configMap: (namespace: string, name: string) =>
        namespace === 'shop' && name === 'settings' ? configMap : undefined,
      secret: (namespace: string, name: string) =>
        namespace === 'shop' && name === 'keys' ? secret : undefined,
      claim: () => undefined,
      volume: () => undefined,
      services: (namespace: string) => services.filter(({ metadata }) => metadata.namespace === namespace),
    },
  };
}

const fieldRef = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
const resource = (name: string, divisor?: string) => ({
  valueFrom: { resourceFieldRef: { resource: name, ...(divisor === undefined ? {} : { divisor }) } },
});

type Row = {
  readonly title: string;
  readonly container: Partial<Container>;
  readonly spec?: Partial<Pod['spec']>;
  readonly ports?: Record<number, number>;
  readonly expected: Readonly<Record<string, string | undefined>>;
};
const rows: readonly Row[] = [
  {
    title: 'a value sees earlier variables and those of envFrom, not later ones',
    container: {
      envFrom: [{ configMapRef: { name: 'settings' } }],
      env: [
        { name: 'A', value: '$(COLOUR) $(B) $$(COLOUR)' },
        { name: 'B', value: '$(A)!' },
      ],
    },
    expected: { A: 'red $(B) $(COLOUR)', B: 'red $(B) $(COLOUR)!', TEXT: '$(COLOUR)', 'a=b': undefined },
  },
  {
    title: 'the later of two sources wins, env over both, and a prefix goes before the key',
    container: {
      envFrom: [
        { configMapRef: { name: 'settings' } },
        { secretRef: { name: 'keys' } },
        { prefix: 'P_', secretRef: { name: 'keys' } },
      ],
      env: [{ name: 'TOKEN', value: 'mine' }],
    },
    expected: { COLOUR: 'blue', TOKEN: 'mine', P_TOKEN: 's3cret' },
  },
  {
    title: 'optional references that are not there leave nothing',
    container: {
      envFrom: [{ configMapRef: { name: 'absent', optional: true } }],
      env: [
        { name: 'A', valueFrom: { secretKeyRef: { name: 'absent', key: 'k', optional: true } } },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'no', optional: true } } },
      ],
    },
    expected: { A: undefined, B: undefined },
  },
  {
    title: 'fields of the pod',
    container: {
      env: [
        { name: 'NAME', ...fieldRef('metadata.name') },
        { name: 'LABEL', ...fieldRef("metadata.labels['app']") },
        { name: 'NOTE', ...fieldRef("metadata.annotations['x/y']") },
        { name: 'POD', ...fieldRef('status.podIP') },
        { name: 'HOST', ...fieldRef('status.hostIP') },
        { name: 'NODE', ...fieldRef('spec.nodeName') },
        { name: 'ACCOUNT', ...fieldRef('spec.serviceAccountName') },
      ],
    },
    expected: {
      ...{ NAME: 'web-1', LABEL: 'web', NOTE: 'z', POD: '10.0.0.5', HOST: '192.0.2.1' },
      ...{ NODE: 'node-1', ACCOUNT: 'default' },
    },
  },
  {
    title: 'resources round up to the divisor; a limit that is not set is what the node has',
    container: {
      resources: { limits: { cpu: '1500m' }, requests: { memory: '100Mi' } },
      env: [
        { name: 'CPU', ...resource('limits.cpu') },
        { name: 'MILLIS', ...resource('limits.cpu', '1m') },
        { name: 'MEMORY', ...resource('limits.memory', '1Gi') },
        { name: 'MIB', ...resource('requests.memory', '1Mi') },
        { name: 'NONE', ...resource('requests.cpu') },
      ],
    },
    expected: { CPU: '2', MILLIS: '1500', MEMORY: '8', MIB: '100', NONE: '0' },
  },
  {
    title: 'Services of the namespace and the API; not headless ones, not those of other namespaces',
    container: { env: [{ name: 'URL', value: 'http://$(MY_API_SERVICE_HOST)' }] },
    expected: {
      ...{ MY_API_SERVICE_HOST: '127.96.0.9', MY_API_SERVICE_PORT: '80', MY_API_SERVICE_PORT_WEB_UI: '80' },
      ...{ MY_API_PORT: 'tcp://127.96.0.9:80', MY_API_PORT_53_UDP: 'udp://127.96.0.9:53' },
      ...{ MY_API_PORT_80_TCP_ADDR: '127.96.0.9', KUBERNETES_SERVICE_HOST: '127.96.0.1' },
      ...{ OTHER_SERVICE_HOST: undefined, HEADLESS_SERVICE_HOST: undefined, URL: 'http://127.96.0.9' },
    },
  },
  {
    title: 'enableServiceLinks false leaves only the API',
    container: {},
    spec: { enableServiceLinks: false },
    expected: { MY_API_SERVICE_HOST: undefined, KUBERNETES_SERVICE_HOST: '127.96.0.1' },
  },
  {
    title: 'PORT tells where to listen, moved or not',
    container: {
      ports: [
        { containerPort: 80, name: 'http' },
        { containerPort: 9090, name: 'metrics-tls' },
      ],
    },
    ports: { 80: 41_000 },
    expected: { PORT: '41000', PORT_HTTP: '41000', PORT_METRICS_TLS: '9090' },
  },
  {
    title: 'a PORT of the user stays',
    container: { ports: [{ containerPort: 80 }], env: [{ name: 'PORT', value: '8000' }] },
    ports: { 80: 41_000 },
    expected: { PORT: '8000' },
  },
];
for (const { title, container, spec, ports, expected } of rows) {
  test(`environment: ${title}`, (t) => {
    const result = environmentOf(inputOf(container, spec, ports));
    t.true(result.ok);
    if (!result.ok) return;
    const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, result.value.get(name)]));
    t.deepEqual(seen, { ...expected });
  });
}

for (const { title, container, names } of [
  {
    title: 'a ConfigMap that is not there',
    container: { envFrom: [{ configMapRef: { name: 'absent' } }] },
    names: /configmap "absent"/,
  },
  {
    title: 'a key that is not there',
    container: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'nope' } } }] },
    names: /nope.*shop\/keys/,
  },
  {
    title: 'a field that is not offered',
    container: { env: [{ name: 'A', ...fieldRef('spec.containers') }] },
    names: /spec\.containers/,
  },
  { title: 'a NUL byte', container: { env: [{ name: 'A', value: 'x\0y' }] }, names: /A/ },
  {
    title: 'a subPath that leaves its volume',
    container: {
      env: [{ name: 'UP', value: '../..' }],
      volumeMounts: [{ name: 'v', mountPath: '/v', subPathExpr: 'x/$(UP)' }],
    },
    names: /x\/\$\(UP\)/,
  },
  {
    title: 'a root user where none may be',
    container: { securityContext: { runAsNonRoot: true, runAsUser: 0 } },
    names: /runAsNonRoot/,
  },
] as const satisfies readonly { title: string; container: Partial<Container>; names: RegExp }[]) {
  test(`no container is started for ${title}, and the message names it`, (t) => {
    const result = containerSpecOf(inputOf(container), 0);
    t.false(result.ok);
    if (!result.ok) t.regex(result.message, names);
  });
}

test('command and args see the whole environment, PORT too; amounts are in the driver’s units', (t) => {
  const container: Partial<Container> = {
    command: ['serve', '--port=$(PORT)'],
    args: ['$(LAST)', '$(NOPE)'],
    env: [{ name: 'LAST', value: 'z' }],
    ports: [{ containerPort: 80 }],
    resources: { limits: { cpu: '250m', memory: '1Mi' } },
    securityContext: { runAsUser: 1000 },
  };
  const result = containerSpecOf(
    inputOf(container, { securityContext: { runAsGroup: 7 } }, { 80: 41_000 }),
    2,
  );
  t.true(result.ok);
  if (!result.ok) return;
  t.like(result.value, {
    ...{ id: 'u1.web.2', cpuLimitMillis: 250, memoryLimitBytes: 1024 ** 2, user: 1000, group: 7 },
    command: ['serve', '--port=41000'],
    args: ['z', '$(NOPE)'],
  });
});

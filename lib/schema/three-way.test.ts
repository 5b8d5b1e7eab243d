import test from 'ava';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { builtinSchema } from './builtin-schema.ts';
import type { KubeObject } from './object.ts';
import { mergeThreeWay } from './three-way.ts';

const schema = builtinSchema();
const DEPLOYMENT = 'io.k8s.api.apps.v1.Deployment';
const SERVICE = 'io.k8s.api.core.v1.Service';

type Spec = JsonObject;
const deployment = (podSpec: Spec, rest: Spec = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { ...rest, template: { metadata: { labels: { app: 'web' } }, spec: podSpec } },
});
const merged = (
  typeName: string,
  of: { base?: KubeObject; desired: KubeObject; live: KubeObject },
): KubeObject =>
  mergeThreeWay(schema, { typeName, base: of.base ?? null, desired: of.desired, live: of.live });

/** Each row: what stands at one field of the pod spec on the three sides, and what it should be. Absent: not written. */
const rows: Readonly<Record<string, { base?: Spec; desired: Spec; live: Spec; expected: Spec }>> = {
  'what git sets wins over live': {
    base: { hostname: 'a' },
    desired: { hostname: 'b' },
    live: { hostname: 'c' },
    expected: { hostname: 'b' },
  },
  'drift from git is taken back even when git did not change': {
    base: { hostname: 'a' },
    desired: { hostname: 'a' },
    live: { hostname: 'c' },
    expected: { hostname: 'a' },
  },
  'what git removed is removed': {
    base: { hostname: 'a' },
    desired: {},
    live: { hostname: 'a' },
    expected: {},
  },
  'what only live has stays': { desired: {}, live: { hostname: 'c' }, expected: { hostname: 'c' } },
  'an explicit null removes what live has': {
    desired: { hostname: null },
    live: { hostname: 'c' },
    expected: {},
  },
  'a container only live has stays, after git’s': {
    base: { containers: [{ name: 'web' }] },
    desired: { containers: [{ name: 'web', image: 'b' }] },
    live: { containers: [{ name: 'mesh' }, { name: 'web', image: 'a', tty: true }] },
    expected: { containers: [{ name: 'web', image: 'b', tty: true }, { name: 'mesh' }] },
  },
  'a container git removed goes with all live put into it': {
    base: { containers: [{ name: 'web' }, { name: 'side' }] },
    desired: { containers: [{ name: 'web' }] },
    live: { containers: [{ name: 'web' }, { name: 'side', tty: true }] },
    expected: { containers: [{ name: 'web' }] },
  },
  'order is git’s': {
    base: { containers: [{ name: 'a' }, { name: 'b' }] },
    desired: { containers: [{ name: 'b' }, { name: 'a' }] },
    live: { containers: [{ name: 'a' }, { name: 'x' }, { name: 'b' }] },
    expected: { containers: [{ name: 'b' }, { name: 'a' }, { name: 'x' }] },
  },
  'ports of one number and two protocols are two ports, and TCP may go unsaid': {
    base: {
      containers: [{ name: 'dns', ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] }],
    },
    desired: { containers: [{ name: 'dns', ports: [{ containerPort: 53 }] }] },
    live: {
      containers: [
        {
          name: 'dns',
          ports: [
            { containerPort: 53, protocol: 'UDP' },
            { containerPort: 53, protocol: 'TCP', hostPort: 5353 },
          ],
        },
      ],
    },
    expected: {
      containers: [{ name: 'dns', ports: [{ containerPort: 53, protocol: 'TCP', hostPort: 5353 }] }],
    },
  },
  'two variables of one name are both kept': {
    base: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'X', value: '2' },
          ],
        },
      ],
    },
    desired: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'X', value: '3' },
          ],
        },
      ],
    },
    live: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'X', value: '2' },
          ],
        },
      ],
    },
    expected: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'X', value: '3' },
          ],
        },
      ],
    },
  },
  'a volume that changes its source drops the old one, base or no base': {
    desired: { volumes: [{ name: 'data', emptyDir: {} }] },
    live: { volumes: [{ name: 'data', hostPath: { path: '/x', type: '' } }] },
    expected: { volumes: [{ name: 'data', emptyDir: {} }] },
  },
  'a volume that keeps its source keeps what live filled in': {
    desired: { volumes: [{ name: 'data', configMap: { name: 'b' } }] },
    live: { volumes: [{ name: 'data', configMap: { name: 'a', defaultMode: 420 } }] },
    expected: { volumes: [{ name: 'data', configMap: { name: 'b', defaultMode: 420 } }] },
  },
  'an atomic list is git’s as a whole': {
    base: { tolerations: [{ key: 'a' }] },
    desired: { tolerations: [{ key: 'b' }] },
    live: { tolerations: [{ key: 'a' }, { key: 'x' }] },
    expected: { tolerations: [{ key: 'b' }] },
  },
  'an atomic map is git’s as a whole': {
    desired: { nodeSelector: { disk: 'ssd' } },
    live: { nodeSelector: { zone: 'b' } },
    expected: { nodeSelector: { disk: 'ssd' } },
  },
  'a probe git removed goes with the defaults live has in it': {
    base: { containers: [{ name: 'a', livenessProbe: { tcpSocket: { port: 80 } } }] },
    desired: { containers: [{ name: 'a' }] },
    live: { containers: [{ name: 'a', livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 10 } }] },
    expected: { containers: [{ name: 'a' }] },
  },
  'a keyed list git removed leaves what only live has': {
    base: { imagePullSecrets: [{ name: 'a' }] },
    desired: {},
    live: { imagePullSecrets: [{ name: 'a' }, { name: 'x' }] },
    expected: { imagePullSecrets: [{ name: 'x' }] },
  },
  'a keyed list git removed whole is gone': {
    base: { imagePullSecrets: [{ name: 'a' }] },
    desired: {},
    live: { imagePullSecrets: [{ name: 'a' }] },
    expected: {},
  },
  'a list of malformed items does not crash': {
    base: { containers: ['x', null] },
    desired: { containers: ['x', 3] },
    live: { containers: [null, { name: 'a' }] },
    expected: { containers: ['x', 3, { name: 'a' }] },
  },
  'a field nobody knows merges as plain JSON': {
    base: { extra: { a: 1, b: [1] } },
    desired: { extra: { b: [2] } },
    live: { extra: { a: 1, b: [1, 3], c: 1 } },
    expected: { extra: { b: [2], c: 1 } },
  },
};

for (const [title, { base, desired, live, expected }] of Object.entries(rows)) {
  test(title, (t) => {
    const result = merged(DEPLOYMENT, {
      ...(base === undefined ? {} : { base: deployment(base) }),
      desired: deployment(desired),
      live: deployment(live),
    });
    t.deepEqual(result, deployment(expected));
  });
}

test('from RollingUpdate to Recreate drops rollingUpdate', (t) => {
  const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const result = merged(DEPLOYMENT, {
    desired: deployment({}, { strategy: { type: 'Recreate' } }),
    live: deployment({}, { strategy: rolling, replicas: 3 }),
  });
  t.deepEqual(result, deployment({}, { strategy: { type: 'Recreate' }, replicas: 3 }));
});

test('the port of a Service keeps its node port; its cluster address stays', (t) => {
  const service = (spec: Spec): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec,
  });
  const result = merged(SERVICE, {
    base: service({ ports: [{ port: 80 }, { port: 81 }], selector: { app: 'a' } }),
    desired: service({ ports: [{ port: 80, targetPort: 8080 }], selector: { app: 'b' } }),
    live: service({
      clusterIP: '10.0.0.1',
      ports: [
        { port: 80, protocol: 'TCP', targetPort: 80, nodePort: 30001 },
        { port: 81, protocol: 'TCP', targetPort: 81, nodePort: 30002 },
      ],
      selector: { app: 'a', extra: 'x' },
    }),
  });
  t.deepEqual(
    result,
    service({
      clusterIP: '10.0.0.1',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30001 }],
      selector: { app: 'b' },
    }),
  );
});

test('the server’s metadata and status are live’s; labels, annotations, finalizers and owners merge', (t) => {
  const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid });
  const result = mergeThreeWay(schema, {
    typeName: 'io.k8s.api.core.v1.ConfigMap',
    base: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', annotations: { gone: '1' }, finalizers: ['x/old'] },
    },
    desired: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        uid: 'forged',
        resourceVersion: '1',
        creationTimestamp: '2000-01-01T00:00:00Z',
        generation: 9,
        labels: { app: 'a' },
        finalizers: ['x/git'],
        ownerReferences: [owner('git')],
      },
      status: { forged: true },
    },
    live: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        uid: 'u1',
        resourceVersion: '77',
        creationTimestamp: '2026-01-01T00:00:00Z',
        annotations: { gone: '1', 'controller/revision': '4' },
        finalizers: ['x/old', 'x/live'],
        ownerReferences: [owner('live')],
      },
      status: { real: true },
    },
  });
  t.deepEqual(result, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'a',
      uid: 'u1',
      resourceVersion: '77',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'a' },
      annotations: { 'controller/revision': '4' },
      finalizers: ['x/git', 'x/live'],
      ownerReferences: [owner('git'), owner('live')],
    },
    status: { real: true },
  });
});

test('an unknown kind merges as plain JSON and its metadata as everywhere', (t) => {
  const object = (spec: Spec, annotations: Record<string, string>): KubeObject => ({
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'a', annotations },
    spec,
  });
  const result = merged('com.example.v1.Thing', {
    base: object({ a: 1, list: [1, 2] }, { mine: '1' }),
    desired: { ...object({ list: [2] }, {}), metadata: { name: 'a' } },
    live: object({ a: 1, list: [1, 2, 3], own: { x: 1 } }, { mine: '1', theirs: '2' }),
  });
  t.deepEqual(result, object({ list: [2], own: { x: 1 } }, { theirs: '2' }));
});

test('names every object inherits are ordinary keys, and __proto__ is dropped', (t) => {
  const map = (data: Record<string, JsonValue>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data,
  });
  const evil: Record<string, JsonValue> = JSON.parse('{"__proto__": {"polluted": "1"}, "constructor": "x"}');
  const result = merged('io.k8s.api.core.v1.ConfigMap', {
    base: map({}),
    desired: map(evil),
    live: map({ toString: 'y' }),
  });
  t.deepEqual(result.data, { constructor: 'x', toString: 'y' } as never);
  t.is(({} as { polluted?: string }).polluted, undefined);
});

const words = fc.constantFrom('a', 'b', 'c', 'constructor');
const env = fc.array(fc.record({ name: words, value: words }), { maxLength: 3 });
const ports = fc.array(
  fc.record(
    { containerPort: fc.integer({ min: 1, max: 3 }), protocol: fc.constantFrom('TCP', 'UDP') },
    { requiredKeys: ['containerPort'] },
  ),
  { maxLength: 3 },
);
const containers = fc.array(
  fc.record(
    { name: words, image: words, env, ports, args: fc.array(words, { maxLength: 2 }) },
    { requiredKeys: ['name'] },
  ),
  { maxLength: 3 },
);
const volumes = fc.array(
  fc.oneof(
    fc.record({ name: words, emptyDir: fc.constant({}) }),
    fc.record({
      name: words,
      configMap: fc.record({ name: words, defaultMode: fc.integer() }, { requiredKeys: ['name'] }),
    }),
  ),
  { maxLength: 2 },
);
const objects = fc
  .record(
    { containers, volumes, hostname: words, nodeSelector: fc.dictionary(words, words) },
    { requiredKeys: [] },
  )
  .chain((podSpec) =>
    fc
      .record(
        { labels: fc.dictionary(words, words), finalizers: fc.uniqueArray(words) },
        { requiredKeys: [] },
      )
      .map(
        (metadata): KubeObject => ({
          ...deployment(podSpec as JsonObject),
          metadata: { ...metadata, name: 'web' },
        }),
      ),
  );
/** As written, without the empty prototypes of generated records. */
const plain = (object: KubeObject): KubeObject => JSON.parse(JSON.stringify(object));

test('property: where all three agree nothing changes', (t) => {
  fc.assert(
    fc.property(objects, (object) => {
      t.deepEqual(
        merged(DEPLOYMENT, { base: object, desired: object, live: object }),
        plain(object) as never,
      );
    }),
  );
});

test('property: merging the result again changes nothing', (t) => {
  fc.assert(
    fc.property(objects, objects, objects, (base, desired, live) => {
      const once = merged(DEPLOYMENT, { base, desired, live });
      t.deepEqual(merged(DEPLOYMENT, { base: desired, desired, live: once }), once);
    }),
  );
});

test('property: git’s own word is always kept', (t) => {
  fc.assert(
    fc.property(objects, objects, objects, (base, desired, live) => {
      const result = merged(DEPLOYMENT, { base, desired, live });
      // Git's word put over the result once more, with nothing to remove, finds everything said already.
      t.deepEqual(merged(DEPLOYMENT, { desired, live: result }), result);
    }),
  );
});

test('property: a label only live has survives, one git dropped does not', (t) => {
  fc.assert(
    fc.property(objects, objects, objects, (base, desired, live) => {
      const result = merged(DEPLOYMENT, { base, desired, live }).metadata.labels ?? {};
      const has = (labels: object | undefined, key: string): boolean =>
        labels !== undefined && Object.hasOwn(labels, key);
      for (const key of ['a', 'b', 'c', 'constructor']) {
        const kept =
          has(desired.metadata.labels, key) ||
          (has(live.metadata.labels, key) && !has(base.metadata.labels, key));
        t.is(has(result, key), kept);
      }
    }),
  );
});

import test from 'ava';
import fc from 'fast-check';
import { UserError } from '../../base/errors.ts';
import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { arbitraryObject } from '../../testing/arbitrary-object.ts';
import { tries } from '../../testing/thoroughness.ts';
import { builtinSchema } from '../builtin-schema.ts';
import type { KubeObject } from '../object.ts';
import { type Applied, applyServerSide } from './apply-server-side.ts';
import { compareObjects } from './compare-objects.ts';
import { isEmptySet } from './field-set.ts';
import { updateManagedFields } from './update-managed-fields.ts';

const schema = builtinSchema();
const now = Date.parse('2026-01-01T00:00:00Z');

type Write = {
  /** Applies; the others update to what they write. */
  readonly apply?: string;
  readonly update?: string;
  readonly force?: boolean;
  readonly subresource?: string;
  readonly object: JsonObject;
};

function objectOf(kind: string, apiVersion: string, { metadata, ...rest }: JsonObject): KubeObject {
  return { apiVersion, kind, ...rest, metadata: { name: 'x', ...(isObject(metadata) ? metadata : {}) } };
}

function withFields(object: KubeObject, managedFields: readonly JsonObject[]): KubeObject {
  const { managedFields: _former, ...metadata } = object.metadata;
  return managedFields.length === 0
    ? { ...object, metadata }
    : { ...object, metadata: { ...metadata, managedFields } };
}

/** What one write after another leaves, and what the last one answered. */
function history(
  kindName: string,
  apiVersion: string,
  writes: readonly Write[],
): { live: KubeObject | null; last: Applied | null } {
  const kind = schema.kindOf(apiVersion, kindName);
  if (kind === undefined) throw new Error(kindName);
  let live: KubeObject | null = null;
  let last: Applied | null = null;
  for (const [at, write] of writes.entries()) {
    const object = objectOf(kindName, apiVersion, write.object);
    const common = { schema, subresource: write.subresource ?? '', now: now + at * 1_000 };
    if (write.apply !== undefined) {
      const { apply: manager, force = false } = write;
      last = applyServerSide({ ...common, kind, live, applied: object, manager, force });
      if (last.conflicts === undefined) live = withFields(last.object, last.managedFields);
    } else {
      const { update: manager = '' } = write;
      live = withFields(
        object,
        updateManagedFields({ ...common, typeName: kind.typeName, before: live, after: object, manager }),
      );
    }
  }
  return { live, last };
}

function managersOf(live: KubeObject | null): Record<string, unknown> {
  const entries = live?.metadata.managedFields ?? [];
  return Object.fromEntries(entries.map((entry) => [`${entry.manager}/${entry.operation}`, entry.fieldsV1]));
}

const pod = (containers: JsonValue): JsonObject => ({ spec: { containers } });
const nginx = { name: 'c', image: 'nginx' };

test('a first apply makes the object, and owns its leaves and items', (t) => {
  const { live } = history('Pod', 'v1', [
    {
      apply: 'a',
      object: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ ...nginx, ports: [{ containerPort: 80 }] }], nodeSelector: { disk: 'ssd' } },
      },
    },
  ]);
  t.deepEqual(managersOf(live), {
    'a/Apply': {
      'f:metadata': { 'f:labels': { 'f:app': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:image': {},
            'f:name': {},
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          },
        },
        'f:nodeSelector': {},
      },
    },
  });
});

const merges: Record<
  string,
  { writes: readonly Write[]; spec: JsonValue; managers?: Record<string, unknown> }
> = {
  'Containers of two appliers stand together': {
    writes: [
      { apply: 'a', object: pod([nginx]) },
      { apply: 'b', object: pod([{ name: 'proxy', image: 'envoy' }]) },
    ],
    spec: { containers: [nginx, { name: 'proxy', image: 'envoy' }] },
  },
  'Two appliers of one container own their own fields of it': {
    writes: [
      { apply: 'a', object: pod([nginx]) },
      { apply: 'b', object: pod([{ name: 'c', env: [{ name: 'E', value: '1' }] }]) },
    ],
    spec: { containers: [{ ...nginx, env: [{ name: 'E', value: '1' }] }] },
  },
  'What is no longer applied goes': {
    writes: [
      { apply: 'a', object: pod([nginx, { name: 'd', image: 'redis' }]) },
      { apply: 'a', object: pod([nginx]) },
    ],
    spec: { containers: [nginx] },
  },
  'What is no longer applied stays when another applier owns it too': {
    writes: [
      { apply: 'a', object: { spec: { containers: [nginx], hostname: 'h' } } },
      { apply: 'b', object: { spec: { containers: [nginx], hostname: 'h' } } },
      { apply: 'a', object: pod([nginx]) },
    ],
    spec: { containers: [nginx], hostname: 'h' },
  },
  'What others wrote beside it stays': {
    writes: [
      { apply: 'a', object: pod([nginx]) },
      { update: 'k', object: { spec: { containers: [{ ...nginx, tty: true }], hostname: 'h' } } },
      { apply: 'a', object: pod([{ name: 'c', image: 'nginx' }]) },
    ],
    spec: { containers: [{ ...nginx, tty: true }], hostname: 'h' },
  },
  'A field that only held what is released goes with it': {
    writes: [
      { apply: 'a', object: { spec: { containers: [nginx], securityContext: { runAsUser: 1 } } } },
      { apply: 'a', object: pod([nginx]) },
    ],
    spec: { containers: [nginx] },
  },
  'An atomic map is one value': {
    writes: [
      { apply: 'a', object: { spec: { containers: [nginx], nodeSelector: { a: '1', b: '2' } } } },
      { apply: 'a', object: { spec: { containers: [nginx], nodeSelector: { a: '1' } } } },
    ],
    spec: { containers: [nginx], nodeSelector: { a: '1' } },
  },
  'Ports are told apart by number and protocol': {
    writes: [
      { apply: 'a', object: pod([{ name: 'c', ports: [{ containerPort: 53 }] }]) },
      { apply: 'b', object: pod([{ name: 'c', ports: [{ containerPort: 53, protocol: 'UDP' }] }]) },
    ],
    spec: {
      containers: [{ name: 'c', ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] }],
    },
  },
  'Applied items keep their order, others their place': {
    writes: [
      { update: 'k', object: pod([{ name: 'x' }, { name: 'a' }, { name: 'y' }, { name: 'b' }]) },
      { apply: 'a', object: pod([{ name: 'b' }, { name: 'a' }, { name: 'z' }]) },
    ],
    spec: { containers: [{ name: 'x' }, { name: 'b' }, { name: 'a' }, { name: 'y' }, { name: 'z' }] },
  },
  'Force takes the field from its owner': {
    writes: [
      { update: 'k', object: { spec: { containers: [nginx], hostname: 'theirs' } } },
      { apply: 'a', force: true, object: { spec: { hostname: 'ours' } } },
    ],
    spec: { containers: [nginx], hostname: 'ours' },
    managers: {
      'a/Apply': { 'f:spec': { 'f:hostname': {} } },
      'k/Update': {
        'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
      },
    },
  },
  'Equal values are owned together': {
    writes: [
      { update: 'k', object: { spec: { containers: [nginx], hostname: 'h' } } },
      { apply: 'a', object: { spec: { hostname: 'h' } } },
    ],
    spec: { containers: [nginx], hostname: 'h' },
    managers: {
      'a/Apply': { 'f:spec': { 'f:hostname': {} } },
      'k/Update': {
        'f:spec': {
          'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } },
          'f:hostname': {},
        },
      },
    },
  },
  'Null takes a field away': {
    writes: [
      { apply: 'a', object: { spec: { containers: [nginx], hostname: 'h' } } },
      { apply: 'a', object: { spec: { containers: [nginx], hostname: null } } },
    ],
    spec: { containers: [nginx] },
  },
};
for (const [title, { writes, spec, managers }] of Object.entries(merges))
  test(`${title}.`, (t) => {
    const { live, last } = history('Pod', 'v1', writes);
    t.is(last?.conflicts, undefined);
    t.deepEqual(live?.spec, spec);
    if (managers !== undefined) t.deepEqual(managersOf(live), managers);
  });

const conflicts: Record<
  string,
  { kind: [string, string]; writes: readonly Write[]; message: string; causes: readonly string[] }
> = {
  'one field of a manager that updates': {
    kind: ['Deployment', 'apps/v1'],
    writes: [
      { update: 'kubectl-scale', object: { spec: { replicas: 3 } } },
      { apply: 'kubectl', object: { spec: { replicas: 1 } } },
    ],
    message: 'Apply failed with 1 conflict: conflict with "kubectl-scale" using apps/v1: .spec.replicas',
    causes: ['conflict with "kubectl-scale" using apps/v1: .spec.replicas'],
  },
  'one field of a manager that applies': {
    kind: ['Deployment', 'apps/v1'],
    writes: [
      { apply: 'ci', object: { spec: { replicas: 3 } } },
      { apply: 'kubectl', object: { spec: { replicas: 1 } } },
    ],
    message: 'Apply failed with 1 conflict: conflict with "ci": .spec.replicas',
    causes: ['conflict with "ci": .spec.replicas'],
  },
  'several fields of several managers': {
    kind: ['Pod', 'v1'],
    writes: [
      {
        update: 'kubectl-create',
        object: { spec: { containers: [nginx], hostname: 'a' }, metadata: { labels: { app: 'a' } } },
      },
      { apply: 'ci', force: true, object: { metadata: { labels: { app: 'b' } } } },
      {
        apply: 'kubectl',
        object: {
          spec: { containers: [{ name: 'c', image: 'x' }], hostname: 'b' },
          metadata: { labels: { app: 'c' } },
        },
      },
    ],
    message: [
      'Apply failed with 3 conflicts: conflicts with "ci":',
      '- .metadata.labels.app',
      'conflicts with "kubectl-create" using v1:',
      '- .spec.containers[name="c"].image',
      '- .spec.hostname',
    ].join('\n'),
    causes: [
      'conflict with "ci": .metadata.labels.app',
      'conflict with "kubectl-create" using v1: .spec.containers[name="c"].image',
      'conflict with "kubectl-create" using v1: .spec.hostname',
    ],
  },
};
for (const [title, { kind, writes, message, causes }] of Object.entries(conflicts))
  test(`conflicts over ${title} are told as kubectl prints them`, (t) => {
    const { last } = history(kind[0], kind[1], writes);
    const found = last?.conflicts;
    t.is(found?.message, message);
    t.deepEqual(
      found?.causes.map((cause) => `${cause.message}: ${cause.field}`),
      causes,
    );
  });

test('what an object was before the first apply belongs to somebody', (t) => {
  const kind = schema.kindOf('v1', 'ConfigMap');
  if (kind === undefined) return t.fail();
  const live = objectOf('ConfigMap', 'v1', { data: { x: '1' } });
  const common = { schema, kind, live, manager: 'a', subresource: '', now };
  const refused = applyServerSide({
    ...common,
    applied: objectOf('ConfigMap', 'v1', { data: { x: '2' } }),
    force: false,
  });
  t.is(
    refused.conflicts?.message,
    'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.x',
  );
});

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

test('kubectl takes over what its own client-side apply had set, and nothing else', (t) => {
  const before = { data: { x: '1', y: '1' } };
  const text = JSON.stringify(objectOf('ConfigMap', 'v1', before));
  const written = { ...before, metadata: { annotations: { [LAST_APPLIED]: text } } };
  const start: Write = { update: 'kubectl-client-side-apply', object: written };
  const taken = history('ConfigMap', 'v1', [start, { apply: 'kubectl', object: { data: { x: '2' } } }]);
  t.is(taken.last?.conflicts, undefined);
  t.deepEqual(taken.live?.data, { x: '2', y: '1' });
  t.like(JSON.parse(taken.live?.metadata.annotations?.[LAST_APPLIED] ?? ''), { data: { x: '2' } });
  const others = history('ConfigMap', 'v1', [start, { apply: 'ci', object: { data: { x: '2' } } }]);
  t.is(others.last?.conflicts?.causes.length, 1);
  const edited: Write = { update: 'kubectl-edit', object: { ...written, data: { x: '9', y: '1' } } };
  const changed = history('ConfigMap', 'v1', [
    start,
    edited,
    { apply: 'kubectl', object: { data: { x: '2' } } },
  ]);
  t.is(
    changed.last?.conflicts?.message,
    'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.x',
  );
});

test('status is applied through its subresource, and the rest is not', (t) => {
  const both = { spec: { replicas: 3 }, status: { replicas: 2 } };
  const { live } = history('Deployment', 'apps/v1', [
    { apply: 'a', object: both },
    { apply: 'a', object: { spec: { replicas: 9 }, status: { replicas: 2 } }, subresource: 'status' },
  ]);
  t.deepEqual(live?.spec, { replicas: 3 });
  t.deepEqual(live?.status, { replicas: 2 });
});

const refused: Record<string, JsonObject> = {
  'items of one key twice': pod([{ name: 'c' }, { name: 'c' }]),
  'an item without its key': pod([{ image: 'x' }]),
  managedFields: { metadata: { managedFields: [] } },
};
for (const [title, object] of Object.entries(refused))
  test(`an apply with ${title} is refused`, (t) => {
    const thrown = t.throws(() => history('Pod', 'v1', [{ apply: 'a', object }]), { instanceOf: UserError });
    t.is(thrown?.code, 'INVALID_APPLY');
  });

type Answer = { readonly live: KubeObject; readonly applied: Applied };

/** An apply that has no conflicts; null when the object cannot be applied (items of one key twice). */
function applied(live: KubeObject | null, object: KubeObject, manager: string): Answer | null {
  const kind = schema.kindOf(object.apiVersion, object.kind);
  if (kind === undefined) return null;
  try {
    const answer = applyServerSide({
      schema,
      kind,
      live,
      applied: object,
      manager,
      force: false,
      subresource: '',
      now,
    });
    if (answer.conflicts !== undefined) return null;
    return { live: withFields(answer.object, answer.managedFields), applied: answer };
  } catch (thrown) {
    if (thrown instanceof UserError) return null;
    throw thrown;
  }
}

const objects = arbitraryObject(schema).map((object) => object as KubeObject);

test('property: what is applied is what there is; applied again, nothing changes', (t) => {
  let tried = 0;
  fc.assert(
    fc.property(objects, (object) => {
      const first = applied(null, object, 'a');
      if (first === null) return;
      tried += 1;
      const { managedFields: _managed, ...metadata } = first.live.metadata;
      t.deepEqual({ ...first.live, metadata }, object);
      const second = applied(first.live, object, 'a');
      t.is(second?.applied.conflicts === undefined && second?.applied.object, first.live);
    }),
    { numRuns: tries(300) },
  );
  t.true(tried > tries(300) / 3);
});

test('property: what two apply stays when one lets go of it, and goes with the last', (t) => {
  fc.assert(
    fc.property(objects, (object) => {
      const bare = objectOf(object.kind, object.apiVersion, {});
      const named = { ...bare, metadata: { name: object.metadata.name } } as KubeObject;
      const one = applied(null, object, 'a');
      const two = one && applied(one.live, object, 'b');
      const left = two && applied(two.live, named, 'a');
      if (one === null || two === null || left === null) return;
      const { managedFields: _managed, ...metadata } = left.live.metadata;
      t.deepEqual({ ...left.live, metadata }, object);
      // An empty list that is owned by its items is owned by nobody, as upstream.
      if (JSON.stringify(object).includes('[]')) return;
      const gone = applied(left.live, named, 'b');
      t.deepEqual(gone?.live, named);
    }),
    { numRuns: tries(300) },
  );
});

test('property: an object does not differ from itself, and nothing of it is lost in a comparison with nothing', (t) => {
  fc.assert(
    fc.property(objects, (object) => {
      const typeName = schema.kindOf(object.apiVersion, object.kind)?.typeName ?? '';
      const same = compareObjects(schema, { typeName, before: object, after: object });
      t.deepEqual([same.added, same.modified, same.removed].map(isEmptySet), [true, true, true]);
      const added = compareObjects(schema, { typeName, before: {}, after: object }).added;
      const removed = compareObjects(schema, { typeName, before: object, after: {} }).removed;
      t.deepEqual(added, removed);
    }),
    { numRuns: tries(200) },
  );
});

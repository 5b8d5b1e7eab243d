import test from 'ava';
import type { JsonObject } from '../base/json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { applyDefaults } from '../schema/defaults.ts';
import type { KubeObject } from '../schema/object.ts';
import { fieldChanges } from './field-changes.ts';
import { hideSecret } from './hide-secret.ts';

const schema = builtinSchema();

function changes(before: KubeObject, after: KubeObject): readonly string[] {
  const [live, result] = [applyDefaults(schema, before), applyDefaults(schema, after)];
  return fieldChanges(schema, { live, result, desired: after }).map(
    ({ path, from, to }) => `${path}: ${from ?? 'unset'} → ${to ?? 'unset'}`,
  );
}

const service = (ports: readonly JsonObject[]): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } },
  spec: { clusterIP: '127.96.0.1', clusterIPs: ['127.96.0.1'], ports },
});
const http = { name: 'http', port: 80, targetPort: 8080 };
const dns = { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' };
const tcp = { ...dns, name: 'dns-tcp', protocol: 'TCP' };
const custom = (spec: JsonObject): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Boat',
  metadata: { name: 'a' },
  spec,
});
const labelled = (labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', labels },
});

const cases: readonly { title: string; before: KubeObject; after: KubeObject; lines: readonly string[] }[] = [
  { title: 'nothing', before: service([http]), after: service([http]), lines: [] },
  {
    title: 'items that are named by several fields',
    before: service([dns, tcp]),
    after: service([{ ...dns, targetPort: 5353 }, tcp]),
    lines: ['spec.ports[53/UDP].targetPort: 53 → 5353'],
  },
  {
    title: 'an item more before others is one line, without its defaults',
    before: service([http]),
    after: service([dns, http]),
    lines: ['spec.ports[53/UDP]: unset → {name: dns, targetPort: 53}'],
  },
  {
    title: 'another order, where it is all that changes',
    before: service([http, dns]),
    after: service([dns, http]),
    lines: ['spec.ports (order): [80/TCP, 53/UDP] → [53/UDP, 80/TCP]'],
  },
  {
    title: 'labels',
    before: labelled({ a: '1', 'app.kubernetes.io/name': 'x', gone: 'y' }),
    after: labelled({ a: '2', 'app.kubernetes.io/name': 'x' }),
    lines: ['metadata.labels.a: "1" → "2"', 'metadata.labels.gone: y → unset'],
  },
  {
    title: 'the first label',
    before: labelled({}),
    after: labelled({ a: 'x' }),
    lines: ['metadata.labels.a: unset → x'],
  },
  {
    title: 'of a kind that nothing is known of: fields, and lists of named things by name',
    before: custom({
      sails: 2,
      crew: [
        { name: 'ada', age: 36 },
        { name: 'bob', age: 1 },
      ],
    }),
    after: custom({
      sails: 3,
      crew: [
        { name: 'bob', age: 1 },
        { name: 'ada', age: 37 },
      ],
    }),
    lines: ['spec.crew[ada].age: 36 → 37', 'spec.crew (order): [ada, bob] → [bob, ada]', 'spec.sails: 2 → 3'],
  },
  {
    title: 'of a kind that nothing is known of: lists of words whole, others place by place',
    before: custom({ words: ['a', 'b'], things: [{ x: 1 }, { x: 2 }] }),
    after: custom({ words: ['a'], things: [{ x: 1 }, { x: 3 }, { x: 4 }] }),
    lines: ['spec.things[1].x: 2 → 3', 'spec.things[2].x: unset → 4', 'spec.words: [a, b] → [a]'],
  },
  {
    title: 'a value that becomes another type',
    before: custom({ a: { b: 1 }, c: [1] }),
    after: custom({ a: 'x', c: { d: 1 } }),
    lines: ['spec.a: {b: 1} → x', 'spec.c: [1] → {d: 1}'],
  },
];
for (const { title, before, after, lines } of cases) {
  test(`field by field: ${title}`, (t) => {
    t.deepEqual(changes(before, after), lines);
  });
}

test('hostile names of members are shown, not followed', (t) => {
  const after = custom(JSON.parse('{"constructor": "x", "toString": {"a": 1}}') as JsonObject);
  t.deepEqual(changes(custom({}), after), ['spec.constructor: unset → x', 'spec.toString.a: unset → 1']);
});

const secrets: readonly { path: string; hidden: boolean }[] = [
  { path: 'data', hidden: true },
  { path: 'data.token', hidden: true },
  { path: 'data[tls.key]', hidden: true },
  { path: 'stringData.token', hidden: true },
  { path: 'metadata.annotations.note', hidden: true },
  { path: 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]', hidden: true },
  { path: 'metadata.labels.team', hidden: false },
  { path: 'type', hidden: false },
];
for (const { path, hidden } of secrets) {
  test(`of a Secret ${path} is ${hidden ? 'hidden' : 'shown'}; of anything else it is shown`, (t) => {
    const change = { path, from: 'a', to: null };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } };
    t.is(hideSecret(secret, change).from, hidden ? '(hidden)' : 'a');
    t.is(hideSecret(secret, change).to, null);
    t.is(hideSecret({ ...secret, apiVersion: 'example.com/v1' }, change).from, 'a');
    t.is(hideSecret({ ...secret, kind: 'ConfigMap' }, change).from, 'a');
  });
}

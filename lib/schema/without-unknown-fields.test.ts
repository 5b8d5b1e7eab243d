import test from 'ava';
import { builtinSchema } from './builtin-schema.ts';
import { checkShape } from './check-shape.ts';
import { withoutFieldsUnknownTo } from './without-unknown-fields.ts';

const schema = builtinSchema();
const pods = schema.kind({ group: '', kind: 'Pod' });

test('what a kind has not is left out, at any depth, and nothing else', (t) => {
  if (pods === undefined) throw new Error('no pods');
  const pod = {
    ...{ apiVersion: 'v1', kind: 'Pod', more: { deep: [1] } },
    metadata: { name: 'web', annotations: { more: 'kept' }, colour: 'red' },
    spec: {
      containers: [
        { name: 'a', image: 'a:1', imagePulPolicy: 'Always', ports: [{ containerPort: 80, prot: 'TCP' }] },
        { name: 'b', image: 'b:1', more: null, env: [null, { name: 'x', value: '1', valu: '2' }] },
      ],
    },
  };
  const before = structuredClone(pod);
  t.deepEqual(withoutFieldsUnknownTo(schema, pods, pod) as unknown, {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name: 'web', annotations: { more: 'kept' } },
    spec: {
      containers: [
        { name: 'a', image: 'a:1', ports: [{ containerPort: 80 }] },
        { name: 'b', image: 'b:1', env: [null, { name: 'x', value: '1' }] },
      ],
    },
  });
  t.deepEqual(pod, before);
});

test('thousands of unknown fields cost no more than as many known ones', (t) => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`u${at}`, at]));
  const took = (members: object): number => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...members };
    const began = process.cpuUsage().user;
    checkShape(schema, object);
    return process.cpuUsage().user - began;
  };
  took(many(100));
  // Where each was looked for in every type, this took seconds.
  t.true(took(many(20_000)) < 1_000_000);
});

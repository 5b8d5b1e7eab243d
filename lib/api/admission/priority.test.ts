import test from 'ava';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { pod, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';
import { bootstrapPriority } from '../bootstrap-priority.ts';

const priorityClass = (name: string, value: number, more: JsonObject = {}): KubeObject => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  ...more,
});

type Row = {
  readonly title: string;
  readonly classes?: readonly KubeObject[];
  readonly spec: JsonObject;
  readonly has?: JsonObject;
  readonly says?: string;
};
const rows: readonly Row[] = [
  { title: 'without any class', spec: {}, has: { priority: 0, preemptionPolicy: 'PreemptLowerPriority' } },
  {
    title: 'without a class where there is a default',
    classes: [priorityClass('low', -5, { globalDefault: true, preemptionPolicy: 'Never' })],
    spec: {},
    has: { priority: -5, priorityClassName: 'low', preemptionPolicy: 'Never' },
  },
  {
    title: 'of a class of its own where there is a default',
    classes: [priorityClass('low', -5, { globalDefault: true }), priorityClass('high', 9)],
    spec: { priorityClassName: 'high' },
    has: { priority: 9, priorityClassName: 'high' },
  },
  {
    title: 'that brings the number of its class along',
    classes: [priorityClass('high', 9)],
    spec: { priorityClassName: 'high', priority: 9 },
    has: { priority: 9 },
  },
  {
    title: 'that brings another number along',
    classes: [priorityClass('high', 9)],
    spec: { priorityClassName: 'high', priority: 10 },
    says: 'pods "a" is forbidden: the integer value of priority (10) must not be provided in pod spec; priority admission controller computed 9 from the given PriorityClass name',
  },
  {
    title: 'of a class that is not there',
    spec: { priorityClassName: 'ghost' },
    says: 'pods "a" is forbidden: no PriorityClass with name ghost was found',
  },
];
for (const { title, classes = [], spec, has, says } of rows) {
  test(`a pod ${title} ${says === undefined ? 'is admitted' : 'is refused'}`, async (t) => {
    const { client } = await localApi();
    for (const each of classes) await client.create(each, tester);
    const made = await client.create(pod('a', spec), tester).catch(messageOf);
    if (says !== undefined) t.is(made as unknown, says);
    else t.like(made, { spec: { ...has } });
  });
}

test('there is one default at most', async (t) => {
  const { client } = await localApi();
  const low = priorityClass('low', 1, { globalDefault: true });
  const made = await client.create(low, tester);
  await t.notThrowsAsync(client.update({ ...made, description: 'mine' }, tester));
  t.is(
    await client.create(priorityClass('high', 9, { globalDefault: true }), tester).then(String, messageOf),
    'priorityclasses.scheduling.k8s.io "high" is forbidden: PriorityClass low is already marked as default. Only one default can exist',
  );
});

test('the classes of the system are there, and stay', async (t) => {
  const { client } = await localApi();
  await bootstrapPriority(client);
  await bootstrapPriority(client);
  const kind = { group: 'scheduling.k8s.io', kind: 'PriorityClass' };
  const { items } = await client.list(kind, {}, tester);
  t.deepEqual(
    items.map(({ metadata, value }) => [metadata.name, value]),
    [
      ['system-cluster-critical', 2_000_000_000],
      ['system-node-critical', 2_000_001_000],
    ],
  );
  const ref = { ...kind, namespace: '', name: 'system-node-critical' };
  t.is(
    await client.delete(ref, {}, tester).then(String, messageOf),
    'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
  );
});

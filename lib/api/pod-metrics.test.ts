import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import type { Pod } from '../schema/types.gen.ts';
import type { PodMetric } from './node-agent.ts';
import { podsBehind, sumByPod, sumOf } from './pod-metrics.ts';

const metric = (pod: string, value: number, labels: Readonly<Record<string, string>> = {}): PodMetric => ({
  namespace: 'shop',
  ...{ pod, name: 'hits', labels, value, atMs: value, windowMs: 10 - value },
});

test('the values of a pod are added up, those that are asked for', (t) => {
  const metrics = [
    metric('a', 1, { code: '200' }),
    metric('a', 2, { code: '500' }),
    metric('b', 3),
    { ...metric('a', 100), name: 'other' },
    { ...metric('a', 100), namespace: 'other' },
  ];
  const all = sumByPod(metrics, { namespace: 'shop', name: 'hits', selector: [] });
  t.deepEqual(
    [...all],
    [
      ['a', { value: 3, atMs: 1, windowMs: 9 }],
      ['b', { value: 3, atMs: 3, windowMs: 7 }],
    ],
  );
  const some = sumByPod(metrics, {
    namespace: 'shop',
    name: 'hits',
    selector: [{ key: 'code', operator: '=', values: ['500'] }],
  });
  t.deepEqual([...some.keys()], ['a']);
  t.deepEqual(sumOf(all.values()), { value: 6, atMs: 1, windowMs: 9 });
  t.is(sumOf([]), null);
});

const pod = (name: string, app: string, namespace = 'shop'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app } },
  spec: { containers: [] },
});
const pods = [pod('web-1', 'web'), pod('web-2', 'web'), pod('db-1', 'db'), pod('far', 'web', 'other')];

const table: readonly {
  readonly title: string;
  readonly object: Omit<KubeObject, 'metadata'>;
  readonly named?: string;
  readonly behind: readonly string[] | null;
}[] = [
  {
    title: 'a Service',
    object: { apiVersion: 'v1', kind: 'Service', spec: { selector: { app: 'web' } } },
    behind: ['web-1', 'web-2'],
  },
  {
    title: 'a Service without a selector',
    object: { apiVersion: 'v1', kind: 'Service', spec: {} },
    behind: [],
  },
  {
    title: 'a Deployment',
    object: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { selector: { matchLabels: { app: 'db' } } } },
    behind: ['db-1'],
  },
  {
    title: 'a ReplicationController',
    object: { apiVersion: 'v1', kind: 'ReplicationController', spec: { selector: { app: 'db' } } },
    behind: ['db-1'],
  },
  { title: 'a pod', object: { apiVersion: 'v1', kind: 'Pod' }, named: 'web-2', behind: ['web-2'] },
  { title: 'a namespace', object: { apiVersion: 'v1', kind: 'Namespace' }, named: 'other', behind: ['far'] },
  {
    title: 'an Ingress',
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', spec: {} },
    behind: null,
  },
];

for (const { title, object, named = 'x', behind } of table)
  test(`the pods behind ${title}`, (t) => {
    const metadata = object.kind === 'Namespace' ? { name: named } : { name: named, namespace: 'shop' };
    const whole = { ...object, metadata } as KubeObject;
    t.deepEqual(podsBehind(whole, pods)?.map((each) => each.metadata.name) ?? null, behind);
  });

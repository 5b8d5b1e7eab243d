import test from 'ava';
import type { NodeAgent, NodeAgents, PodMetric } from '../../api/node-agent.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { MetricSpec, Pod } from '../../schema/types.gen.ts';
import { type MetricSources, readMetric } from './read-metric.ts';

const metric = (pod: string, value: number, labels: Readonly<Record<string, string>> = {}): PodMetric => ({
  ...{ namespace: 'shop', pod, name: 'hits', labels, value, atMs: 5, windowMs: 30 },
});
const metrics = [metric('a', 0.0001, { code: '200' }), metric('a', 2, { code: '500' }), metric('b', 4)];
const agent: Pick<NodeAgent, 'podMetrics'> = {
  podMetrics: (name) => metrics.filter((each) => name === undefined || each.name === name),
};
const nodes = { agent: () => undefined, all: () => [agent] } as Pick<NodeAgents, 'agent'> & {
  all(): readonly Pick<NodeAgent, 'podMetrics'>[];
} as NodeAgents;
const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: { containers: [] },
});
const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'b', namespace: 'shop' },
  spec: { selector: { app: 'b' } },
};
const ingress: KubeObject = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'in' } };
const sources: MetricSources = {
  ...{ namespace: 'shop', usages: [], nodes, pods: [pod('a'), pod('b')] },
  described: new Map([
    ['/Service/b', service],
    ['networking.k8s.io/Ingress/in', ingress],
    ['/Service/gone', null],
  ]),
};
const target = { type: 'Value', value: '1' };
const ofObject = (describedObject: { apiVersion?: string; kind: string; name: string }): MetricSpec => ({
  type: 'Object',
  object: { describedObject, metric: { name: 'hits' }, target },
});

const table: readonly {
  readonly title: string;
  readonly metric: MetricSpec;
  readonly read: number | 'unavailable' | Readonly<Record<string, number>>;
}[] = [
  {
    title: 'of pods, added up for each, and never rounded to nothing',
    metric: { type: 'Pods', pods: { metric: { name: 'hits' }, target } },
    read: { a: 2001, b: 4000 },
  },
  {
    title: 'of pods, by labels',
    metric: {
      type: 'Pods',
      pods: { metric: { name: 'hits', selector: { matchLabels: { code: '200' } } }, target },
    },
    read: { a: 1 },
  },
  {
    title: 'of pods that do not tell it',
    metric: { type: 'Pods', pods: { metric: { name: 'misses' }, target } },
    read: {},
  },
  { title: 'of an object', metric: ofObject({ apiVersion: 'v1', kind: 'Service', name: 'b' }), read: 4000 },
  {
    title: 'of an object that is gone',
    metric: ofObject({ kind: 'Service', name: 'gone' }),
    read: 'unavailable',
  },
  {
    title: 'of an object without pods',
    metric: ofObject({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'in' }),
    read: 'unavailable',
  },
  {
    title: 'of somebody outside',
    metric: { type: 'External', external: { metric: { name: 'queue' }, target } },
    read: 'unavailable',
  },
];

for (const { title, metric: spec, read } of table)
  test(`a metric ${title}`, (t) => {
    const reading = readMetric(spec, sources);
    const found =
      reading.is === 'pods'
        ? Object.fromEntries([...reading.samples].map(([name, { milli }]) => [name, milli]))
        : reading.is === 'total'
          ? reading.valueMilli
          : reading.is;
    t.deepEqual(found, read);
  });

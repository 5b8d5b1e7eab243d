import type { NodeAgents, PodUsage } from '../../api/node-agent.ts';
import { podMetricsOf, podsBehind, sumByPod, sumOf } from '../../api/pod-metrics.ts';
import { type SelectorResult, selectorFromObject } from '../../schema/label-selector.ts';
import { groupOf, type KubeObject, type ObjectRef, refText } from '../../schema/object.ts';
import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  Pod,
} from '../../schema/types.gen.ts';
import type { Reading } from './proposal.ts';
import { resourceSamples, type Sample } from './samples.ts';

export type MetricSources = {
  readonly namespace: string;
  /** What the pods of all nodes use. */
  readonly usages: readonly PodUsage[];
  readonly nodes: NodeAgents;
  /** Of the namespace. */
  readonly pods: readonly Pod[];
  /** What `type: Object` metrics describe, by `describedKey`; null: it is not there. */
  readonly described: ReadonlyMap<string, KubeObject | null>;
};

/** What is known of a metric now, whatever its type. */
export function readMetric(metric: MetricSpec, of: MetricSources): Reading {
  const { type, resource, containerResource, pods, object } = metric;
  const source = resource ?? containerResource;
  if (source !== undefined) {
    const samples = resourceSamples(of.usages, {
      namespace: of.namespace,
      resource: source.name,
      container: containerResource?.container ?? null,
    });
    if (samples === null) return unavailable(`use of ${source.name} is not measured`);
    return { is: 'pods', samples };
  }
  if (pods !== undefined) return readPods(pods.metric, of);
  if (object !== undefined) return readObject(object.metric, object.describedObject, of);
  if (type === 'External')
    return unavailable(
      'metrics of type External come from outside of the cluster, and nothing here brings any',
    );
  return unavailable(`metrics of type ${type} are not known`);
}

/** Every pod that tells the metric, each what it tells. */
function readPods(metric: MetricIdentifier, { nodes, namespace }: MetricSources): Reading {
  const sums = sumsOf(metric, { nodes, namespace });
  if (sums === null) return unavailable('its selector cannot be read');
  const samples = new Map(
    [...sums].map(([pod, { value, atMs, windowMs }]): [string, Sample] => [
      pod,
      { milli: milliOf(value), atMs, windowMs },
    ]),
  );
  return { is: 'pods', samples };
}

/** What the pods behind the object tell, added up. */
function readObject(
  metric: MetricIdentifier,
  of: CrossVersionObjectReference,
  sources: MetricSources,
): Reading {
  const ref = describedRef(of, sources.namespace);
  const object = sources.described.get(describedKey(of)) ?? null;
  if (object === null) return unavailable(`there is no ${refText(ref)}`);
  const behind = podsBehind(object, sources.pods);
  if (behind === null) return unavailable(`a ${of.kind} has no pods that could tell it`);
  const sums = sumsOf(metric, sources);
  if (sums === null) return unavailable('its selector cannot be read');
  const total = sumOf(behind.flatMap(({ metadata }) => sums.get(metadata.name) ?? []));
  if (total === null) return unavailable(`no pod of ${refText(ref)} tells it`);
  return { is: 'total', valueMilli: milliOf(total.value) };
}

function sumsOf(
  metric: MetricIdentifier,
  { nodes, namespace }: Pick<MetricSources, 'nodes' | 'namespace'>,
): ReturnType<typeof sumByPod> | null {
  const read: SelectorResult =
    metric.selector === undefined ? { selector: [] } : selectorFromObject(metric.selector);
  if (read.error !== undefined) return null;
  return sumByPod(podMetricsOf(nodes, metric.name), {
    namespace,
    name: metric.name,
    selector: read.selector,
  });
}

/** Thousandths, rounded up as a Quantity is: what is there is never taken for nothing. */
function milliOf(value: number): number {
  return Math.ceil(value * 1_000);
}

export function describedKey({ apiVersion = '', kind, name }: CrossVersionObjectReference): string {
  return `${groupOf(apiVersion)}/${kind}/${name}`;
}

export function describedRef(
  { apiVersion = '', kind, name }: CrossVersionObjectReference,
  namespace: string,
): ObjectRef {
  return { group: groupOf(apiVersion), kind, namespace: kind === 'Namespace' ? '' : namespace, name };
}

function unavailable(why: string): Reading {
  return { is: 'unavailable', why };
}

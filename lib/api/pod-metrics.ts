import type { EpochMs } from '../base/clock.ts';
import { isObject } from '../base/json.ts';
import {
  matchesLabelSelector,
  matchesSelector,
  type Selector,
  selectorFromLabels,
} from '../schema/label-selector.ts';
import { groupOf, type KubeObject } from '../schema/object.ts';
import type { LabelSelector, Pod } from '../schema/types.gen.ts';
import { isApiError } from './api-error.ts';
import type { NodeAgents, PodMetric } from './node-agent.ts';

/** What pods say of one metric, put together. */
export type MetricSum = { readonly value: number; readonly atMs: EpochMs; readonly windowMs: number };

/** What all nodes know of a metric of pods; of a node that does not answer, nothing. */
export function podMetricsOf(nodes: NodeAgents, name?: string): readonly PodMetric[] {
  return nodes.all().flatMap((node) => {
    try {
      return node.podMetrics?.(name) ?? [];
    } catch (failure) {
      if (!isApiError(failure)) throw failure;
      return [];
    }
  });
}

/**
 * By pod name, of one namespace: its values of the metric added up, those whose labels the selector matches. The oldest of them says
 * how old the sum is.
 */
export function sumByPod(
  metrics: readonly PodMetric[],
  of: { readonly namespace: string; readonly name: string; readonly selector: Selector },
): ReadonlyMap<string, MetricSum> {
  const sums = new Map<string, MetricSum>();
  for (const { namespace, pod, name, labels, ...value } of metrics) {
    if (namespace !== of.namespace || name !== of.name || !matchesSelector(of.selector, labels)) continue;
    const before = sums.get(pod);
    sums.set(pod, before === undefined ? value : added(before, value));
  }
  return sums;
}

/** null: of nothing. */
export function sumOf(sums: Iterable<MetricSum>): MetricSum | null {
  let total: MetricSum | null = null;
  for (const sum of sums) total = total === null ? sum : added(total, sum);
  return total;
}

function added(a: MetricSum, b: MetricSum): MetricSum {
  return {
    value: a.value + b.value,
    atMs: Math.min(a.atMs, b.atMs),
    windowMs: Math.max(a.windowMs, b.windowMs),
  };
}

/**
 * The pods whose metrics are taken for an object's own: those that a Service or a workload selects, all of a namespace. null: of a kind
 * that has none.
 */
export function podsBehind(object: KubeObject, pods: readonly Pod[]): readonly Pod[] | null {
  const kind = `${groupOf(object.apiVersion)}/${object.kind}`;
  const { name, namespace } = object.metadata;
  const around = pods.filter(
    ({ metadata }) => metadata.namespace === (kind === '/Namespace' ? name : namespace),
  );
  if (kind === '/Namespace') return around;
  if (kind === '/Pod') return around.filter(({ metadata }) => metadata.name === name);
  const selector = isObject(object.spec) ? object.spec.selector : undefined;
  if (kind === '/Service' || kind === '/ReplicationController') {
    const plain = selectorFromLabels(
      isObject(selector) ? (selector as Readonly<Record<string, string>>) : {},
    );
    return around.filter(({ metadata }) => matchesSelector(plain, metadata.labels));
  }
  if (!/^(?:apps|batch)\//.test(kind) || !isObject(selector)) return null;
  return around.filter(({ metadata }) => matchesLabelSelector(selector as LabelSelector, metadata.labels));
}

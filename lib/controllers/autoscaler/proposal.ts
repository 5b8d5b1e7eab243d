import { assertNever } from '../../base/errors.ts';
import { isPodReady } from '../../schema/pod-conditions.ts';
import { formatQuantity, quantityFromMillis, quantityToMillis } from '../../schema/quantity.ts';
import type {
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  Pod,
} from '../../schema/types.gen.ts';
import { groupPods, type StartPeriods } from './pod-groups.ts';
import { podRequestsOf } from './pod-requests.ts';
import { type PodMeasure, replicasByPods } from './replicas-by-pods.ts';
import { replicasByAverage, replicasByValue } from './replicas-by-total.ts';
import type { Samples } from './samples.ts';
import type { Tolerance } from './tolerance.ts';

/** What is known of a metric now. */
export type Reading =
  | { readonly is: 'pods'; readonly samples: Samples }
  | { readonly is: 'total'; readonly valueMilli: number }
  /** Nothing is, and `why` says why, plainly. */
  | { readonly is: 'unavailable'; readonly why: string };

/** What one metric asks for, or why it cannot. `reason` e.g. FailedGetResourceMetric. */
export type Proposal =
  | { readonly ok: true; readonly replicas: number; readonly metric: string; readonly status: MetricStatus }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** What a metric is judged by. */
export type Scene = {
  /** Of the target, by its selector. */
  readonly pods: readonly Pod[];
  readonly currentReplicas: number;
  /** What the target says it has. */
  readonly statusReplicas: number;
  readonly tolerance: Tolerance;
  readonly now: number;
  readonly periods?: StartPeriods;
};

export function proposalOf(metric: MetricSpec, reading: Reading, scene: Scene): Proposal {
  const reason = `FailedGet${metric.type}Metric`;
  const { target, name } = targetOf(metric);
  if (target === null) return failure('InvalidMetricSourceType', `${metric.type} is no type of metric`);
  if (reading.is === 'unavailable') return failure(reason, `${name}: ${reading.why}`);
  if (scene.pods.length === 0) return failure(reason, `${name}: the target has no pods`);
  switch (reading.is) {
    case 'pods':
      return byPods(metric, { target, name, reason, samples: reading.samples }, scene);
    case 'total':
      return byTotal(metric, { target, name, valueMilli: reading.valueMilli }, scene);
    default:
      return assertNever(reading);
  }
}

function failure(reason: string, message: string): Proposal {
  return { ok: false, reason, message };
}

/** What the metric is called for people, and what it is held against. */
function targetOf(metric: MetricSpec): { readonly target: MetricTarget | null; readonly name: string } {
  const { resource, containerResource, pods, object, external } = metric;
  if (resource !== undefined) return { target: resource.target, name: resource.name };
  if (containerResource !== undefined)
    return {
      target: containerResource.target,
      name: `${containerResource.name} of ${containerResource.container}`,
    };
  const other = pods ?? object ?? external;
  return { target: other?.target ?? null, name: other?.metric.name ?? '' };
}

function byPods(
  metric: MetricSpec,
  of: {
    readonly target: MetricTarget;
    readonly name: string;
    readonly reason: string;
    readonly samples: Samples;
  },
  scene: Scene,
): Proposal {
  const source = metric.resource ?? metric.containerResource;
  const resource = source?.name ?? null;
  const { now, periods } = scene;
  const groups = groupPods(scene.pods, of.samples, { resource, now, ...(periods && { periods }) });
  const measure = measureOf(of.target, scene.pods, {
    resource: resource ?? '',
    container: metric.containerResource?.container ?? null,
  });
  if ('why' in measure) return failure(of.reason, `${of.name}: ${measure.why}`);
  const amounts = new Map([...of.samples].map(([pod, { milli }]) => [pod, milli]));
  const { currentReplicas, tolerance } = scene;
  const result = replicasByPods(measure, { amounts, groups, currentReplicas, tolerance });
  if (result === null)
    return failure(of.reason, `${of.name}: no pod that is ready has told yet what it uses`);
  const { utilizationPercent, averageMilli } = result;
  const current = {
    ...(utilizationPercent !== null && { averageUtilization: utilizationPercent }),
    averageValue: formatQuantity(quantityFromMillis(averageMilli)),
  };
  return { ok: true, replicas: result.replicas, metric: of.name, status: statusOf(metric, current) };
}

function measureOf(
  target: MetricTarget,
  pods: readonly Pod[],
  of: { readonly resource: string; readonly container: string | null },
): PodMeasure | { readonly why: string } {
  if (target.averageValue !== undefined)
    return { by: 'average', targetMilli: quantityToMillis(target.averageValue) };
  if (target.averageUtilization === undefined) return { why: 'the target names no amount' };
  const requests = podRequestsOf(pods, of);
  if ('missingIn' in requests)
    return { why: `there is no request for ${of.resource} in ${requests.missingIn}` };
  return { by: 'utilization', targetPercent: target.averageUtilization, requests };
}

function byTotal(
  metric: MetricSpec,
  of: { readonly target: MetricTarget; readonly name: string; readonly valueMilli: number },
  { pods, currentReplicas, statusReplicas, tolerance }: Scene,
): Proposal {
  const { target, name, valueMilli } = of;
  if (target.value !== undefined) {
    const readyPods = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
    const targetMilli = quantityToMillis(target.value);
    const replicas = replicasByValue({ valueMilli, targetMilli, currentReplicas, readyPods, tolerance });
    const value = formatQuantity(quantityFromMillis(valueMilli));
    return { ok: true, replicas, metric: name, status: statusOf(metric, { value }) };
  }
  const targetMilli = quantityToMillis(target.averageValue ?? 0);
  const { replicas, averageMilli } = replicasByAverage({
    valueMilli,
    targetMilli,
    statusReplicas,
    tolerance,
  });
  const averageValue = formatQuantity(quantityFromMillis(averageMilli));
  return { ok: true, replicas, metric: name, status: statusOf(metric, { averageValue }) };
}

function statusOf(metric: MetricSpec, current: MetricValueStatus): MetricStatus {
  const { type, resource, containerResource, pods, object, external } = metric;
  if (resource !== undefined) return { type, resource: { name: resource.name, current } };
  if (containerResource !== undefined) {
    const { name, container } = containerResource;
    return { type, containerResource: { name, container, current } };
  }
  if (pods !== undefined) return { type, pods: { metric: pods.metric, current } };
  if (object !== undefined)
    return { type, object: { metric: object.metric, describedObject: object.describedObject, current } };
  return { type, ...(external !== undefined && { external: { metric: external.metric, current } }) };
}

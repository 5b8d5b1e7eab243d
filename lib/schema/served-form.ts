import { isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { AUTOSCALER_BEHAVIOR, AUTOSCALER_METRICS } from './conversions/autoscaling-conversions.ts';
import type { KubeObject } from './object.ts';

/**
 * An object, in its stored version, as it is served in another one. The versions that are served today have one shape, but for those
 * named here: autoscaling/v1, which knows one metric, and events.k8s.io, which has other names for the same things.
 */
export function servedForm(object: KubeObject, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  switch (`${apiVersion}/${object.kind}`) {
    case 'autoscaling/v1/HorizontalPodAutoscaler':
      return autoscalerV1(object);
    case 'events.k8s.io/v1/Event':
      return eventV1(object);
    default:
      return { ...object, apiVersion };
  }
}

/** What v1 has no field for stands in annotations, so that an object that is read, changed and written loses nothing. */
function autoscalerV1(object: KubeObject): KubeObject {
  const { metrics, behavior, ...spec } = member(object, 'spec');
  const others = (isArray(metrics) ? metrics : []).filter((metric) => !isCpuTarget(metric));
  const kept = {
    ...(others.length > 0 && { [AUTOSCALER_METRICS]: JSON.stringify(others) }),
    ...(behavior !== undefined && { [AUTOSCALER_BEHAVIOR]: JSON.stringify(behavior) }),
  };
  const { annotations } = object.metadata;
  const metadata =
    Object.keys(kept).length === 0
      ? object.metadata
      : { ...object.metadata, annotations: { ...annotations, ...kept } };
  const status = member(object, 'status');
  const target = cpuOf(metrics, 'target');
  const current = cpuOf(status.currentMetrics, 'current');
  const { observedGeneration, lastScaleTime, currentReplicas = 0, desiredReplicas = 0 } = status;
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { ...spec, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
    status: {
      currentReplicas,
      desiredReplicas,
      ...(observedGeneration !== undefined && { observedGeneration }),
      ...(lastScaleTime !== undefined && { lastScaleTime }),
      ...(current !== undefined && { currentCPUUtilizationPercentage: current }),
    },
  };
}

/** The one metric that v1 has a field for. */
function isCpuTarget(metric: JsonValue): boolean {
  return cpuOf([metric], 'target') !== undefined;
}

/** The percentage of CPU among metrics (`target`) or their readings (`current`). */
function cpuOf(metrics: JsonValue | undefined, side: 'target' | 'current'): JsonValue | undefined {
  for (const metric of isArray(metrics) ? metrics : []) {
    const resource = isObject(metric) ? member(metric, 'resource') : {};
    if (resource.name === 'cpu') return member(resource, side).averageUtilization;
  }
  return undefined;
}

function eventV1(object: KubeObject): KubeObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, ...same } = object;
  const { reportingComponent, reportingInstance, ...rest } = same;
  const component = reportingComponent || member(object, 'source').component;
  return {
    ...rest,
    kind: object.kind,
    metadata: object.metadata,
    apiVersion: 'events.k8s.io/v1',
    ...(involvedObject !== undefined && { regarding: involvedObject }),
    ...(message !== undefined && { note: message }),
    ...(source !== undefined && { deprecatedSource: source }),
    ...(firstTimestamp !== undefined && { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp !== undefined && { deprecatedLastTimestamp: lastTimestamp }),
    ...(count !== undefined && { deprecatedCount: count }),
    ...(component && { reportingController: component }),
    ...(reportingInstance && { reportingInstance }),
  };
}

function member(of: JsonObject, name: string): JsonObject {
  const value = of[name];
  return isObject(value) ? value : {};
}
